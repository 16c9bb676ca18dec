//! A first sync: a replacement machine sells while history arrives, whatever is cut or killed meanwhile.

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, SALE, SUPPLIER},
    record::Record,
    value::Value,
};
use officine_till::views::{MeansName, SetPriceArgs};

use crate::support::{MINUTE, NOW, Shop, hub::movement, paid, queued};

/// A pharmacy with a past, and a till that has read nothing of it.
pub struct Past {
    pub shop: Shop,
    pub product: Uid,
    pub lots: Vec<Uid>,
    pub customer: Uid,
    user: Uid,
}

impl Past {
    pub fn new() -> Self {
        let shop = Shop::enrolled(tempfile::tempdir().unwrap());
        shop.hub.walks();
        Self::of(shop)
    }

    pub fn of(shop: Shop) -> Self {
        let user = shop.hub.user("cashier", "cashier");
        for role in ["pharmacist", "manager"] {
            shop.hub.user(role, role);
        }
        let customer = shop.hub.customer("Fanta Camara", "620000000", 1_000_000);
        let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
        let lots = ["A", "B"].map(|number| shop.hub.lot(product, number, Some("2027-12-31"), 20)).to_vec();
        let past = Self { shop, product, lots, customer, user };
        for number in 1..=5 {
            past.sale_elsewhere(number, 0);
        }
        past
    }

    /// Another till sold one box of a lot on credit.
    pub fn sale_elsewhere(&self, number: i64, lot: usize) -> Uid {
        let mut sale = Record::new(&SALE, Uid::from_u128(0x5a1e_0000 + number as u128), NOW);
        sale.set(&SALE, "series", 9).set(&SALE, "number", number).set(&SALE, "user", self.user);
        sale.set(&SALE, "occurred_at", NOW - 1_000 + number).set(&SALE, "total", 500).set(&SALE, "tendered", 0);
        sale.set(&SALE, "chain_version", 1).set(&SALE, "state", "confirmed").set(&SALE, "customer", self.customer);
        for hash in ["previous_hash", "hash"] {
            sale.set(&SALE, hash, Value::Bytes(vec![7; 32]));
        }
        let item = vec![
            Value::Int(1),
            self.product.into(),
            "Paracétamol".into(),
            "boîte".into(),
            1.into(),
            500.into(),
            1.into(),
            500.into(),
            "".into(),
            0.into(),
            0.into(),
        ];
        let payment = vec![1.into(), "credit".into(), 500.into(), Value::Null];
        let moved = movement(1, 0, self.lots[lot], -1, "assumed", "A");
        sale.parts = vec![vec![item], vec![moved], vec![payment]];
        self.shop.hub.send(&SALE, &sale)
    }

    /// Every page but so many is cut off.
    pub fn pages(&self, count: u32) -> Option<String> {
        self.shop.hub.cut_after_pages(count);
        self.shop.clock.advance(MINUTE);
        self.shop.sync().problem.map(|problem| problem.code)
    }

    pub fn walk(&self) -> Option<(bool, i64, i64)> {
        self.shop.till.sync_state().unwrap().walk.map(|walk| (walk.sells, walk.done, walk.of))
    }

    pub fn until_it_sells(&self) {
        while !self.walk().is_some_and(|(sells, ..)| sells) {
            assert_eq!(self.pages(1).as_deref(), Some("hub_unreachable"));
        }
        self.shop.sign_in("cashier");
    }

    pub fn balance(&self) -> i64 {
        self.shop.till.account(&self.customer.to_string()).unwrap().balance
    }

    pub fn quantities(&self) -> Vec<i64> {
        self.lots.iter().map(|lot| self.shop.quantity(*lot)).collect()
    }

    fn at_the_hub(&self) -> Vec<i64> {
        self.lots.iter().map(|lot| self.shop.hub.holds(*lot)).collect()
    }

    pub fn sales(&self) -> i64 {
        self.shop.one("SELECT count(*) FROM sale")
    }

    /// Everything is here, and it adds up.
    pub fn assert_whole(&self) {
        assert_eq!(self.walk(), None);
        assert_eq!(self.quantities(), self.at_the_hub());
        self.shop.assert_sound();
        assert_eq!(self.shop.one::<i64>("SELECT count(*) FROM walk_stood"), 0);
        assert!(
            self.shop.till.account(&self.customer.to_string()).unwrap().entries.len() as i64 >= self.sales().min(5)
        );
    }
}

