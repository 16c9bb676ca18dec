//! What expires: the report by role, its file, the thresholds, and what midnight changes by itself.

use std::sync::{Arc, Mutex};

use officine_protocol::{Uid, entities::PRODUCT_BATCH};
use officine_till::views::{
    ChooseLotArgs, ExpiriesArgs, ExpiryReport, Notice, Nudge, SearchArgs, SettingsView, Standing, Topic,
};

use crate::support::{DAY, MINUTE, Shop, lots};

const CODE: &str = "2000000000015";

/// The clock stands at nine in the morning of 20 November 2026.
fn stocked() -> (Shop, Uid) {
    let shop = Shop::open();
    let units = [("boîte", 30, Some(9_000)), ("plaquette", 10, Some(3_300))];
    let product = shop.hub.product_in_units("Zinc", CODE, &units);
    let costs = |record: &mut officine_protocol::record::Record| {
        record.set(&PRODUCT_BATCH, "pack_cost", 6_000).set(&PRODUCT_BATCH, "pack_size", 30);
    };
    shop.hub.lot_with(product, "PASSE", Some("2026-11-19"), 30, costs);
    shop.hub.lot_with(product, "JOUR", Some("2026-11-20"), 40, costs);
    shop.hub.lot(product, "TARD", Some("2027-01-10"), 60);
    shop.hub.lot(product, "LOIN", Some("2028-01-01"), 60);
    shop.hub.lot(product, "VIDE", Some("2026-11-25"), 0);
    shop.sync();
    (shop, product)
}

fn report(shop: &Shop) -> ExpiryReport {
    shop.till.expiries(&ExpiriesArgs::default()).unwrap()
}

fn numbers(report: &ExpiryReport) -> Vec<(&str, i64)> {
    report.rows.iter().map(|row| (row.lot_number.as_str(), row.days_left)).collect()
}

fn hear(shop: &Shop) -> Arc<Mutex<Vec<Vec<Topic>>>> {
    let heard = Arc::<Mutex<Vec<Vec<Topic>>>>::default();
    let ears = Arc::clone(&heard);
    shop.till.listen(move |notice| {
        if let Notice::Changed { topics } = notice {
            ears.lock().unwrap().push(topics.clone());
        }
    });
    heard
}

fn with_thresholds(shop: &Shop, days: &[u32]) -> officine_till::Result<SettingsView> {
    let settings = shop.till.settings().unwrap();
    shop.till.save_settings(&SettingsView { expiry_thresholds: days.to_vec(), ..settings })
}

#[test]
fn the_report_says_what_expires_in_boxes_and_francs() {
    let (shop, product) = stocked();
    let report = report(&shop);
    assert_eq!(
        numbers(&report),
        [("PASSE", -1), ("JOUR", 0), ("TARD", 51)],
        "the empty and the far lots are not in it"
    );
    let bands: Vec<_> = report.bands.iter().map(|band| (band.days, band.totals.lots)).collect();
    assert_eq!(bands, [(None, 1), (Some(30), 1), (Some(60), 1), (Some(90), 0)]);
    let row = &report.rows[1];
    assert_eq!(
        (row.quantity_text.as_str(), row.at_price, row.product.clone()),
        ("1 bt + 1 pl", Some(12_000), product.to_string())
    );
    let only = shop.till.expiries(&ExpiriesArgs { days: Some(30), ..ExpiriesArgs::default() }).unwrap();
    assert_eq!(only.total.lots, 2);
}

#[test]
fn costs_are_for_those_who_may_see_them() {
    let (shop, _) = stocked();
    for role in ["cashier", "pharmacist"] {
        shop.sign_in(role);
        let seen = report(&shop);
        assert!(
            !seen.cost_shown && seen.total.at_cost.is_none() && seen.rows.iter().all(|row| row.at_cost.is_none()),
            "{role}"
        );
    }
    for role in ["manager", "owner"] {
        shop.sign_in(role);
        let seen = report(&shop);
        assert_eq!((seen.total.at_cost, seen.total.uncosted), (Some(14_000), Some(1)), "{role}");
    }
    shop.till.sign_out();
    assert!(!report(&shop).cost_shown);
}

