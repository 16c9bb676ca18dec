//! What arrives: its lots, its cost, and what somebody should look at first.

use officine_protocol::{Uid, entities::RECALL, record::Record};
use officine_till::views::{NameLotsArgs, NamedPartArgs, QuantityArgs, ReceiveArgs, ReceiveLineArgs};

use crate::support::{
    NOW,
    goods::{CODE, boxes, code_of, line, lot_name, open, units, without_order},
    lots,
};

#[test]
fn free_units_lower_what_a_pack_of_the_lot_has_cost_and_the_movements_bear_what_was_paid() {
    let (shop, supplier, product) = open();
    let paid = ReceiveLineArgs { free_count: 1, pack_cost: Some(4_000), ..line(product, 3, "A1", None) };
    let view = without_order(&shop, supplier, vec![paid]).unwrap();
    assert_eq!((view.units, view.cost), (40, 12_000));
    assert_eq!(shop.one::<i64>("SELECT pack_cost FROM product_batch WHERE lot_number = 'A1'"), 3_000);
    let movements =
        "SELECT group_concat(source || delta || ':' || cost, ' ') FROM stock_movement WHERE document_kind = 2";
    assert_eq!(shop.one::<String>(movements), "receipt30:12000 free10:0");
    assert_eq!(shop.one::<i64>("SELECT pack_cost FROM product_supplier"), 4_000, "what the supplier asks for a box");
    shop.sync();
    let dearer = ReceiveLineArgs { pack_cost: Some(5_000), ..line(product, 4, "a1", None) };
    let before = shop.recorded().len();
    assert_eq!(without_order(&shop, supplier, vec![dearer]).unwrap().lots_opened, 0, "the lot was there");
    assert_eq!(shop.one::<i64>("SELECT pack_cost FROM product_batch"), 4_000, "40 at 3,000 and 40 at 5,000");
    assert_eq!(
        shop.recorded_after(before),
        ["productBatch update", "stockAdjustment create", "productSupplier update"]
    );
    assert_eq!(shop.lot_named(product, "A1").quantity, 80);
    shop.assert_sound();
}

#[test]
fn a_scanned_box_brings_its_lot_and_what_is_received_is_sold_in_its_turn() {
    let (shop, supplier, product) = open();
    shop.hub.lot(product, "OLD", Some("2027-12-31"), 10);
    shop.sync();
    let scan = "]d201020000000000151727063010NEW".to_owned();
    without_order(&shop, supplier, vec![ReceiveLineArgs { scan, ..line(product, 1, "", None) }]).unwrap();
    let cart = shop.add_unit(product, 15, Some(1));
    assert_eq!(lots(&cart, 0), [("NEW".into(), 10), ("OLD".into(), 5)], "the earlier expiry goes first");
}

#[test]
fn boxes_that_expire_soon_or_are_recalled_are_taken_with_a_warning() {
    let (shop, supplier, product) = open();
    let mut recall = Record::new(&RECALL, Uid::from_u128(77), NOW);
    recall.set(&RECALL, "product", product).set(&RECALL, "lot_number", "BAD").set(&RECALL, "reason", "éclats de verre");
    recall.set(&RECALL, "user", Uid::parse_str(&shop.person("owner")).unwrap()).set(&RECALL, "issued_at", NOW);
    shop.hub.send(&RECALL, &recall);
    shop.sync();
    let view = without_order(
        &shop,
        supplier,
        vec![
            line(product, 1, "GONE", Some("2026-11-19")),
            line(product, 1, "SOON", Some("2026-12-20")),
            line(product, 1, "bad", Some("2028-12-31")),
            line(product, 1, "GOOD", Some("2028-12-31")),
        ],
    )
    .unwrap();
    let told: Vec<_> = view.warnings.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(told, ["received_expired", "received_short_dated", "received_blocked"]);
    assert_eq!(view.warnings[1].params["days"], 30);
    assert_eq!(shop.lot_named(product, "bad").blocked.as_deref(), Some("Rappel\u{a0}: éclats de verre"));
    assert_eq!(shop.till.find_code(CODE).unwrap()[0].sellable, 20, "neither the expired nor the recalled box");
}

