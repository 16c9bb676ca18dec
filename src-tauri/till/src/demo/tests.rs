//! The demo pharmacy, looked at as a cashier and as a machine would.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::*;
use crate::import::barcode::{check_digit_holds, kind};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn demo() -> DemoPharmacy {
    pharmacy(1, today())
}

fn lots(pharmacy: &DemoPharmacy) -> impl Iterator<Item = (&DemoProduct, &DemoLot)> {
    pharmacy.products.iter().flat_map(|product| product.lots.iter().map(move |lot| (product, lot)))
}

fn days_left(lot: &DemoLot) -> Option<i64> {
    lot.expiry.map(|expiry| (expiry - today()).num_days())
}

#[test]
fn it_is_as_full_as_a_small_pharmacy() {
    for demo in [demo(), pharmacy(2, today()), pharmacy(u64::MAX, today())] {
        assert!(demo.products.len() >= 300, "{}", demo.products.len());
        let count = lots(&demo).count();
        assert!((850..=950).contains(&count), "{count}");
        assert_eq!(lots(&demo).filter(|(_, lot)| lot.blocked.is_some()).count(), 12);
    }
    let demo = demo();
    assert_eq!(demo.products.iter().filter(|product| product.lots.is_empty()).count(), 7);
    assert_eq!((demo.suppliers.len(), demo.suppliers[0].name.as_str()), (14, "Spharma Guinée"));
    assert!(demo.name.starts_with("Pharmacie ") && demo.phone.starts_with("+224"));
    assert!(lots(&demo).any(|(_, lot)| lot.lot_number.is_empty() && lot.expiry.is_none()));
}

#[test]
fn nothing_is_named_twice() {
    let demo = demo();
    let distinct = |names: Vec<&str>| names.iter().collect::<HashSet<_>>().len() == names.len();
    assert!(distinct(demo.products.iter().map(|product| product.name.as_str()).collect()));
    assert!(distinct(demo.suppliers.iter().map(|supplier| supplier.name.as_str()).collect()));
    assert!(distinct(demo.users.iter().map(|user| user.login.as_str()).collect()));
    assert!(distinct(demo.users.iter().map(|user| user.pin.as_str()).collect()));
    assert!(distinct(demo.products.iter().flat_map(|p| &p.codes).map(|code| code.code.as_str()).collect()));
    for product in &demo.products {
        assert!(distinct(product.lots.iter().map(|lot| lot.lot_number.as_str()).collect()), "{}", product.name);
    }
}

#[test]
fn every_product_has_codes_that_scan() {
    for product in demo().products {
        assert!(product.codes.len() >= 2);
        for code in &product.codes {
            assert!(check_digit_holds(&code.code) && code.kind == kind(&code.code), "{code:?}");
            assert!(matches!(code.kind, "inStore" | "cip7") && code.unit < product.units.len());
        }
        let series: Vec<&str> = product.codes.iter().filter_map(|code| code.code.get(..3)).collect();
        assert_eq!((series[0], series[1]), ("200", "290"));
    }
}

#[test]
fn a_larger_unit_never_costs_more_than_its_parts() {
    for product in demo().products {
        assert_eq!(product.units.last().map(|unit| unit.factor), Some(1));
        assert!(product.units.iter().all(|unit| unit.price > 0 && unit.price % 100 == 0));
        assert_eq!(product.units[0].price % 500, 0);
        for pair in product.units.windows(2) {
            let parts = pair[0].factor / pair[1].factor;
            assert!(pair[0].factor > pair[1].factor && pair[0].factor % pair[1].factor == 0, "{}", product.name);
            assert!(pair[0].price <= parts * pair[1].price && pair[0].price > pair[1].price, "{}", product.name);
        }
        assert!((1..=100).contains(&product.popularity) && product.min_stock > 0);
    }
}

#[test]
fn lots_cover_every_horizon() {
    let demo = demo();
    let count = |days: std::ops::RangeInclusive<i64>| {
        lots(&demo).filter(|(_, lot)| days_left(lot).is_some_and(|left| days.contains(&left))).count()
    };
    for (days, least) in
        [(-200..=-1, 15), (0..=30, 30), (31..=60, 30), (61..=90, 30), (91..=365, 100), (366..=1_095, 200)]
    {
        assert!(count(days.clone()) >= least, "{days:?}: {}", count(days.clone()));
    }
    assert_eq!(count(-10_000..=-201) + count(1_096..=10_000), 0);
    let whole = lots(&demo).filter(|(product, lot)| lot.quantity % product.units[0].factor == 0).count();
    assert!(whole * 10 > lots(&demo).count() * 9);
}

#[test]
fn a_lot_costs_less_than_it_sells_for() {
    let demo = demo();
    for (product, lot) in lots(&demo) {
        let share = lot.pack_cost * 100 / product.units[0].price;
        assert!((65..=80).contains(&share), "{} {share} %", product.name);
        assert!(lot.quantity > 0 && lot.supplier < demo.suppliers.len());
        assert!(product.lots.is_sorted_by_key(|lot| lot.expiry));
        assert!((1..=500).contains(&lot.received_days_ago));
    }
}

#[test]
fn two_boxes_of_what_sells_most_span_two_lots() {
    let demo = demo();
    let first = demo.products.iter().find(|product| product.popularity == 100).unwrap();
    assert_eq!(first.name, "Paracétamol 500 mg, comprimé");
    let sellable: Vec<&DemoLot> =
        first.lots.iter().filter(|lot| lot.blocked.is_none() && days_left(lot) >= Some(0)).collect();
    assert_eq!(sellable[0].quantity, first.units[0].factor);
    assert!(sellable.len() > 1);
}

#[test]
fn every_role_signs_in() {
    let roles: Vec<&str> = demo().users.iter().map(|user| user.role.name()).collect();
    assert_eq!(roles, ["cashier", "cashier", "pharmacist", "manager", "owner"]);
    assert!(demo().users.iter().all(|user| user.pin.len() == 4));
}

#[test]
fn a_seed_gives_one_pharmacy_and_a_day_only_moves_the_expiries() {
    assert_eq!(demo(), demo());
    assert_ne!(demo(), pharmacy(2, today()));
    let week = chrono::TimeDelta::days(7);
    let mut later = pharmacy(1, today() + week);
    assert_ne!(later, demo());
    for lot in later.products.iter_mut().flat_map(|product| &mut product.lots) {
        lot.expiry = lot.expiry.map(|expiry| expiry - week);
    }
    assert_eq!(later, demo());
}
