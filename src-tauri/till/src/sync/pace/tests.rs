use officine_protocol::params;

use super::*;

const ON: Wants = Wants { auto: true, on_reconnect: true };

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// A till that has run well a second after it began.
fn running() -> Pace {
    let mut pace = Pace::default();
    assert_eq!(pace.next(ON, at(0.0)), Next::Run(Trigger::Background), "the first run waits for nothing");
    pace.ended(Outcome::Well, at(1.0), 0.0);
    pace
}

fn failed(outcome: Outcome) -> Pace {
    let mut pace = running();
    pace.ended(outcome, at(10.0), 1.0);
    pace
}

#[test]
fn a_sale_runs_at_once_a_change_after_a_pause_and_together_they_are_one_run() {
    let mut pace = running();
    pace.ask(Trigger::Change, at(5.0));
    assert_eq!(pace.next(ON, at(5.0)), Next::Wait(DEBOUNCE));
    pace.ask(Trigger::Change, at(7.0));
    assert_eq!(pace.next(ON, at(8.0)), Next::Run(Trigger::Change), "not put off for ever");
    pace.ended(Outcome::Well, at(8.5), 0.0);
    assert_eq!(pace.next(ON, at(8.5)), Next::Wait(BACKGROUND), "the second came along");
    pace.ask(Trigger::Change, at(9.0));
    pace.ask(Trigger::Sale, at(9.5));
    assert_eq!(pace.next(ON, at(9.5)), Next::Run(Trigger::Sale));
    pace.ended(Outcome::Well, at(10.0), 0.0);
    assert_eq!(pace.next(ON, at(12.0)), Next::Wait(at(58.0)), "the change came along");
    assert_eq!(pace.next(ON, at(70.0)), Next::Run(Trigger::Background));
}

#[test]
fn without_automatic_sync_only_what_a_person_asks_for_runs() {
    let off = Wants { auto: false, on_reconnect: true };
    let mut pace = Pace::default();
    for trigger in [Trigger::Background, Trigger::Change, Trigger::Reconnect, Trigger::Sale] {
        pace.ask(trigger, at(1.0));
        assert_eq!(pace.next(off, at(100.0)), Next::Wait(BACKGROUND), "{trigger:?}");
    }
    pace.ask(Trigger::Manual, at(101.0));
    assert_eq!(pace.next(off, at(101.0)), Next::Run(Trigger::Manual));
    pace.ended(Outcome::Offline, at(102.0), 0.0);
    assert_eq!(pace.next(off, at(1_000.0)), Next::Wait(BACKGROUND), "a failure is not repeated by itself either");
}

#[test]
fn a_hub_out_of_reach_is_tried_for_ever_ever_less_often() {
    let (mut pace, mut now, mut waits) = (running(), at(10.0), Vec::new());
    for _ in 0..200 {
        pace.ended(Outcome::Offline, now, 1.0);
        let Next::Wait(wait) = pace.next(ON, now) else { panic!("it hammers") };
        waits.push(wait.as_secs());
        now += wait;
        assert!(matches!(pace.next(ON, now), Next::Run(Trigger::Reconnect | Trigger::Background)));
    }
    assert_eq!(waits[..7], [2, 4, 8, 16, 32, 60, 60]);
    assert!(waits[7..].iter().all(|wait| *wait == 60));
    pace.ended(Outcome::Well, now, 1.0);
    pace.ended(Outcome::Offline, now, 0.0);
    assert_eq!(pace.next(ON, now), Next::Wait(FIRST_RETRY / 2), "the count starts anew, and chance spreads it");
}

#[test]
fn without_sync_on_reconnect_a_lost_hub_is_looked_for_at_the_regular_pace() {
    let off = Wants { auto: true, on_reconnect: false };
    let mut pace = failed(Outcome::Offline);
    assert_eq!(pace.next(off, at(12.0)), Next::Wait(at(58.0)));
    assert_eq!(pace.next(ON, at(12.0)), Next::Run(Trigger::Reconnect));
    let mut pace = failed(Outcome::Failed);
    assert_eq!(pace.next(off, at(12.0)), Next::Run(Trigger::Background), "it was not offline");
}

