//! The cart: on disk at every line, one per person, bounded.

use officine_till::views::{CommitSaleArgs, Nudge, ScanArgs, SetPriceArgs, SetQuantityArgs};

use crate::support::Shop;

const CODE: &str = "2000000000015";

fn stocked() -> (Shop, officine_protocol::Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "L1", Some("2027-12-31"), 500);
    shop.sync();
    (shop, product)
}

#[test]
fn the_open_cart_is_there_again_after_a_restart() {
    let (shop, product) = stocked();
    shop.scan(CODE);
    shop.add(product, 2);
    let shop = shop.reopen();
    shop.sign_in("cashier");
    let cart = shop.till.cart().unwrap();
    assert_eq!((cart.lines.len(), cart.lines[0].count, cart.total), (1, 3, 1_500));
    assert_eq!(cart.current, Some(1));
    shop.sell();
}

#[test]
fn everybody_has_their_own_cart() {
    let (shop, product) = stocked();
    shop.add(product, 2);
    shop.till.sign_out();
    assert_eq!(shop.till.cart().unwrap_err().code(), "not_signed_in");
    shop.sign_in("cashier2");
    assert!(shop.till.cart().unwrap().lines.is_empty());
    let kept = shop.till.people().unwrap().into_iter().find(|person| person.login == "cashier").unwrap();
    assert_eq!(kept.kept_lines, 1);
    shop.add(product, 1);
    shop.sell();
    shop.sign_in("cashier");
    assert_eq!(shop.till.cart().unwrap().lines[0].count, 2);
}

#[test]
fn a_ticket_on_hold_comes_back_and_the_open_one_takes_its_place() {
    let (shop, product) = stocked();
    assert_eq!(shop.till.hold_cart().unwrap_err().code(), "cart_empty");
    shop.add(product, 1);
    let cart = shop.till.hold_cart().unwrap();
    assert_eq!((cart.lines.len(), cart.held), (0, 1));
    shop.add(product, 7);
    let held = shop.till.list_held().unwrap();
    assert_eq!((held.len(), held[0].total, held[0].summary.as_str()), (1, 500, "Paracétamol"));
    let cart = shop.till.recall_cart(&held[0].cart).unwrap();
    assert_eq!((cart.lines[0].count, cart.held), (1, 1));
    assert_eq!(shop.till.list_held().unwrap()[0].total, 3_500);
    assert_eq!(shop.till.recall_cart(&held[0].cart).unwrap_err().code(), "reference_missing");
    assert_eq!(shop.till.recall_cart("not a uid").unwrap_err().code(), "reference_missing");
}

#[test]
fn quantities_and_units_change_within_bounds() {
    let shop = Shop::open();
    let units = [("boîte", 10, Some(1_000)), ("comprimé", 1, Some(150))];
    let product = shop.hub.product_in_units("Paracétamol", CODE, &units);
    shop.hub.lot(product, "L1", None, 100);
    shop.sync();
    shop.add(product, 1);
    let set = |count, unit| shop.till.set_quantity(&SetQuantityArgs { line: 1, count, unit });
    let cart = set(4, Some(1)).unwrap();
    assert_eq!((cart.total, cart.lines[0].unit.name.as_str()), (600, "comprimé"));
    assert_eq!(set(2, None).unwrap().total, 300, "the unit stays");
    for count in [0, -1, 100_001, i64::MAX, i64::MIN] {
        assert_eq!(set(count, None).unwrap_err().code(), "quantity_invalid", "{count}");
        let scan = ScanArgs { code: CODE.into(), count };
        assert_eq!(shop.till.scan(&scan).unwrap_err().code(), "quantity_invalid", "{count}");
    }
    assert_eq!(set(1, Some(7)).unwrap_err().code(), "field_invalid");
    assert_eq!(
        shop.till.set_quantity(&SetQuantityArgs { line: 9, count: 1, unit: None }).unwrap_err().code(),
        "field_invalid"
    );
    assert_eq!(shop.till.cart().unwrap().total, 300, "what was refused changed nothing");
    assert!(shop.till.remove_line(1).unwrap().lines.is_empty());
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM cart"), 0, "an emptied cart leaves nothing");
}