#[test]
fn a_price_is_set_along_by_those_who_may() {
    let (shop, supplier, product) = open();
    let priced = || vec![ReceiveLineArgs { price: Some(6_500), ..line(product, 1, "A1", None) }];
    let before = shop.traces();
    assert_eq!(code_of(without_order(&shop, supplier, priced())), "forbidden");
    assert_eq!(shop.traces(), before, "and nothing came in either");
    shop.sign_in("manager");
    without_order(&shop, supplier, priced()).unwrap();
    let unit = shop.till.product(&product.to_string()).unwrap().units[0].clone();
    assert_eq!((unit.price, shop.lot_named(product, "A1").quantity), (Some(6_500), 10));
}

#[test]
fn a_delivery_with_one_bad_line_leaves_nothing_behind() {
    let (shop, supplier, product) = open();
    let before = shop.traces();
    let bad = [
        (line(product, 0, "A", None), "quantity_invalid"),
        (line(product, 1, &"x".repeat(65), None), "field_invalid"),
        (line(product, 1, "A", Some("2027-02-30")), "date_invalid"),
        (line(Uid::from_u128(9), 1, "A", None), "reference_missing"),
        (ReceiveLineArgs { pack_cost: Some(-1), ..line(product, 1, "A", None) }, "field_invalid"),
        (
            ReceiveLineArgs { quantity: QuantityArgs { count: 1, unit: Some(9) }, ..line(product, 1, "A", None) },
            "field_invalid",
        ),
        (ReceiveLineArgs { quantity: boxes(i64::MAX), ..line(product, 1, "A", None) }, "quantity_invalid"),
        (ReceiveLineArgs { scan: "1".repeat(4_000), ..line(product, 1, "A", None) }, "code_too_long"),
    ];
    for (bad, code) in bad {
        assert_eq!(code_of(without_order(&shop, supplier, vec![line(product, 1, "A", None), bad])), code);
        assert_eq!(shop.traces(), before, "{code}");
    }
    let none = ReceiveArgs {
        order: None,
        supplier: Some("nobody".into()),
        reference: String::new(),
        lines: vec![line(product, 1, "A", None)],
    };
    assert_eq!(code_of(shop.till.receive(&none)), "reference_missing");
}

#[test]
fn lots_are_named_later_and_what_they_had_cost_goes_with_them() {
    let (shop, supplier, product) = open();
    let unread = ReceiveLineArgs { pack_cost: Some(4_000), ..line(product, 5, "", None) };
    without_order(&shop, supplier, vec![unread]).unwrap();
    let nameless = shop.lot_named(product, "");
    let name = |parts: &[(&str, i64)]| {
        let parts = parts.iter().map(|(number, count)| NamedPartArgs {
            lot: lot_name(number, Some("2028-03-31")),
            quantity: boxes(*count),
        });
        shop.till.name_lots(&NameLotsArgs { batch: nameless.uid.clone(), parts: parts.collect() })
    };
    let before = shop.traces();
    assert_eq!(code_of(name(&[("A1", 3), ("A2", 3)])), "stock_insufficient");
    assert_eq!(code_of(name(&[("", 3)])), "field_invalid");
    assert_eq!(shop.traces(), before);
    name(&[("A1", 3), ("A2", 1)]).unwrap();
    let quantities = ["", "A1", "A2"].map(|number| shop.lot_named(product, number).quantity);
    assert_eq!(quantities, [10, 30, 10]);
    let transfer = "stock_movement m JOIN stock_adjustment a ON a.id = m.document_id AND m.document_kind = 2 WHERE a.kind = 'transfer'";
    assert_eq!(shop.one::<i64>(&format!("SELECT sum(delta) FROM {transfer}")), 0);
    assert_eq!(shop.one::<i64>(&format!("SELECT sum(sign(delta) * cost) FROM {transfer}")), 0);
    assert_eq!(shop.one::<i64>("SELECT pack_cost FROM product_batch WHERE lot_number = 'A1'"), 4_000);
    let named = shop.lot_named(product, "A1").uid;
    let again =
        NameLotsArgs { batch: named, parts: vec![NamedPartArgs { lot: lot_name("B", None), quantity: units(1) }] };
    assert_eq!(code_of(shop.till.name_lots(&again)), "lot_not_nameless");
    shop.assert_sound();
}