#[test]
fn selling_opens_before_history_is_here() {
    let past = Past::new();
    past.pages(2);
    past.shop.sign_in("cashier");
    past.until_it_sells();
    assert_eq!((past.quantities(), past.balance(), past.sales()), (vec![15, 20], 2_500, 0));
    past.shop.add(past.product, 2);
    let receipt = past.shop.sell();
    assert_eq!(past.quantities(), [13, 20]);
    assert!(past.shop.sync().problem.is_none());
    assert_eq!(past.shop.state_of(&receipt), "confirmed");
    assert_eq!(past.sales(), 6);
    past.assert_whole();
    assert_eq!((past.quantities(), past.balance()), (vec![13, 20], 2_500));
}

#[test]
fn nothing_is_sold_while_half_of_the_lots_are_here() {
    let past = Past::new();
    let mut refused = 0;
    while !past.walk().is_some_and(|(sells, ..)| sells) {
        past.pages(1);
        if past.shop.one::<i64>("SELECT count(*) FROM product WHERE name = 'Paracétamol'") == 1 {
            past.shop.sign_in("cashier");
            past.shop.add(past.product, 1);
            let sold = past.shop.till.commit_sale(&Default::default());
            let refusal = sold.unwrap_err().code();
            match past.walk() {
                Some((false, ..)) => assert_eq!(refusal, "first_sync_under_way"),
                _ => assert_eq!(refusal, "total_changed", "nobody said what the ticket comes to"),
            }
            refused += i32::from(refusal == "first_sync_under_way");
        }
    }
    assert!(refused > 0);
}

#[test]
fn history_changes_no_quantity_and_no_debt_wherever_it_is_cut() {
    let mut past = Past::new();
    past.until_it_sells();
    let (mut number, mut own) = (100, 0);
    while past.walk().is_some() {
        past.shop.add(past.product, 1);
        past.shop.sell();
        own += 1;
        let (hub, unsent) = (past.at_the_hub(), past.shop.one::<i64>("SELECT count(*) FROM outbox WHERE state <> 5"));
        assert_eq!(past.quantities().iter().sum::<i64>(), hub.iter().sum::<i64>() - unsent);
        past.pages(1);
        past.shop = past.shop.reopen();
        past.shop.sign_in("cashier");
        assert_eq!(past.balance(), 2_500);
        if number < 103 {
            number += 1;
            past.sale_elsewhere(number, 1);
            past.pages(0);
            assert_eq!(past.balance(), 2_500, "what was sold elsewhere since is not known yet");
            break;
        }
    }
    while past.walk().is_some() {
        past.pages(1);
        past.shop = past.shop.reopen();
        past.shop.sign_in("cashier");
    }
    assert_eq!(past.sales(), 5 + 1 + own);
    past.assert_whole();
    assert_eq!(past.balance(), 3_000);
}

#[test]
fn what_happens_elsewhere_during_the_walk_is_there_at_its_end() {
    let mut past = Past::new();
    let mut number = 100;
    loop {
        past.pages(1);
        past.shop = past.shop.reopen();
        if past.walk().is_none() {
            break;
        }
        if number < 120 {
            number += 1;
            past.sale_elsewhere(number, (number % 2) as usize);
            past.shop.hub.adjust(past.lots[1], "B", 3);
            past.shop.hub.edit(past.product, |row| row.fields["name"] = format!("Paracétamol {number}").into());
        }
    }
    past.shop.sign_in("cashier");
    past.assert_whole();
    assert_eq!(past.sales(), 5 + number - 100);
    assert_eq!(past.balance(), 500 * past.sales());
    let name = past.shop.till.product(&past.product.to_string()).unwrap().hit.name;
    assert_eq!(name, format!("Paracétamol {number}"));
}

#[test]
fn a_sale_on_credit_and_a_lost_answer_during_the_walk_count_once() {
    let past = Past::new();
    past.until_it_sells();
    past.shop.add(past.product, 3);
    past.shop.pay(&[paid(MeansName::Credit, 1_500)], Some(past.customer)).unwrap();
    assert_eq!((past.balance(), past.quantities()), (4_000, vec![12, 20]));
    past.shop.hub.lose_answers(1);
    past.pages(9);
    assert_eq!((past.balance(), past.quantities()), (4_000, vec![12, 20]));
    past.pages(1);
    assert_eq!((past.balance(), past.quantities()), (4_000, vec![12, 20]));
    while past.walk().is_some() {
        past.pages(1);
    }
    past.assert_whole();
    assert_eq!((past.balance(), past.quantities()), (4_000, vec![12, 20]));
}