#[test]
fn the_file_holds_what_the_screen_shows() {
    let (shop, _) = stocked();
    let path = shop.dir.path().join("périmés.csv");
    let file = shop.till.export_expiries(&ExpiriesArgs { band: Some(0), ..ExpiriesArgs::default() }, &path).unwrap();
    assert_eq!((file.rows, shop.till.expiries_file_name().unwrap().as_str()), (1, "perimes-2026-11-20.csv"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.lines().count() == 2 && text.contains(";PASSE;2026-11-19;-1;30;1;9000;"), "{text}");
    let nowhere = shop.dir.path().join("absent").join("f.csv");
    let error = shop.till.export_expiries(&ExpiriesArgs::default(), &nowhere).unwrap_err().problem();
    assert_eq!(error.code, "file_unwritable");
    let long = ExpiriesArgs { text: "x".repeat(101), ..ExpiriesArgs::default() };
    assert_eq!(shop.till.expiries(&long).unwrap_err().code(), "field_invalid");
}

#[test]
fn the_thresholds_are_a_setting_and_bad_ones_are_refused_by_name() {
    let (shop, _) = stocked();
    assert_eq!(with_thresholds(&shop, &[7]).unwrap_err().code(), "forbidden");
    shop.sign_in("manager");
    for wrong in [&[][..], &[60, 30], &[30, 30], &[0], &[4_000]] {
        assert_eq!(with_thresholds(&shop, wrong).unwrap_err().code(), "expiry_thresholds_invalid", "{wrong:?}");
    }
    assert_eq!(with_thresholds(&shop, &[7, 400]).unwrap().expiry_thresholds, [7, 400]);
    let bands: Vec<_> = report(&shop).bands.iter().map(|band| (band.days, band.totals.lots)).collect();
    assert_eq!(bands, [(None, 1), (Some(7), 1), (Some(400), 1)]);
    shop.db().execute("UPDATE setting SET value = '\"soon\"' WHERE name = 'stock.expiryThresholds'", []).unwrap();
    let error = shop.till.expiries(&ExpiriesArgs::default()).unwrap_err();
    assert_eq!(error.code(), "expiry_thresholds_invalid", "what cannot be read is not replaced in silence");
    with_thresholds(&shop, &[30]).unwrap();
    assert_eq!(report(&shop).bands.len(), 2, "and a manager mends it");
}

#[test]
fn midnight_changes_what_may_be_sold_and_says_so() {
    let (shop, product) = stocked();
    assert_eq!(lots(&shop.add_unit(product, 1, Some(0)), 0), [("JOUR".to_owned(), 30)], "its last day is still good");
    shop.clock.advance(15 * 60 * MINUTE - 1);
    let heard = hear(&shop);
    assert!(!shop.till.look_at_day(), "one millisecond before midnight");
    shop.clock.advance(1);
    assert!(shop.till.look_at_day());
    assert!(!shop.till.look_at_day(), "told once");
    let told = heard.lock().unwrap().clone();
    assert_eq!(told.len(), 1);
    assert!([Topic::Cart, Topic::Stock].iter().all(|topic| told[0].contains(topic)));
    assert_eq!(lots(&shop.till.cart().unwrap(), 0), [("TARD".to_owned(), 30)]);
    let hit = &shop.till.search_products(&SearchArgs { text: "zinc".into(), limit: 5 }).unwrap()[0];
    assert_eq!((hit.sellable, hit.lot_number.as_str()), (120, "TARD"));
    assert_eq!(numbers(&report(&shop))[..2], [("PASSE", -2), ("JOUR", -1)]);
    assert_eq!(report(&shop).bands[0].totals.lots, 2);
}

#[test]
fn a_lot_that_expires_in_the_cart_keeps_it_from_being_paid() {
    let shop = Shop::open();
    let product = shop.hub.product("Insuline", CODE, Some(140_000));
    let last = shop.hub.lot(product, "FIN", Some("2026-11-20"), 5);
    shop.sync();
    shop.add(product, 2);
    assert!(shop.till.cart().unwrap().blocker.is_none());
    shop.clock.advance(DAY);
    shop.till.look_at_day();
    let cart = shop.till.cart().unwrap();
    assert_eq!(cart.blocker.unwrap().code, "lot_expired");
    assert!(matches!(&cart.lines[0].nudge, Some(Nudge::Expired { lot_number, .. }) if lot_number == "FIN"));
    assert_eq!(shop.try_sell().unwrap_err().code(), "lot_expired");
    assert_eq!(
        shop.till.search_products(&SearchArgs { text: "insu".into(), limit: 5 }).unwrap()[0].standing,
        Standing::Withheld
    );
    assert_eq!(shop.quantity(last), 5);
    shop.assert_sound();
}

#[test]
fn a_lot_somebody_chose_is_not_replaced_by_another_in_silence() {
    let (shop, product) = stocked();
    let cart = shop.add_unit(product, 1, Some(0));
    let batch = cart.lines[0].lots[0].batch.clone();
    shop.till.choose_lot(&ChooseLotArgs { line: 1, batch: Some(batch), reason: "demande".into() }).unwrap();
    shop.clock.advance(DAY);
    let cart = shop.till.cart().unwrap();
    assert!(matches!(&cart.lines[0].nudge, Some(Nudge::Expired { lot_number, .. }) if lot_number == "JOUR"));
    assert_eq!(shop.try_sell().unwrap_err().code(), "lot_expired");
    shop.till.choose_lot(&ChooseLotArgs { line: 1, batch: None, reason: String::new() }).unwrap();
    shop.sell();
}

#[test]
fn a_clock_set_back_makes_sellable_again_what_has_not_expired() {
    let (shop, product) = stocked();
    shop.clock.advance(3 * DAY);
    assert!(shop.till.look_at_day(), "a machine that slept for three days");
    let heard = hear(&shop);
    shop.clock.advance(-3 * DAY);
    assert!(shop.till.look_at_day());
    assert_eq!(heard.lock().unwrap().len(), 1);
    assert_eq!(lots(&shop.add_unit(product, 1, Some(0)), 0), [("JOUR".to_owned(), 30)]);
}

#[test]
fn the_day_is_watched_while_the_till_is_open() {
    let (shop, _) = stocked();
    let (told, hears) = std::sync::mpsc::channel();
    shop.till.listen(move |notice| {
        if matches!(notice, Notice::Changed { .. }) {
            let _ = told.send(());
        }
    });
    let watch = shop.till.watch_day().unwrap();
    shop.clock.advance(DAY);
    hears.recv().unwrap();
    drop(shop);
    watch.join().unwrap();
}

#[test]
fn news_are_told_once_a_day_and_a_restart_does_not_repeat_them() {
    let (shop, _) = stocked();
    let summary = |shop: &Shop| shop.till.expiry_summary().unwrap();
    let lots = |shop: &Shop| summary(shop).news.iter().map(|news| (news.days, news.lots)).collect::<Vec<_>>();
    shop.till.sign_out();
    assert_eq!(summary(&shop).due, 2);
    assert_eq!(lots(&shop), [(None, 1), (Some(30), 1), (Some(60), 1)]);
    assert!(shop.till.tell_expiries().unwrap());
    assert!(!shop.till.tell_expiries().unwrap());
    let shop = shop.reopen();
    assert!(lots(&shop).is_empty() && !shop.till.tell_expiries().unwrap());
    shop.clock.advance(DAY);
    assert_eq!(lots(&shop), [(None, 1)], "the lot whose last day was yesterday");
    shop.clock.advance(-DAY);
    assert!(lots(&shop).is_empty(), "set back over midnight");
    shop.clock.advance(2 * DAY);
    assert!(shop.till.tell_expiries().unwrap());
    assert!(lots(&shop).is_empty());
}
