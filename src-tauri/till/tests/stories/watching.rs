//! What the sync tells of itself: its last run, its day by hour, both sides beside one another, and no secret.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use officine_protocol::Uid;
use officine_till::{
    log,
    views::{Notice, SettingsView},
};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{MINUTE, Shop};

fn stocked() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    shop.hub.lot(product, "A", Some("2027-12-31"), 20);
    shop.sync();
    (shop, product)
}

#[test]
fn the_last_run_and_the_day_by_hour_are_kept_over_a_restart() {
    let (shop, product) = stocked();
    shop.clock.advance(90 * MINUTE);
    shop.add(product, 1);
    shop.sell();
    shop.hub.lose_answers(1);
    shop.sync();
    let shop = shop.reopen();
    let last = shop.till.sync_state().unwrap().last_run.unwrap();
    assert_eq!(last.report.problem.unwrap().code, "hub_unreachable");
    let day = shop.till.sync_activity().unwrap();
    let now = day.hours.last().unwrap();
    assert_eq!((day.hours.len(), now.runs, now.failed), (24, 1, 1));
    assert!(day.total.runs > 1 && day.total.down > 0, "the first reading was within the day");
    shop.sync();
    let day = shop.till.sync_activity().unwrap();
    assert_eq!((day.total.failed, day.hours.last().unwrap().up), (1, 1));
}

#[test]
fn the_diagnostic_shows_this_side_while_the_hub_is_silent_and_what_waits_to_be_born_there() {
    let (shop, product) = stocked();
    shop.add(product, 1);
    shop.sell();
    shop.hub.fall_silent();
    let view = shop.till.diagnostic().unwrap();
    assert_eq!(view.hub_problem.unwrap().code, "hub_unreachable");
    let sales = view.rows.iter().find(|row| row.entity == "sale").unwrap();
    assert_eq!((sales.here, sales.hub, sales.waiting), (1, None, 1));
    assert!(view.hub_standing.is_none() && view.undeclared.is_empty() && view.missing.is_empty());
    assert!(view.log_file.ends_with(log::FILE) && view.incarnation.len() == 8);
}

#[test]
fn a_run_that_is_stopped_ends_before_its_next_request_and_the_next_one_goes_on() {
    let (shop, product) = stocked();
    shop.add(product, 1);
    shop.sell();
    let till = Arc::downgrade(&shop.till);
    let stop = Arc::new(AtomicBool::new(true));
    let stops = stop.clone();
    shop.till.listen(move |notice| {
        let Notice::SyncProgress { progress } = notice else { return };
        if progress.step == "check" && stops.swap(false, Ordering::Relaxed) {
            till.upgrade().unwrap().cancel_sync();
        }
    });
    let sent = shop.hub.sent().len();
    assert_eq!(shop.sync().problem.unwrap().code, "sync_cancelled");
    assert_eq!((shop.hub.sent().len(), shop.till.sync_state().unwrap().queue.waiting), (sent, 1));
    assert_eq!((shop.sync().accepted, stop.load(Ordering::Relaxed)), (1, false));
}

#[test]
fn verbose_tracing_is_this_tills_own_choice_and_outlives_a_restart() {
    let shop = Shop::open();
    let settings = shop.till.settings().unwrap();
    assert!(!settings.verbose);
    shop.till.save_settings(&SettingsView { verbose: true, ..settings }).unwrap();
    assert_eq!(shop.sync().processed, 0, "nothing of it goes up");
    assert!(shop.reopen().till.settings().unwrap().verbose);
}

/// What was logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn the_log_that_says_everything_says_what_the_sync_does_and_no_secret() {
    let kept = Kept::default();
    let verbose =
        tracing_subscriber::fmt().with_writer(kept.clone()).with_env_filter(log::filter("info", true)).finish();
    let device = tracing::subscriber::with_default(verbose, || {
        let (shop, product) = stocked();
        shop.add(product, 1);
        shop.sell();
        shop.sync();
        shop.till.device().unwrap()
    });
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(said.contains("the sync ended") && said.contains("syncing"), "{said}");
    for secret in [device.token.as_str(), device.pin_secret.as_str()] {
        assert!(!secret.is_empty() && !said.contains(secret));
    }
    assert!(!said.contains("argon2"), "no hash of a PIN");
}