#[test]
fn progress_counts_rows_and_goes_on_where_it_was() {
    let past = Past::new();
    past.pages(3);
    let (_, done, of) = past.walk().unwrap();
    assert!(done > 0 && of == 14 && done < of, "{done} of {of}");
    past.pages(1);
    assert!(past.walk().unwrap().1 > done);
}

#[test]
fn reading_everything_again_mends_and_keeps_what_is_ours() {
    let past = Past::new();
    assert!(past.shop.sync().problem.is_none());
    past.shop.sign_in("manager");
    let gone = past.shop.hub.supplier("Disparue");
    past.shop.sync();
    past.shop.hub.lose(gone);
    let db = past.shop.db();
    db.execute_batch("DELETE FROM stock_movement WHERE document_kind = 1; UPDATE product_batch SET quantity = 99")
        .unwrap();
    db.execute_batch("UPDATE product SET name = 'Abîmé'; UPDATE \"user\" SET failed_pins = 2 WHERE login = 'cashier'")
        .unwrap();
    drop(db);
    past.shop.hub.gate(|_| Some(crate::support::hub::unreachable()));
    let args = SetPriceArgs { product: past.product.to_string(), unit: 0, price: 650 };
    past.shop.till.set_price(&args).unwrap();
    let waiting = queued(&past.shop);
    assert_eq!(past.shop.till.refresh_data().unwrap().problem.unwrap().code, "hub_unreachable");
    past.shop.hub.gate(|_| None);
    let report = past.shop.till.refresh_data().unwrap();
    assert!(report.problem.is_none());
    assert_eq!(waiting.len(), 1, "what waited was not touched before it was sent");
    let strays = report.strays.unwrap();
    assert_eq!((strays.len(), strays[0].uid.as_str()), (1, gone.to_string().as_str()));
    assert_eq!(past.shop.one::<i64>("SELECT count(*) FROM supplier WHERE name = 'Disparue'"), 1, "named, not deleted");
    let product = past.shop.till.product(&past.product.to_string()).unwrap();
    assert_eq!((product.hit.name.as_str(), product.units[0].price), ("Paracétamol", Some(650)));
    assert_eq!(past.shop.one::<i64>("SELECT failed_pins FROM \"user\" WHERE login = 'cashier'"), 2);
    past.assert_whole();
}

#[test]
fn a_row_that_names_nobody_is_set_aside_and_named_until_somebody_comes() {
    let past = Past::new();
    let (stranger, mut lost) = (Uid::from_u128(0xdead), past.shop.hub.served(past.lots[0]));
    lost.uid = Uid::from_u128(0xbeef);
    lost.server_id = 90_000;
    lost.rev = past.shop.hub.next_rev();
    lost.fields["product"] = stranger.to_string().into();
    past.shop.hub.serve(lost.clone());
    let report = past.shop.sync();
    assert!(report.problem.is_none());
    let unresolved = report.unresolved.unwrap();
    let (waits, missing) = (&unresolved[0].row, &unresolved[0].missing);
    assert_eq!((waits.entity.as_str(), &waits.uid), (PRODUCT_BATCH.name, &lost.uid.to_string()));
    assert_eq!((missing.entity.as_str(), &missing.uid), (PRODUCT.name, &stranger.to_string()));
    assert_eq!(past.sales(), 5, "it holds up nobody");
    let mut found = Record::new(&PRODUCT, stranger, NOW);
    found.set(&PRODUCT, "name", "Retrouvé").derive(&PRODUCT);
    past.shop.hub.send(&PRODUCT, &found);
    assert!(past.shop.sync().unresolved.is_none());
    let sql = "SELECT count(*) FROM product_batch b JOIN product p ON p.id = b.product_id WHERE p.name = 'Retrouvé'";
    assert_eq!(past.shop.one::<i64>(sql), 1);
}

#[test]
fn a_hub_that_knows_no_walks_is_pulled_from_the_beginning() {
    let shop = Shop::open();
    let supplier = shop.hub.supplier("Spharma");
    assert!(shop.sync().problem.is_none());
    assert_eq!(shop.till.sync_state().unwrap().walk.map(|walk| walk.done), None);
    assert!(shop.till.refresh_data().unwrap().problem.is_none());
    let count = "SELECT count(*) FROM supplier WHERE server_id IS NOT NULL";
    assert_eq!((shop.one::<i64>(count), shop.hub.served(supplier).entity.as_str()), (1, SUPPLIER.name));
}
