//! The stock book beside sales: corrections, destructions, quarantine, conversions, opening stock, and its journal.

use officine_protocol::{Uid, entities::PRODUCT_BATCH};
use officine_till::{
    Result,
    views::{
        ConvertStockArgs, CorrectStockArgs, CountArgs, DestroyStockArgs, JournalArgs, LotQuantityArgs, OpenStockArgs,
        QuantityArgs, ReleaseStockArgs, StartStocktakeArgs, StockDocumentView,
    },
};

use crate::support::{
    MINUTE, NOW, Shop,
    goods::{self, lot_name, units},
};

const CODE: &str = "2000000000015";

fn open() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product_in_units("Amoxicilline", CODE, &[("boîte", 3, Some(600)), ("gélule", 1, Some(250))]);
    shop.sync();
    shop.sign_in("pharmacist");
    (shop, product)
}

/// A lot of which a box of three had cost 100 francs.
fn lot(shop: &Shop, product: Uid, number: &str, quantity: i64) -> Uid {
    let lot = shop.hub.lot_with(product, number, Some("2027-12-31"), quantity, |lot| {
        lot.set(&PRODUCT_BATCH, "pack_cost", 100).set(&PRODUCT_BATCH, "pack_size", 3);
    });
    shop.sync();
    lot
}

fn correct(shop: &Shop, lot: Uid, count: i64, below_zero: bool) -> Result<StockDocumentView> {
    let (batch, reason) = (lot.to_string(), "boîte abîmée retrouvée".to_owned());
    shop.till.correct_stock(&CorrectStockArgs { batch, delta: units(count), reason, below_zero })
}

fn destroy(shop: &Shop, lots: &[(Uid, Option<QuantityArgs>)]) -> Result<StockDocumentView> {
    let lines = lots.iter().map(|(lot, quantity)| LotQuantityArgs { batch: lot.to_string(), quantity: *quantity });
    let (lines, reason) = (lines.collect(), "périmé".to_owned());
    shop.till.destroy_stock(&DestroyStockArgs { lines, reason, below_zero: false })
}

#[test]
fn what_is_archived_is_neither_corrected_counted_ordered_nor_received() {
    let (shop, product) = open();
    let (batch, empty) = (lot(&shop, product, "A1", 30), lot(&shop, product, "A2", 0));
    let supplier = shop.supplier("Spharma");
    shop.sync();
    shop.till.start_stocktake(&StartStocktakeArgs { products: vec![], note: String::new() }).unwrap();
    let count = |lot: Uid| {
        let (product, batch, quantity) = (product.to_string(), Some(lot.to_string()), units(1));
        let (lot, scan, zone) = (lot_name("", None), String::new(), "shelf".into());
        shop.till.count_lot(&CountArgs { product, batch, lot, scan, zone, quantity, add: false })
    };
    shop.till.archive_lot(&empty.to_string()).unwrap();
    assert_eq!(code_of(correct(&shop, empty, 1, true)), "row_archived");
    assert_eq!(code_of(count(empty)), "row_archived");
    shop.sign_in("manager");
    shop.till.archive_product(&product.to_string()).unwrap();
    let before = shop.traces();
    assert_eq!(code_of(correct(&shop, batch, 1, false)), "row_archived");
    assert_eq!(code_of(count(batch)), "row_archived");
    assert_eq!(code_of(goods::order(&shop, supplier, vec![goods::item(product, 1, 0, None)])), "row_archived");
    assert_eq!(
        code_of(goods::without_order(&shop, supplier, vec![goods::line(product, 1, "A3", None)])),
        "row_archived"
    );
    assert_eq!(shop.traces(), before);
    destroy(&shop, &[(batch, None)]).unwrap();
}

fn code_of<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().code()
}

