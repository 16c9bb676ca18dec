//! Stocktakes: the shop sells on while its lots are counted.

use officine_protocol::{Uid, entities::STOCKTAKE, messages::Operation, record::Record, value::Value};
use officine_till::{
    Result,
    views::{CountArgs, CountedLot, StartStocktakeArgs, StocktakeView},
};

use crate::support::{
    MINUTE, NOW, Shop,
    goods::{lot_name, units},
};

const CODE: &str = "2000000000015";

pub fn open() -> (Shop, Uid, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Amoxicilline", CODE, Some(600));
    let lot = shop.hub.lot_with(product, "A", Some("2027-12-31"), 10, |lot| {
        lot.set(&officine_protocol::entities::PRODUCT_BATCH, "pack_cost", 400);
    });
    shop.sync();
    shop.clock.advance(MINUTE);
    (shop, product, lot)
}

pub fn start(shop: &Shop, products: &[Uid]) -> Result<StocktakeView> {
    let products = products.iter().map(Uid::to_string).collect();
    shop.till.start_stocktake(&StartStocktakeArgs { products, note: "rayon A".into() })
}

pub fn args(product: Uid, zone: &str, count: i64) -> CountArgs {
    CountArgs {
        product: product.to_string(),
        batch: None,
        lot: lot_name("A", Some("2027-12-31")),
        scan: String::new(),
        zone: zone.into(),
        quantity: units(count),
        add: false,
    }
}

/// Counts lot A a minute later.
pub fn count(shop: &Shop, product: Uid, zone: &str, counted: i64) -> CountedLot {
    shop.clock.advance(MINUTE);
    shop.till.count_lot(&args(product, zone, counted)).unwrap()
}

pub fn sell(shop: &Shop, product: Uid, count: i64) {
    shop.clock.advance(MINUTE);
    shop.add(product, count);
    shop.sell();
}

pub fn close(shop: &Shop) -> officine_till::views::StocktakeReport {
    shop.clock.advance(MINUTE);
    shop.sign_in("pharmacist");
    shop.till.close_stocktake(false).unwrap()
}

pub fn code_of<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().code()
}

pub fn documents(shop: &Shop) -> Vec<Operation> {
    shop.recorded().into_iter().filter(|operation| operation.entity == "stocktake").collect()
}

#[test]
fn a_sale_between_the_count_and_the_closing_stays_right() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    sell(&shop, product, 1);
    let counted = count(&shop, product, "shelf", 7);
    assert_eq!((counted.book, counted.difference, counted.cost), (9, -2, None), "what it cost is not for a cashier");
    sell(&shop, product, 3);
    let shown = shop.till.stocktake().unwrap();
    assert_eq!((shown.counted[0].book, shown.differing, shown.cost_missing), (9, 1, None), "as of the count");
    shop.sign_in("manager");
    let seen = shop.till.stocktake().unwrap();
    assert_eq!((seen.counted[0].cost, seen.cost_missing), (Some(-800), Some(800)));
    let report = close(&shop);
    assert_eq!((report.lots, report.differing, report.documents.len()), (1, 1, 1));
    assert_eq!(shop.quantity(lot), 4, "seven counted, three sold since");
    let document = documents(&shop).remove(0);
    assert_eq!(document.uid.to_string(), shown.uid);
    assert_eq!(document.parts["counts"][0]["counted"], 7);
    let movement = &document.parts["movements"][0];
    assert_eq!((movement["delta"].as_i64(), movement["cost"].as_i64()), (Some(-2), Some(800)));
    assert_eq!(code_of(shop.till.stocktake()), "stocktake_none");
    shop.assert_sound();
}

#[test]
fn scans_add_up_and_a_recount_replaces_them_whoever_counts() {
    let (shop, product, _) = open();
    start(&shop, &[]).unwrap();
    let scan = "]d201020000000000151727123110A".to_owned();
    for _ in 0..3 {
        let scanned = CountArgs { scan: scan.clone(), lot: lot_name("", None), add: true, ..args(product, "shelf", 1) };
        shop.till.count_lot(&scanned).unwrap();
    }
    assert_eq!(shop.till.stocktake().unwrap().counted[0].counted, 3);
    shop.sign_in("cashier2");
    let recounted = count(&shop, product, "shelf", 5);
    assert_eq!((recounted.counted, recounted.zones[0].user.as_str()), (5, "cashier2"));
    assert_eq!(count(&shop, product, "shelf", 0).difference, -10, "nothing is a count too");
}

