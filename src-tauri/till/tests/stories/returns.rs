//! What comes back: goods to their lots or to quarantine, money to the franc, a ticket of its own in the same chain.

use officine_protocol::{
    Uid,
    chain::GENESIS,
    entities::{PRODUCT, SALE, SALE_RETURN},
    record::Record,
    schema::Entity,
    value::Value,
};
use officine_till::store::rows;
use officine_till::views::{
    DiscountLineArgs, DiscountTicketArgs, DiscountView, DispositionName,
    MeansName::{Cash, Credit, OrangeMoney},
    ReceiptView, ReturnLineArgs, ReturnSaleArgs, SaleStateName, TicketKind,
};
use proptest::prelude::*;
use rusqlite::OptionalExtension;

use crate::support::{
    NOW, Shop,
    hub::{movement, refuses_the_ticket, short},
    paid, sent,
};

pub(crate) const CODE: &str = "2000000000015";

pub(crate) fn take(line: u32, quantity: i64, disposition: Option<DispositionName>) -> ReturnLineArgs {
    ReturnLineArgs { line, quantity, disposition }
}

pub(crate) fn back(shop: &Shop, sale: &str, lines: Vec<ReturnLineArgs>) -> officine_till::Result<ReceiptView> {
    let reason = "mauvaise boîte".to_owned();
    shop.till.return_sale(&ReturnSaleArgs { sale: sale.to_owned(), lines, reason, payments: vec![] })
}

/// Two lots of a medicine and one of cotton that may go back on the shelf; the pharmacist is signed in.
pub(crate) fn shop() -> (Shop, [Uid; 2], [Uid; 3]) {
    let shop = Shop::open();
    let medicine = shop.hub.product("Paracétamol", CODE, Some(500));
    let cotton = shop.hub.product("Coton", "2000000000022", Some(100));
    shop.hub.edit(cotton, |row| drop(row.fields.insert("returnable".into(), true.into())));
    let lots = [
        shop.hub.lot(medicine, "SOON", Some("2027-01-31"), 3),
        shop.hub.lot(medicine, "LATE", Some("2027-12-31"), 9),
        shop.hub.lot(cotton, "", None, 9),
    ];
    shop.sync();
    shop.sign_in("pharmacist");
    (shop, [medicine, cotton], lots)
}

fn quarantine(shop: &Shop, number: &str) -> i64 {
    let sql =
        "SELECT quantity FROM product_batch WHERE lot_number = ?1 AND quarantine = 1 AND blocked_reason = 'quarantine'";
    shop.db().query_row(sql, [number], |row| row.get(0)).unwrap()
}

#[test]
fn medicine_waits_in_quarantine_and_what_is_returnable_goes_back_on_the_shelf() {
    let (shop, [medicine, cotton], lots) = shop();
    shop.add(medicine, 5);
    shop.add(cotton, 2);
    let sold = shop.sell();
    let receipt = back(&shop, &sold.uid, vec![]).unwrap();
    assert_eq!((receipt.kind, receipt.total), (TicketKind::Return, 2_700));
    assert_eq!((receipt.number.as_str(), receipt.takes_back.as_deref()), ("2-000 002", Some("2-000 001")));
    assert_eq!(lots.map(|lot| shop.quantity(lot)), [0, 7, 9]);
    assert_eq!((quarantine(&shop, "SOON"), quarantine(&shop, "LATE")), (3, 2));
    let cart = shop.add(medicine, 7);
    assert!(cart.blocker.is_none());
    assert_eq!(shop.add(medicine, 1).blocker.unwrap().code, "stock_insufficient", "quarantine is not for sale");
    assert_eq!(shop.till.receipt(&receipt.uid).unwrap().lines.len(), 2);
    assert!(shop.till.receipt(&sold.uid).unwrap().lines.iter().all(|line| line.returned == line.quantity));
    shop.assert_sound();
    let report = shop.sync();
    assert_eq!((report.problem.is_none(), report.rejected), (true, 0));
}

