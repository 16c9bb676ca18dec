//! Values that nobody had written, typed in a resolution: held to the declaration like any edit. A log of more lines than
//! a page.

use officine_till::views::{CellKind, ChangeLogArgs, ResolveConflictArgs, SetPriceArgs, TakenName};
use serde_json::{Value as Json, json};

use crate::{
    conflicts::{conflict, read, shop},
    support::{MINUTE, NOW, Shop, goods::code_of},
};

fn settle(shop: &Shop, uid: &str, path: &str, value: Json) -> officine_till::Result<Json> {
    let fields = [(path.to_owned(), value)].into();
    let args = ResolveConflictArgs { uid: uid.to_owned(), taken: TakenName::Picked, fields };
    Ok(json!(shop.till.resolve_conflict(&args)?.resolution.unwrap().fields))
}

#[test]
fn a_yes_or_no_is_typed_as_one() {
    let (shop, product) = shop();
    let met = json!([{ "field": "returnable", "base": null, "till": null, "hub": null }]);
    let uid = conflict(&shop, 1, "product", product, "edit", met);
    shop.sync();
    assert_eq!(read(&shop, &uid).fields[0].kind, CellKind::Bool);
    for wrong in [json!("yes"), json!(1), json!(null)] {
        assert_eq!(code_of(settle(&shop, &uid, "returnable", wrong.clone())), "field_invalid", "{wrong}");
    }
    assert_eq!(settle(&shop, &uid, "returnable", json!(true)).unwrap(), json!({ "returnable": true }));
}

#[test]
fn a_day_is_a_day_of_the_calendar_and_may_be_left_out_where_the_row_may() {
    let (shop, product) = shop();
    let lot = shop.hub.lot(product, "L1", Some("2028-01-31"), 5);
    let met = json!([{ "field": "expiry", "base": "2027-01-31", "till": "2027-12-31", "hub": "2028-01-31" }]);
    let uids = [1, 2].map(|n| conflict(&shop, n, "productBatch", lot, "edit", met.clone()));
    shop.sync();
    for wrong in [json!("2027-02-30"), json!("31/01/2027"), json!(20270131), json!(true)] {
        assert_eq!(code_of(settle(&shop, &uids[0], "expiry", wrong.clone())), "field_invalid", "{wrong}");
    }
    assert_eq!(settle(&shop, &uids[0], "expiry", json!(" 2029-05-31 ")).unwrap(), json!({ "expiry": "2029-05-31" }));
    assert_eq!(settle(&shop, &uids[1], "expiry", json!(null)).unwrap(), json!({ "expiry": null }));
}

#[test]
fn a_row_is_named_that_is_here_and_offered_still() {
    let (shop, product) = shop();
    let lot = shop.hub.lot(product, "L1", Some("2028-01-31"), 5);
    let [spharma, laborex, gone] = ["Spharma", "Laborex", "Gone"].map(|name| shop.hub.supplier(name));
    let met = json!([{ "field": "supplier", "base": null, "till": spharma, "hub": gone }]);
    let uids = [1, 2].map(|n| conflict(&shop, n, "productBatch", lot, "edit", met.clone()));
    shop.hub.edit(laborex, |row| row.archived_at = Some(NOW));
    shop.hub.edit(gone, |row| row.archived_at = Some(NOW));
    shop.sync();
    let field = &read(&shop, &uids[0]).fields[0];
    assert_eq!(
        (field.kind, field.refers.as_deref()),
        (CellKind::Ref, Some("supplier")),
        "the window knows what to offer"
    );
    let refused = |value: Json| code_of(settle(&shop, &uids[0], "supplier", value));
    assert_eq!(refused(json!(product)), "reference_missing", "no supplier");
    assert_eq!(refused(json!("Spharma")), "field_invalid", "a name is no uid");
    assert_eq!(refused(json!(laborex)), "row_archived", "offered nowhere any more");
    assert!(settle(&shop, &uids[0], "supplier", json!(gone)).is_ok(), "but what the hub holds may be kept");
    let known = shop.hub.supplier("Ubipharm");
    shop.sync();
    assert_eq!(settle(&shop, &uids[1], "supplier", json!(known)).unwrap(), json!({ "supplier": known }));
}

#[test]
fn a_row_is_archived_since_an_instant_that_was() {
    let (shop, product) = shop();
    let met = json!([{ "field": "archivedAt", "base": null, "till": NOW, "hub": null }]);
    let uid = conflict(&shop, 1, "product", product, "delete", met);
    shop.sync();
    for wrong in [json!(-1), json!(NOW + 90_000 * MINUTE), json!("2027-01-01"), json!(true)] {
        assert_eq!(code_of(settle(&shop, &uid, "archivedAt", wrong.clone())), "field_invalid", "{wrong}");
    }
    assert_eq!(settle(&shop, &uid, "archivedAt", json!(NOW - 5)).unwrap(), json!({ "archivedAt": NOW - 5 }));
}

#[test]
fn a_log_of_more_lines_than_a_page_is_written_whole() {
    let (shop, product) = shop();
    for price in 1..=601 {
        shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price }).unwrap();
    }
    let file = shop.dir.path().join("journal.csv");
    let rows = shop.till.export_change_log(&ChangeLogArgs::default(), &file).unwrap().rows;
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), rows as usize + 1, "as many as it says");
    assert!(text.contains(";1;2;") && text.contains(";600;601;"), "the first and the last");
}
