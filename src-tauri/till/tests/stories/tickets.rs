//! Tickets: numbered without a gap, chained, frozen as they were sold.

use officine_protocol::{
    Uid,
    chain::{self, GENESIS, Hash, Printed, PrintedLine, PrintedPayment},
    entities::PRODUCT_BATCH,
};
use officine_till::views::{CommitSaleArgs, ListSalesArgs};
use rusqlite::Connection;

use crate::support::{DAY, MINUTE, Shop};

const CODE: &str = "2000000000015";

struct StoredLine {
    line: i64,
    name: String,
    unit: String,
    figures: [i64; 3],
}

fn lines(db: &Connection, sale: i64) -> Vec<StoredLine> {
    let sql =
        "SELECT line, name, unit_name, unit_count, unit_price, amount FROM sale_item WHERE sale_id = ?1 ORDER BY line";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([sale], |row| {
        let figures = [row.get(3)?, row.get(4)?, row.get(5)?];
        Ok(StoredLine { line: row.get(0)?, name: row.get(1)?, unit: row.get(2)?, figures })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn printed_lots(db: &Connection, sale: i64, line: i64) -> Vec<(String, i64)> {
    let sql = "SELECT m.lot_number, -m.delta FROM stock_movement m JOIN product_batch b ON b.id = m.batch_id \
               WHERE m.document_kind = 1 AND m.document_id = ?1 AND m.line = ?2 AND m.step = 0 \
               ORDER BY m.expiry IS NULL, m.expiry, m.lot_number, b.uid";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map((sale, line), |row| Ok((row.get(0)?, row.get(1)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// The link of a stored ticket, from its stored rows alone.
fn recomputed(db: &Connection, previous: &Hash, number: i64) -> (Hash, Hash, Hash) {
    let sql = "SELECT s.id, s.uid, s.series, s.occurred_at, u.uid, s.total, s.tendered, s.previous_hash, s.hash FROM sale s \
               JOIN \"user\" u ON u.id = s.user_id WHERE s.number = ?1";
    db.query_row(sql, [number], |row| {
        let sale: i64 = row.get(0)?;
        let lines = lines(db, sale);
        let lots: Vec<_> = lines.iter().map(|line| printed_lots(db, sale, line.line)).collect();
        let printed = lines.iter().zip(&lots).map(|(line, lots)| PrintedLine {
            name: &line.name,
            unit: &line.unit,
            count: line.figures[0],
            unit_price: line.figures[1],
            amount: line.figures[2],
            lots: lots.iter().map(|(lot, quantity)| (lot.as_str(), *quantity)).collect(),
            discount: 0,
        });
        let ticket = Printed {
            version: chain::VERSION,
            uid: Uid::from_bytes(row.get(1)?),
            series: row.get(2)?,
            number,
            occurred_at: row.get(3)?,
            user: Uid::from_bytes(row.get(4)?),
            total: row.get(5)?,
            tendered: row.get(6)?,
            lines: printed.collect(),
            kind: "sale",
            takes_back: None,
            customer: None,
            discount: 0,
            rounding: 0,
            payments: vec![PrintedPayment { means: "cash", amount: row.get(5)?, reference: "" }],
        };
        Ok((chain::link(previous, &ticket), row.get(7)?, row.get(8)?))
    })
    .unwrap()
}

#[test]
fn fifty_tickets_have_no_gap_and_their_chain_verifies() {
    let shop = Shop::open();
    let first = shop.hub.product("Paracétamol", CODE, Some(500));
    let second = shop.hub.product("Érythromycine", "2000000000022", Some(1_250));
    for (product, number, expiry, quantity) in [
        (first, "A", Some("2027-01-31"), 40),
        (first, "B", Some("2027-01-31"), 60),
        (first, "B", None, 60),
        (second, "", None, 200),
    ] {
        shop.hub.lot(product, number, expiry, quantity);
    }
    shop.sync();
    for sale in 1..=50_i64 {
        shop.clock.advance(MINUTE);
        shop.add(first, 1 + sale % 3);
        if sale % 2 == 0 {
            shop.add(second, sale % 5 + 1);
        }
        let total = shop.till.cart().unwrap().total;
        shop.till
            .commit_sale(&CommitSaleArgs { tendered: Some(total + sale), expected_total: total, ..Default::default() })
            .unwrap();
        if sale % 10 == 0 {
            let wrong = CommitSaleArgs { expected_total: 1, ..Default::default() };
            shop.add(first, 1);
            assert!(shop.till.commit_sale(&wrong).is_err(), "a refused act takes no number");
            shop.till.clear_cart().unwrap();
        }
    }
    let db = shop.db();
    let mut previous = GENESIS;
    for number in 1..=50 {
        let (link, stored_previous, stored) = recomputed(&db, &previous, number);
        assert_eq!((stored_previous, stored), (previous, link), "ticket {number}");
        previous = link;
    }
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale"), 50);
    assert_eq!(shop.one::<Hash>("SELECT last_hash FROM till_state"), previous);
    shop.assert_sound();
}

#[test]
fn the_numbers_go_on_after_a_restart() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "A", None, 40);
    shop.sync();
    shop.add(product, 1);
    assert_eq!(shop.sell().number, "2-000 001");
    let shop = shop.reopen();
    shop.sign_in("cashier");
    assert_eq!(shop.till.cart().unwrap().next_number, "2-000 002");
    shop.add(product, 1);
    assert_eq!(shop.sell().number, "2-000 002");
}

#[test]
fn what_was_printed_stays_when_names_prices_and_costs_change() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    let lot = shop.hub.lot_with(product, "A", Some("2027-12-31"), 30, |lot| {
        lot.set(&PRODUCT_BATCH, "pack_cost", 1_000).set(&PRODUCT_BATCH, "pack_size", 3);
    });
    shop.sync();
    shop.add(product, 2);
    let before = shop.sell();
    assert_eq!(shop.one::<i64>("SELECT cost FROM stock_movement WHERE document_kind = 1"), 667, "rounded half up");
    shop.hub.edit(product, |row| {
        row.fields["name"] = "Autre nom".into();
        row.parts.get_mut("units").unwrap()[0]["price"] = 900.into();
    });
    shop.hub.edit(lot, |row| {
        row.fields["lotNumber"] = "Z".into();
        row.fields["packCost"] = 9_000.into();
    });
    shop.sync();
    let after = shop.till.receipt(&before.uid).unwrap();
    assert_eq!(after.lines[0].name, "Paracétamol");
    assert_eq!((after.lines[0].unit_price, after.total, &after.hash), (500, 1_000, &before.hash));
    assert_eq!(after.lines[0].lots[0].lot_number, "A");
    assert_eq!(shop.one::<i64>("SELECT cost FROM stock_movement WHERE document_kind = 1"), 667);
    assert_eq!(shop.till.product(&product.to_string()).unwrap().hit.name, "Autre nom", "the change did arrive");
}

#[test]
fn a_clock_set_back_changes_neither_order_nor_numbers() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "A", None, 40);
    shop.sync();
    shop.add(product, 1);
    shop.sell();
    shop.clock.advance(-3 * DAY);
    shop.add(product, 2);
    let second = shop.sell();
    assert_eq!(second.number, "2-000 002");
    let last = shop.till.cart().unwrap().last.unwrap();
    assert_eq!((last.number.as_str(), last.total), ("2-000 002", 1_000), "the last ticket is the one just sold");
    let hlcs: Vec<String> = {
        let db = shop.db();
        let mut statement =
            db.prepare("SELECT json_extract(CAST(payload AS TEXT), '$.hlc') FROM outbox ORDER BY seq").unwrap();
        let rows = statement.query_map([], |row| row.get(0));
        rows.unwrap().map(Result::unwrap).collect()
    };
    assert!(hlcs.is_sorted(), "hybrid time never goes back: {hlcs:?}");
}

#[test]
fn tickets_are_found_by_number_product_and_lot_and_paged() {
    let shop = Shop::open();
    for (name, code, lot) in [("Paracétamol", CODE, "LOT-A"), ("Coton", "2000000000022", "")] {
        let product = shop.hub.product(name, code, Some(500));
        shop.hub.lot(product, lot, None, 40);
    }
    shop.sync();
    for sale in 0..5 {
        shop.clock.advance(MINUTE);
        shop.scan(if sale == 3 { "2000000000022" } else { CODE });
        shop.sell();
    }
    let list = |text: &str, after: Option<String>, limit| {
        let args = ListSalesArgs { text: text.into(), states: vec![], flagged: false, after, limit };
        let page = shop.till.list_sales(&args).unwrap();
        (page.rows.iter().map(|row| row.number.clone()).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(list("coton", None, 9).0, ["2-000 004"]);
    assert_eq!(list("lot-a", None, 9).0.len(), 4);
    assert_eq!(list("2-000 002", None, 9).0, ["2-000 002"]);
    let (first, next) = list("", None, 3);
    assert_eq!(first, ["2-000 005", "2-000 004", "2-000 003"]);
    assert_eq!(list("", next, 3).0, ["2-000 002", "2-000 001"]);
}