#[test]
fn boxes_go_back_to_the_lots_they_came_from_last_taken_first() {
    let (shop, [medicine, _], [soon, late, _]) = shop();
    shop.add(medicine, 5);
    let sold = shop.sell();
    let shelf = Some(DispositionName::Shelf);
    back(&shop, &sold.uid, vec![take(1, 1, shelf)]).unwrap();
    assert_eq!((shop.quantity(soon), shop.quantity(late)), (0, 8));
    back(&shop, &sold.uid, vec![take(1, 2, shelf)]).unwrap();
    assert_eq!((shop.quantity(soon), shop.quantity(late)), (1, 9));
    back(&shop, &sold.uid, vec![take(1, 1, Some(DispositionName::Destroyed))]).unwrap();
    assert_eq!((shop.quantity(soon), shop.quantity(late)), (1, 9), "what is destroyed never joins the stock");
    let problem = back(&shop, &sold.uid, vec![take(1, 2, shelf)]).unwrap_err().problem();
    assert_eq!((problem.code.as_str(), problem.params["left"].as_i64()), ("returned_too_much", Some(1)));
    back(&shop, &sold.uid, vec![take(1, 1, shelf)]).unwrap();
    assert_eq!(back(&shop, &sold.uid, vec![]).unwrap_err().code(), "returned_too_much");
    shop.assert_sound();
}

#[test]
fn what_makes_no_sense_is_refused_and_leaves_no_trace() {
    let (shop, [medicine, _], _) = shop();
    shop.add(medicine, 2);
    let sold = shop.sell();
    let cases = [
        (vec![take(2, 1, None)], "field_invalid"),
        (vec![take(1, 0, None)], "field_invalid"),
        (vec![take(1, i64::MAX, None)], "returned_too_much"),
        (vec![take(1, 1, None), take(1, 1, None)], "field_invalid"),
    ];
    for (lines, code) in cases {
        assert_eq!(back(&shop, &sold.uid, lines).unwrap_err().code(), code);
    }
    assert_eq!(back(&shop, "nothing", vec![]).unwrap_err().code(), "reference_missing");
    let paying = |payments| ReturnSaleArgs { sale: sold.uid.clone(), payments, ..Default::default() };
    for (payments, code) in [
        (vec![paid(Cash, 999)], "payments_short"),
        (vec![paid(Cash, 1_001)], "payments_exceed"),
        (vec![paid(Credit, 1_000)], "customer_required"),
    ] {
        assert_eq!(shop.till.return_sale(&paying(payments)).unwrap_err().code(), code);
    }
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale_return"), 0);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product_batch WHERE quarantine = 1"), 0);
    assert_eq!(shop.one::<i64>("SELECT last_number FROM till_state"), 1);
}

#[test]
fn a_reversed_ticket_is_not_returned() {
    let (shop, [medicine, _], _) = shop();
    shop.add(medicine, 2);
    let sold = shop.sell();
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    assert_eq!(back(&shop, &sold.uid, vec![]).unwrap_err().code(), "ticket_reversed");
}

#[test]
fn a_return_made_before_the_refusal_was_known_is_undone_with_its_ticket() {
    let (shop, [medicine, _], [soon, late, _]) = shop();
    shop.add(medicine, 5);
    let sold = shop.sell();
    back(&shop, &sold.uid, vec![take(1, 1, Some(DispositionName::Shelf))]).unwrap();
    back(&shop, &sold.uid, vec![take(1, 1, None)]).unwrap();
    shop.hub.judge(refuses_the_ticket);
    shop.sync();
    assert_eq!((shop.quantity(soon), shop.quantity(late), quarantine(&shop, "LATE")), (3, 9, 0));
    shop.assert_sound();
}

/// The hub had stored the ticket as refused, its answer was lost, and another till has kept it: what came back is back.
#[test]
fn a_return_of_a_ticket_kept_meanwhile_stays_what_the_hub_says_it_is() {
    let (shop, [medicine, _], [soon, late, _]) = shop();
    shop.add(medicine, 2);
    let sold = shop.sell();
    back(&shop, &sold.uid, vec![take(1, 1, Some(DispositionName::Shelf))]).unwrap();
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    assert_eq!(shop.till.receipt(&sold.uid).unwrap().state, SaleStateName::Reversed);
    assert_eq!(
        (shop.quantity(soon), shop.quantity(late)),
        (4, 9),
        "two are to be taken again, once the decision is here"
    );
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM stock_movement WHERE document_kind = 3 AND step > 0"), 0);
    shop.assert_sound();
}