#[test]
fn a_correction_says_why_and_freezes_what_it_moved_had_cost() {
    let (shop, product) = open();
    let lot = lot(&shop, product, "A", 6);
    assert_eq!(correct(&shop, lot, -2, false).unwrap().lots[0].cost, Some(67), "66.67 francs, half up");
    assert_eq!(correct(&shop, lot, 1, false).unwrap().lots[0].cost, Some(33));
    assert_eq!(shop.quantity(lot), 5);
    let silent = CorrectStockArgs { batch: lot.to_string(), delta: units(1), reason: " ab ".into(), below_zero: false };
    assert_eq!(code_of(shop.till.correct_stock(&silent)), "reason_missing");
    let endless = CorrectStockArgs { reason: "x".repeat(241), ..silent };
    assert_eq!(code_of(shop.till.correct_stock(&endless)), "field_invalid");
    assert_eq!(code_of(correct(&shop, lot, 0, false)), "quantity_invalid");
    assert_eq!(code_of(correct(&shop, lot, i64::MIN, true)), "quantity_invalid");
    assert_eq!(shop.recorded_after(0), ["stockAdjustment create", "stockAdjustment create"]);
    shop.assert_sound();
}

#[test]
fn no_lot_goes_below_zero_unless_somebody_says_so() {
    let (shop, product) = open();
    let lot = lot(&shop, product, "A", 2);
    let before = shop.traces();
    let problem = correct(&shop, lot, -3, false).unwrap_err().problem();
    assert_eq!((problem.code.as_str(), problem.params["available"].as_i64()), ("stock_insufficient", Some(2)));
    assert_eq!(shop.traces(), before);
    correct(&shop, lot, -3, true).unwrap();
    assert_eq!(shop.quantity(lot), -1);
    correct(&shop, lot, 1, false).unwrap();
    assert_eq!(shop.quantity(lot), 0);
    shop.assert_sound();
}

#[test]
fn boxes_are_destroyed_whole_lots_or_parts_out_of_quarantine_too() {
    let (shop, product) = open();
    let (old, quarantined) = (lot(&shop, product, "A", 7), shop.quarantined(product, "A", Some("2027-12-31"), 4));
    shop.sync();
    let box_of_three = QuantityArgs { count: 1, unit: Some(0) };
    let twice = [(old, Some(units(4))), (old, Some(units(4)))];
    assert_eq!(code_of(destroy(&shop, &twice)), "stock_insufficient", "two lines never take one box");
    let done = destroy(&shop, &[(old, Some(box_of_three)), (quarantined, None)]).unwrap();
    assert_eq!(done.lots.iter().map(|lot| (lot.delta, lot.quantity)).collect::<Vec<_>>(), [(-3, 4), (-4, 0)]);
    destroy(&shop, &[(old, None)]).unwrap();
    assert_eq!(code_of(destroy(&shop, &[(old, None)])), "lot_empty");
    assert_eq!(code_of(destroy(&shop, &[])), "lines_missing");
    assert_eq!(code_of(destroy(&shop, &[(Uid::from_u128(5), None)])), "reference_missing");
    shop.assert_sound();
}

#[test]
fn boxes_leave_quarantine_for_the_lot_they_came_from() {
    let (shop, product) = open();
    let known = lot(&shop, product, "A", 1);
    let [back, unknown] = ["A", "B"].map(|number| shop.quarantined(product, number, Some("2027-12-31"), 2));
    shop.sync();
    assert_eq!(shop.till.find_code(CODE).unwrap()[0].sellable, 1);
    let release = |lot: Uid, quantity| {
        let lot = LotQuantityArgs { batch: lot.to_string(), quantity };
        shop.till.release_stock(&ReleaseStockArgs { lot, reason: "boîte scellée".into() })
    };
    assert_eq!(code_of(release(known, None)), "lot_not_quarantined");
    assert_eq!(code_of(release(back, Some(units(3)))), "stock_insufficient");
    release(back, Some(units(1))).unwrap();
    release(unknown, None).unwrap();
    assert_eq!((shop.quantity(known), shop.quantity(back), shop.quantity(unknown)), (2, 1, 0));
    assert_eq!(shop.lot_named(product, "B").quantity, 2, "its lot was born");
    assert_eq!(shop.till.find_code(CODE).unwrap()[0].sellable, 4);
    shop.assert_sound();
}

