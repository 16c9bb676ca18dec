//! What comes back of a ticket after its lots, its money or its goods have gone their own way, here or at another till.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, SALE_RETURN},
};
use officine_till::{
    store::rows,
    views::{
        DispositionName, ListSalesArgs,
        MeansName::{Cash, Credit},
        RepayArgs, ReturnSaleArgs,
    },
};

use crate::{
    returns::{CODE, back, shop, take},
    support::{Shop, paid},
};

#[test]
fn what_was_sold_from_a_lot_that_is_no_more_comes_back_where_it_can_be_sold() {
    let (shop, [medicine, cotton], [soon, _, plain]) = shop();
    shop.add(medicine, 2);
    shop.add(cotton, 1);
    let sold = shop.sell();
    for lot in [soon, plain] {
        shop.hub.edit(lot, |row| row.archived_at = Some(1));
    }
    shop.sync();
    back(&shop, &sold.uid, vec![take(1, 2, Some(DispositionName::Shelf)), take(2, 1, None)]).unwrap();
    let living = |number: &str| {
        let sql = "SELECT sum(quantity) FROM product_batch WHERE lot_number = ?1 AND archived_at IS NULL";
        shop.db().query_row(sql, [number], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((living("SOON"), living("")), (2, 1));
    shop.assert_sound();
    let cart = shop.add(medicine, 2);
    assert_eq!(crate::support::lots(&cart, 0), [("SOON".to_owned(), 2)], "on sale again, under its own name");
}

#[test]
fn no_more_is_handed_back_than_was_handed_over() {
    let (shop, [medicine, _], _) = shop();
    let customer = shop.hub.customer("Mariama", "620000001", 10_000);
    shop.sync();
    shop.add(medicine, 4);
    let sold = shop.pay(&[paid(Credit, 1_500), paid(Cash, 500)], Some(customer)).unwrap();
    let in_cash = |boxes, amount| {
        let (lines, payments) = (vec![take(1, boxes, None)], vec![paid(Cash, amount)]);
        shop.till.return_sale(&ReturnSaleArgs { sale: sold.uid.clone(), lines, payments, ..Default::default() })
    };
    let problem = in_cash(2, 1_000).unwrap_err().problem();
    assert_eq!((problem.code.as_str(), problem.params["paid"].as_i64()), ("refund_exceeds_paid", Some(500)));
    in_cash(1, 500).unwrap();
    assert_eq!(in_cash(1, 500).unwrap_err().code(), "refund_exceeds_paid", "once");
    let repay = |sale: Option<String>, amount| {
        let args = RepayArgs { customer: Some(customer.to_string()), sale, payment: Some(paid(Cash, amount)) };
        shop.till.repay(&args).unwrap().balance
    };
    assert_eq!(repay(Some(sold.uid.clone()), 500), 1_000);
    in_cash(1, 500).unwrap();
    assert_eq!(in_cash(1, 500).unwrap_err().code(), "refund_exceeds_paid");
    assert_eq!(repay(None, 1_000), 0);
    in_cash(1, 500).unwrap();
}

#[test]
fn boxes_come_back_at_what_their_lot_had_cost_wherever_the_hub_took_them_from() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    let costing = |number: &str, expiry: &str, cost: i64| {
        shop.hub.lot_with(product, number, Some(expiry), 9, |lot| _ = lot.set(&PRODUCT_BATCH, "pack_cost", cost))
    };
    let (a, b) = (costing("A", "2027-01-31", 100), costing("B", "2027-12-31", 300));
    shop.sync();
    shop.sign_in("pharmacist");
    shop.add(product, 4);
    let sold = shop.sell();
    shop.sync();
    let (id, batch): (i64, i64) = shop
        .db()
        .query_row("SELECT s.id, b.id FROM sale s, product_batch b WHERE b.uid = ?1", [b.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let from: i64 =
        shop.db().query_row("SELECT id FROM product_batch WHERE uid = ?1", [a.as_bytes()], |row| row.get(0)).unwrap();
    let moved = "INSERT INTO stock_movement (document_kind, document_id, line, step, batch_id, delta, source, lot_number) \
                 VALUES (1, ?1, 1, ?2, ?3, ?4, ?5, '')";
    for (step, lot, delta, source) in [(1, from, 3, "transfer"), (1, batch, -3, "transfer"), (2, from, 1, "late")] {
        shop.db().execute(moved, (id, step, lot, delta, source)).unwrap();
        shop.db().execute("UPDATE product_batch SET quantity = quantity + ?2 WHERE id = ?1", (lot, delta)).unwrap();
    }
    back(&shop, &sold.uid, vec![take(1, 4, Some(DispositionName::Shelf))]).unwrap();
    let sql = "SELECT sum(delta), sum(cost) FROM stock_movement WHERE document_kind <> 1 AND source = 'returned' AND batch_id = ?1";
    let back_in = |lot: i64| shop.db().query_row(sql, [lot], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!([back_in(from), back_in(batch)], [(1_i64, 100_i64), (3, 900)]);
}

#[test]
fn a_line_returned_at_two_tills_is_looked_at_where_it_was_sold_and_says_why() {
    let (shop, [_, cotton], _) = shop();
    shop.add(cotton, 1);
    let sold = shop.sell();
    let here = back(&shop, &sold.uid, vec![take(1, 1, None)]).unwrap();
    shop.sync();
    let uid = Uid::try_parse(&here.uid).unwrap();
    let (_, mut there) = rows::get(&shop.db(), &SALE_RETURN, uid).unwrap().unwrap();
    there.uid = Uid::from_u128(0x7e70_0001);
    there.set(&SALE_RETURN, "series", 9).set(&SALE_RETURN, "number", 1).set(&SALE_RETURN, "flagged", true);
    shop.hub.send(&SALE_RETURN, &there);
    shop.sync();
    let flags = shop.till.receipt(&sold.uid).unwrap().flags;
    let said: Vec<_> = flags.iter().map(|flag| (flag.number.as_str(), flag.code.as_str())).collect();
    assert_eq!(said, [("9-000 001", "more_than_sold")]);
    let listed = |flagged| {
        let args = ListSalesArgs { text: String::new(), states: vec![], flagged, after: None, limit: 9 };
        shop.till.list_sales(&args).unwrap().rows
    };
    shop.add(cotton, 1);
    shop.sell();
    assert_eq!(listed(false).len(), 2);
    assert_eq!(listed(true).iter().map(|row| &row.uid).collect::<Vec<_>>(), [&sold.uid]);
}