#[test]
fn a_stocktake_goes_on_after_a_restart() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 8);
    let shop = shop.reopen();
    shop.sign_in("cashier");
    assert_eq!(shop.till.stocktake().unwrap().counted[0].counted, 8);
    count(&shop, product, "reserve", 1);
    close(&shop);
    assert_eq!(shop.quantity(lot), 9);
}

#[test]
fn what_nobody_has_counted_in_the_scope_is_listed_and_stays_as_it_is() {
    let (shop, product, lot) = open();
    let other = shop.hub.product("Zinc", "2000000000039", None);
    let elsewhere = shop.hub.lot(other, "Z", None, 4);
    let second = shop.hub.lot(product, "B", None, 2);
    shop.sync();
    let view = start(&shop, &[product]).unwrap();
    assert_eq!(
        (view.uncounted_total, view.note.as_str(), view.zones.as_slice()),
        (2, "rayon A", &["shelf".to_owned(), "reserve".to_owned()][..])
    );
    count(&shop, product, "shelf", 10);
    let view = shop.till.stocktake().unwrap();
    assert_eq!(view.uncounted.iter().map(|lot| lot.lot_number.as_str()).collect::<Vec<_>>(), ["B"]);
    let report = close(&shop);
    assert_eq!((report.lots, report.differing), (1, 0));
    assert_eq!((shop.quantity(lot), shop.quantity(second), shop.quantity(elsewhere)), (10, 2, 4));
    let document = documents(&shop).remove(0);
    assert!(document.parts.get("movements").is_none_or(Vec::is_empty), "a count without a difference moves nothing");
}

#[test]
fn a_box_the_book_does_not_know_opens_its_lot() {
    let (shop, product, _) = open();
    start(&shop, &[]).unwrap();
    let found = CountArgs { lot: lot_name("FOUND", Some("2028-06-30")), ..args(product, "shelf", 2) };
    let counted = shop.till.count_lot(&found).unwrap();
    assert_eq!((counted.book, counted.difference), (0, 2));
    close(&shop);
    assert_eq!(shop.lot_named(product, "FOUND").quantity, 2);
    assert_eq!(shop.recorded_after(0), ["productBatch create", "stocktake create"]);
    shop.assert_sound();
}

#[test]
fn a_box_without_a_lot_is_counted_where_there_is_only_one() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    let nameless = CountArgs { lot: lot_name("", None), ..args(product, "shelf", 6) };
    assert_eq!(shop.till.count_lot(&nameless).unwrap().batch, lot.to_string());
    shop.hub.lot(product, "B", None, 2);
    shop.sync();
    assert_eq!(code_of(shop.till.count_lot(&nameless)), "lot_ambiguous");
}

#[test]
fn a_stocktake_is_begun_once_closed_by_those_who_may_and_thrown_away_without_a_trace() {
    let (shop, product, lot) = open();
    assert_eq!(code_of(shop.till.count_lot(&args(product, "shelf", 1))), "stocktake_none");
    let before = shop.traces();
    start(&shop, &[]).unwrap();
    assert_eq!(code_of(start(&shop, &[])), "stocktake_open");
    assert_eq!(code_of(shop.till.count_lot(&args(product, "cave", 1))), "zone_unknown");
    assert_eq!(code_of(shop.till.count_lot(&args(product, "shelf", -1))), "quantity_invalid");
    assert_eq!(code_of(shop.till.close_stocktake(false)), "forbidden");
    shop.sign_in("pharmacist");
    assert_eq!(code_of(shop.till.close_stocktake(false)), "stocktake_empty");
    count(&shop, product, "shelf", 1);
    shop.till.cancel_stocktake().unwrap();
    assert_eq!((shop.traces(), shop.quantity(lot)), (before, 10));
    start(&shop, &[]).unwrap();
}