#[test]
fn the_refund_bears_its_share_of_the_discount_and_goes_back_as_it_is_asked() {
    let (shop, [medicine, cotton], _) = shop();
    shop.hub.setting("sale.discountPercent", r#"{"pharmacist": 30}"#);
    let customer = shop.hub.customer("Mariama", "620000001", 10_000);
    shop.sync();
    shop.add(medicine, 3);
    shop.add(cotton, 5);
    shop.till
        .discount_line(&DiscountLineArgs { line: 1, discount: Some(DiscountView::Francs { amount: 100 }) })
        .unwrap();
    shop.till.discount_ticket(&DiscountTicketArgs { discount: Some(DiscountView::Francs { amount: 190 }) }).unwrap();
    let sold = shop.pay(&[paid(Credit, 900), sent(OrangeMoney, 810, "OM9")], Some(customer)).unwrap();
    assert_eq!(sold.total, 1_710);
    let first = back(&shop, &sold.uid, vec![take(1, 2, None)]).unwrap();
    assert_eq!((first.total, first.lines[0].amount), (840, 840), "two thirds of 1 260");
    assert_eq!(first.payments.iter().map(|p| (p.means, p.amount)).collect::<Vec<_>>(), [(Credit, 840)]);
    let rest = ReturnSaleArgs {
        sale: sold.uid.clone(),
        payments: vec![paid(Credit, 60), sent(OrangeMoney, 810, "back 1")],
        ..Default::default()
    };
    assert_eq!(shop.till.return_sale(&rest).unwrap().total, 870);
    assert_eq!(shop.till.account(&customer.to_string()).unwrap().balance, 0);
}

#[test]
fn a_ticket_of_another_till_is_taken_back_here() {
    let (shop, [medicine, _], [soon, ..]) = shop();
    let mut sale = Record::new(&SALE, Uid::from_u128(0x77), NOW);
    let user: [u8; 16] = shop.one("SELECT uid FROM \"user\" WHERE login = 'cashier2'");
    sale.set(&SALE, "series", 9).set(&SALE, "number", 4).set(&SALE, "user", Uid::from_bytes(user));
    sale.set(&SALE, "occurred_at", NOW).set(&SALE, "total", 950).set(&SALE, "tendered", 950);
    sale.set(&SALE, "chain_version", 2).set(&SALE, "state", "confirmed").set(&SALE, "discount", 50);
    for hash in ["hash", "previous_hash"] {
        sale.set(&SALE, hash, Value::Bytes(vec![0; 32]));
    }
    let item = [
        1.into(),
        medicine.into(),
        "Paracétamol".into(),
        "boîte".into(),
        2.into(),
        500.into(),
        2.into(),
        1_000.into(),
        "".into(),
        0.into(),
        0.into(),
    ];
    let payment = vec![1.into(), "cash".into(), 950.into(), Value::Null];
    sale.parts =
        vec![vec![item.to_vec()], vec![movement(1, 0, soon, -2, "assumed", "SOON")], vec![vec![payment]].remove(0)];
    shop.hub.send(&SALE, &sale);
    shop.sync();
    assert_eq!(shop.quantity(soon), 1);
    let receipt = back(&shop, &sale.uid.to_string(), vec![take(1, 1, Some(DispositionName::Shelf))]).unwrap();
    assert_eq!((receipt.total, receipt.takes_back.as_deref()), (475, Some("9-000 004")));
    assert_eq!((receipt.number.as_str(), shop.quantity(soon)), ("2-000 001", 2));
}

/// A ticket of the series, whatever it does, as it is stored.
fn ticket_numbered(shop: &Shop, number: i64) -> (&'static Entity, Record) {
    let db = shop.db();
    for entity in [&SALE, &SALE_RETURN] {
        let sql = format!("SELECT uid FROM {} WHERE series = 2 AND number = ?1", entity.table);
        let uid: Option<[u8; 16]> = db.query_row(&sql, [number], |row| row.get(0)).optional().unwrap();
        let Some(uid) = uid else { continue };
        let (_, mut record) = rows::get(&db, entity, Uid::from_bytes(uid)).unwrap().unwrap();
        let printed =
            |row: &Vec<Value>| (row[0].int(), row[6].is_null(), row[6].int(), row[5].text().map(str::to_owned));
        record.part_mut(entity, "movements").unwrap().sort_by_key(printed);
        return (entity, record);
    }
    panic!("no ticket bears {number}");
}

#[test]
fn sales_and_returns_are_one_series_without_a_gap_and_one_chain() {
    let (shop, [medicine, cotton], _) = shop();
    shop.hub.setting("sale.roundingStep", "500");
    let customer = shop.hub.customer("Mariama", "620000001", 10_000);
    shop.sync();
    shop.add(medicine, 4);
    shop.add(cotton, 3);
    shop.till
        .discount_line(&DiscountLineArgs { line: 1, discount: Some(DiscountView::Percent { percent: 3 }) })
        .unwrap();
    let first =
        shop.pay(&[paid(Credit, 500), sent(OrangeMoney, 1_000, "R1"), paid(Cash, 2_000)], Some(customer)).unwrap();
    back(&shop, &first.uid, vec![take(1, 2, None), take(2, 1, None)]).unwrap();
    shop.add(medicine, 1);
    shop.sell();
    shop.till.cancel_last("").unwrap();
    assert!(back(&shop, &first.uid, vec![take(1, 9, None)]).is_err());
    back(&shop, &first.uid, vec![]).unwrap();
    let mut previous = Value::Bytes(GENESIS.to_vec());
    for number in 1..=5 {
        let (entity, ticket) = ticket_numbered(&shop, number);
        assert_eq!(ticket.get(entity, "previous_hash"), &previous, "ticket {number}");
        previous = Value::Bytes(officine_protocol::ticket::link(entity, &ticket).to_vec());
        assert_eq!(ticket.get(entity, "hash"), &previous, "ticket {number}");
    }
    let last = shop.one::<[u8; 32]>("SELECT last_hash FROM till_state");
    assert_eq!(Value::Bytes(last.to_vec()), previous);
}

#[test]
fn a_return_cut_anywhere_leaves_nothing_behind() {
    let (shop, [medicine, _], [soon, ..]) = shop();
    shop.add(medicine, 2);
    let sold = shop.sell();
    for (table, when) in [("outbox", "NEW.entity = 'saleReturn'"), ("sale_return_payment", "1"), ("product_batch", "1")]
    {
        let cut =
            format!("CREATE TRIGGER cut BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, 'cut'); END");
        shop.db().execute_batch(&cut).unwrap();
        assert_eq!(back(&shop, &sold.uid, vec![]).unwrap_err().code(), "store_failed");
        shop.db().execute_batch("DROP TRIGGER cut").unwrap();
        let left =
            "SELECT (SELECT count(*) FROM sale_return) + (SELECT count(*) FROM product_batch WHERE quarantine = 1)";
        assert_eq!((shop.one::<i64>(left), shop.quantity(soon)), (0, 1), "{table}");
        assert_eq!(shop.one::<i64>("SELECT last_number FROM till_state"), 1);
    }
    assert_eq!(back(&shop, &sold.uid, vec![]).unwrap().number, "2-000 002");
    shop.assert_sound();
}

#[test]
fn a_product_declared_returnable_needs_no_quarantine() {
    let (shop, [medicine, _], [soon, ..]) = shop();
    shop.hub.edit(medicine, |row| drop(row.fields.insert("returnable".into(), true.into())));
    shop.sync();
    let place = PRODUCT.column("returnable").unwrap();
    assert_eq!(PRODUCT.columns[place].since, 2);
    shop.add(medicine, 1);
    let sold = shop.sell();
    back(&shop, &sold.uid, vec![]).unwrap();
    assert_eq!(shop.quantity(soon), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn however_a_ticket_comes_back_its_refunds_add_up_to_its_total(
        price in 1_i64..3_000, counts in (1_i64..8, 1_i64..8), off in 0_i64..2_000,
        step in prop::sample::select(vec![1_i64, 50, 500]), steps in prop::collection::vec((1_u32..3, 1_i64..4), 0..8),
    ) {
        let shop = Shop::open();
        let first = shop.hub.product("A", CODE, Some(price));
        let second = shop.hub.product("B", "2000000000022", Some(777));
        shop.hub.lot(first, "A1", Some("2027-01-31"), 3);
        shop.hub.lot(first, "A2", Some("2027-06-30"), 9);
        shop.hub.lot(second, "", None, 9);
        shop.hub.setting("sale.roundingStep", &step.to_string());
        shop.hub.setting("sale.discountPercent", r#"{"pharmacist": 100}"#);
        shop.sync();
        shop.sign_in("pharmacist");
        shop.add(first, counts.0);
        shop.add(second, counts.1);
        if off > 0 {
            let discount = Some(DiscountView::Francs { amount: off });
            shop.till.discount_ticket(&DiscountTicketArgs { discount }).unwrap();
        }
        let sold = shop.sell();
        let mut refunded = 0;
        for (line, quantity) in steps {
            refunded += back(&shop, &sold.uid, vec![take(line, quantity, None)]).map_or(0, |receipt| receipt.total);
        }
        refunded += back(&shop, &sold.uid, vec![]).map_or(0, |receipt| receipt.total);
        prop_assert_eq!(refunded, sold.total);
        let quarantined: i64 = shop.one("SELECT sum(quantity) FROM product_batch WHERE quarantine = 1");
        prop_assert_eq!(quarantined, counts.0 + counts.1);
        shop.assert_sound();
    }
}