#[test]
fn the_largest_price_and_quantity_never_overflow() {
    let shop = Shop::open();
    let price = officine_protocol::limits::LARGEST;
    let product = shop.hub.product_in_units("Cher", CODE, &[("boîte", 1_000_000, Some(price))]);
    shop.hub.lot(product, "L1", None, officine_protocol::limits::LARGEST);
    shop.sync();
    let cart = shop.add(product, 100_000);
    assert_eq!(cart.total, i64::MAX);
    let args = CommitSaleArgs { tendered: Some(i64::MAX), expected_total: i64::MAX, ..Default::default() };
    assert_eq!(shop.till.commit_sale(&args).unwrap_err().code(), "tendered_too_small");
}

#[test]
fn a_ticket_has_two_thousand_lines_at_most() {
    let (shop, product) = stocked();
    let other = shop.hub.product("Autre", "2000000000022", Some(100));
    shop.sync();
    shop.add(product, 1);
    let more = "INSERT INTO cart_line (cart_id, line, product_id, unit, count) \
                WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) \
                SELECT l.cart_id, n.i, l.product_id, l.unit, 1 FROM n, cart_line l WHERE l.line = 1";
    shop.db().execute(more, []).unwrap();
    let args = officine_till::views::AddProductArgs { product: other.to_string(), unit: None, count: 1 };
    assert_eq!(shop.till.add_product(&args).unwrap_err().code(), "quantity_invalid");
    assert_eq!(shop.add(product, 1).lines[0].count, 2, "a known line still grows");
}

#[test]
fn the_till_sells_at_the_total_the_cashier_saw_or_not_at_all() {
    let (shop, product) = stocked();
    assert_eq!(shop.try_sell().unwrap_err().code(), "cart_empty");
    shop.add(product, 2);
    let pay = |tendered, expected_total| {
        shop.till.commit_sale(&CommitSaleArgs { tendered, expected_total, ..Default::default() })
    };
    shop.hub.edit(product, |row| row.parts.get_mut("units").unwrap()[0]["price"] = 600.into());
    shop.sync();
    let error = pay(None, 1_000).unwrap_err().problem();
    assert_eq!((error.code.as_str(), error.params["actual"].as_i64()), ("total_changed", Some(1_200)));
    assert_eq!(pay(Some(1_199), 1_200).unwrap_err().code(), "tendered_too_small");
    assert_eq!(pay(Some(-5), 1_200).unwrap_err().code(), "tendered_too_small");
    let receipt = pay(Some(2_000), 1_200).unwrap();
    assert_eq!((receipt.total, receipt.tendered, receipt.change), (1_200, 2_000, 800));
    assert_eq!(shop.one::<i64>("SELECT amount FROM sale_payment"), 1_200);
}

#[test]
fn an_unpriced_product_waits_for_its_price() {
    let shop = Shop::open();
    let product = shop.hub.product("Sans prix", CODE, None);
    shop.hub.lot(product, "L1", None, 5);
    shop.sync();
    let cart = shop.add(product, 1);
    assert!(matches!(cart.lines[0].nudge, Some(Nudge::Unpriced)));
    assert_eq!(shop.try_sell().unwrap_err().code(), "unpriced");
    shop.sign_in("manager");
    let price = |price| shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price });
    for wrong in [0, -1, i64::MAX] {
        assert_eq!(price(wrong).unwrap_err().code(), "price_invalid");
    }
    price(900).unwrap();
    shop.sign_in("cashier");
    assert_eq!(shop.sell().total, 900);
}

#[test]
fn a_product_archived_meanwhile_is_sold_from_the_cart_and_scanned_no_more() {
    let (shop, product) = stocked();
    shop.add(product, 1);
    shop.hub.edit(product, |row| row.archived_at = Some(1));
    shop.sync();
    assert_eq!(shop.sell().total, 500);
    assert_eq!(shop.scan(CODE).problem.unwrap().code, "code_unknown");
}