#[test]
fn more_counts_than_a_document_holds_become_two_in_one_transaction() {
    let (shop, product, _) = open();
    start(&shop, &[]).unwrap();
    shop.db()
        .execute_batch(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1050)
             INSERT INTO product_batch (uid, created_at, product_id, lot_number, pack_size, received_at, recount_open, quantity)
             SELECT randomblob(16), 0, (SELECT id FROM product LIMIT 1), 'L' || i, 1, 0, 0, 0 FROM n;
             INSERT INTO stocktake_draft_count SELECT (SELECT id FROM stocktake_draft), b.id, z.value, 1, 1795165200000,
             (SELECT id FROM \"user\" LIMIT 1) FROM product_batch b JOIN json_each('[\"shelf\", \"reserve\"]') z
             WHERE b.lot_number LIKE 'L%'",
        )
        .unwrap();
    let report = close(&shop);
    assert_eq!((report.lots, report.documents.len()), (1_050, 2));
    let counts: Vec<_> = documents(&shop).iter().map(|document| document.parts["counts"].len()).collect();
    assert_eq!(counts, [2_000, 100], "no lot is cut in two");
    assert_eq!(shop.lot_named(product, "L1050").quantity, 2);
    shop.assert_sound();
}

#[test]
fn counts_follow_a_lot_that_the_hub_merges_into_another() {
    let (shop, product, lot) = open();
    let twin = shop.hub.lot(product, "A2", None, 0);
    shop.sync();
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 4);
    let of_twin = CountArgs { batch: Some(twin.to_string()), ..args(product, "shelf", 3) };
    shop.till.count_lot(&of_twin).unwrap();
    shop.hub.edit(lot, |row| row.aliases = vec![twin]);
    shop.sync();
    let view = shop.till.stocktake().unwrap();
    assert_eq!(view.counted.iter().map(|lot| lot.counted).collect::<Vec<_>>(), [7]);
    close(&shop);
    assert_eq!(shop.quantity(lot), 7);
    shop.assert_sound();
}

/// A count of a lot at another till, as the hub sends it: zone, counted, when; and the difference it found.
pub fn elsewhere(shop: &Shop, uid: u128, lot: Uid, (zone, counted, at): (&str, i64, i64), delta: i64) {
    let person = Uid::parse_str(&shop.person("owner")).unwrap();
    let mut other = Record::new(&STOCKTAKE, Uid::from_u128(uid), NOW);
    other.set(&STOCKTAKE, "user", person).set(&STOCKTAKE, "started_at", NOW).set(&STOCKTAKE, "occurred_at", at);
    let row = vec![1.into(), lot.into(), zone.into(), counted.into(), Value::Int(at), person.into(), false.into()];
    other.parts = vec![vec![row], vec![crate::support::hub::movement(1, 0, lot, delta, "count", "A")]];
    shop.hub.send(&STOCKTAKE, &other);
}

#[test]
fn a_count_made_later_at_another_till_stands() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 3);
    elsewhere(&shop, 0xc0, lot, ("shelf", 8, NOW + 9 * MINUTE), -2);
    shop.sync();
    assert_eq!(shop.quantity(lot), 8);
    shop.clock.advance(20 * MINUTE);
    let told = shop.till.stocktake().unwrap().counted.remove(0);
    assert_eq!((told.counted, told.zones[0].later_count), (8, Some(NOW + 9 * MINUTE)), "whoever counts is told");
    let report = close(&shop);
    assert_eq!((report.differing, report.overtaken), (0, 1));
    assert_eq!(shop.quantity(lot), 8, "our older count is kept and moves nothing");
    shop.assert_sound();
}

#[test]
fn what_is_added_to_a_count_is_as_of_that_count() {
    let (shop, product, lot) = open();
    start(&shop, &[]).unwrap();
    count(&shop, product, "shelf", 10);
    sell(&shop, product, 2);
    shop.clock.advance(MINUTE);
    shop.till.count_lot(&CountArgs { add: true, ..args(product, "shelf", 3) }).unwrap();
    close(&shop);
    assert_eq!(shop.quantity(lot), 11, "thirteen were there, two are sold");
    shop.assert_sound();
}

#[test]
fn a_box_without_a_lot_is_not_counted_into_a_nameless_lot_that_is_empty() {
    let (shop, product, lot) = open();
    shop.hub.lot(product, "", None, 0);
    shop.sync();
    start(&shop, &[]).unwrap();
    let unread = CountArgs { lot: lot_name("", None), ..args(product, "shelf", 6) };
    assert_eq!(shop.till.count_lot(&unread).unwrap().batch, lot.to_string());
}