#[test]
fn a_sale_tries_a_lost_hub_sooner_but_not_without_pause() {
    let mut pace = running();
    for _ in 0..6 {
        pace.ended(Outcome::Offline, at(10.0), 1.0);
    }
    pace.ask(Trigger::Sale, at(10.5));
    assert_eq!(pace.next(ON, at(10.5)), Next::Wait(at(1.5)));
    assert_eq!(pace.next(ON, at(12.0)), Next::Run(Trigger::Sale));
}

#[test]
fn what_the_hub_says_of_the_time_is_heeded_by_all_but_a_person() {
    let mut pace = failed(Outcome::Later(at(120.0)));
    pace.ask(Trigger::Sale, at(11.0));
    assert_eq!(pace.next(ON, at(129.0)), Next::Wait(at(3.0)), "neither the sale nor the regular run");
    assert_eq!(pace.next(ON, at(132.0)), Next::Run(Trigger::Sale));
    let mut pace = failed(Outcome::Later(at(120.0)));
    pace.ask(Trigger::Manual, at(11.0));
    assert_eq!(pace.next(ON, at(11.0)), Next::Run(Trigger::Manual));
}

#[test]
fn a_till_that_is_revoked_or_too_old_does_not_hammer() {
    for code in ["device_revoked", "device_unknown", "till_too_old", "hub_too_old", "hub_other_history"] {
        let problem = Problem { code: code.to_owned(), params: params!() };
        let mut pace = failed(Outcome::of(Some(&problem)));
        pace.ask(Trigger::Sale, at(11.0));
        assert_eq!(pace.next(ON, at(11.0)), Next::Wait(REFUSED - at(1.0)), "{code}");
        assert_eq!(pace.next(ON, at(611.0)), Next::Run(Trigger::Sale), "{code}: it asks again some day");
    }
}

#[test]
fn problems_are_told_apart() {
    let of = |code: &str, params| Outcome::of(Some(&Problem { code: code.to_owned(), params }));
    assert_eq!(Outcome::of(None), Outcome::Well);
    assert_eq!(of("hub_unreachable", params! { hub: "x" }), Outcome::Offline);
    assert_eq!(of("hub_busy", params! { seconds: 7 }), Outcome::Later(at(7.0)));
    assert_eq!(of("too_many_requests", params! { seconds: 99_999_999 }), Outcome::Later(at(3_600.0)));
    assert_eq!(of("hub_refused", params! { status: 502 }), Outcome::Failed);
}

#[test]
fn a_pull_is_held_on_a_good_link_only_and_comes_back() {
    let mut holding = Holding::default();
    for poor in [Network::Poor, Network::Offline, Network::Unknown] {
        assert_eq!(holding.rest(ON, poor, at(1.0)), Some(BACKGROUND), "{poor:?}");
    }
    assert_eq!(holding.rest(ON, Network::Good, at(1.0)), None);
    let off = Wants { auto: false, on_reconnect: true };
    assert_eq!(holding.rest(off, Network::Good, at(1.0)), Some(BACKGROUND));
    holding.ended(Outcome::Offline, at(2.0), 1.0);
    assert_eq!(holding.rest(ON, Network::Good, at(2.0)), Some(FIRST_RETRY));
    assert_eq!(holding.rest(ON, Network::Good, at(4.0)), None);
    holding.ended(Outcome::Later(at(60.0)), at(5.0), 0.0);
    assert_eq!(holding.rest(ON, Network::Good, at(5.0)), Some(at(60.0)), "too many wait at the hub");
    holding.ran_well(at(6.0));
    assert_eq!(holding.rest(ON, Network::Good, at(6.0)), Some(at(59.0)), "as was said");
    holding.ended(Outcome::Refused, at(65.0), 1.0);
    assert_eq!(holding.rest(ON, Network::Good, at(65.0)), Some(REFUSED));
    holding.ran_well(at(66.0));
    assert_eq!(holding.rest(ON, Network::Good, at(66.0)), None, "a person did something");
    holding.ended(Outcome::Well, at(66.0), 0.0);
    assert_eq!(holding.rest(ON, Network::Good, at(66.0)), None);
}