#[test]
fn packs_split_into_another_product_take_their_cost_and_their_expiry_along() {
    let (shop, product) = open();
    let loose = shop.hub.product("Amoxicilline à l'unité", "2000000000022", Some(250));
    let from = lot(&shop, product, "A", 9);
    let convert = |lot: Uid, count, to: Uid, born| {
        let from = LotQuantityArgs { batch: lot.to_string(), quantity: Some(units(count)) };
        let (product, reason) = (to.to_string(), "détail au comptoir".to_owned());
        shop.till.convert_stock(&ConvertStockArgs { from, product, quantity: units(born), reason })
    };
    assert_eq!(code_of(convert(from, 3, product, 3)), "conversion_same_product");
    assert_eq!(code_of(convert(from, 10, loose, 10)), "stock_insufficient");
    assert!(shop.lots_of(loose).is_empty(), "nothing was born");
    let done = convert(from, 6, loose, 12).unwrap();
    assert_eq!(
        done.lots.iter().map(|lot| (lot.delta, lot.cost)).collect::<Vec<_>>(),
        [(-6, Some(200)), (12, Some(200))]
    );
    let born = shop.lot_named(loose, "A");
    assert_eq!((born.quantity, born.expiry.as_deref()), (12, Some("2027-12-31")));
    assert_eq!(
        shop.one::<i64>("SELECT pack_cost FROM product_batch ORDER BY id DESC LIMIT 1"),
        17,
        "200 francs for 12"
    );
    shop.assert_sound();
}

#[test]
fn a_lot_is_put_on_the_book_once() {
    let (shop, product) = open();
    let open_stock = |number: &str| {
        shop.till.open_stock(&OpenStockArgs {
            product: product.to_string(),
            lot: lot_name(number, Some("2028-01-31")),
            quantity: units(2),
            pack_cost: Some(100),
            supplier: None,
            reason: "reprise de stock".into(),
        })
    };
    assert_eq!(code_of(open_stock("A")), "forbidden");
    shop.sign_in("manager");
    assert_eq!(open_stock("A").unwrap().lots[0].cost, Some(67));
    assert_eq!(code_of(open_stock("a")), "lot_exists");
    assert_eq!(shop.lot_named(product, "A").quantity, 2);
    assert_eq!(shop.recorded_after(0), ["productBatch create", "stockAdjustment create"]);
}

#[test]
fn the_journal_tells_every_movement_with_what_there_was_after_it() {
    let (shop, product) = open();
    let lot = lot(&shop, product, "A", 6);
    let other = shop.hub.lot(product, "B", Some("2028-12-31"), 3);
    shop.sync();
    shop.clock.advance(MINUTE);
    shop.add_unit(product, 2, Some(1));
    shop.sell();
    shop.clock.advance(MINUTE);
    correct(&shop, lot, 1, false).unwrap();
    let page = |batch: Option<Uid>, offset, limit| {
        let (product, batch) = (product.to_string(), batch.map(|lot| lot.to_string()));
        shop.till.journal(&JournalArgs { product, batch, offset, limit }).unwrap()
    };
    let whole = page(None, 0, 10);
    let shown: Vec<_> =
        whole.rows.iter().map(|row| (row.entity.as_str(), row.kind.as_str(), row.delta, row.quantity)).collect();
    let expected = [
        ("stockAdjustment", "correction", 1, 8),
        ("sale", "", -2, 7),
        ("stockAdjustment", "opening", 3, 9),
        ("stockAdjustment", "opening", 6, 6),
    ];
    assert_eq!(shown, expected);
    let last = &whole.rows[0];
    assert_eq!((last.user.as_str(), last.reason.as_str()), ("pharmacist", "boîte abîmée retrouvée"));
    assert_eq!((last.occurred_at, last.lot_number.as_str(), whole.total), (NOW + 2 * MINUTE, "A", 4));
    let second = page(None, 1, 1);
    assert_eq!((second.rows[0].delta, second.rows[0].quantity, second.total), (-2, 7, 4), "a page knows the whole");
    let of_lot: Vec<_> = page(Some(lot), 0, 10).rows.iter().map(|row| row.quantity).collect();
    assert_eq!(of_lot, [5, 4, 6]);
    assert_eq!(page(Some(other), 0, 10).rows.len(), 1);
}
