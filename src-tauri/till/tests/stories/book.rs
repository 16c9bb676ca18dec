//! Whatever happens in whatever order, a lot holds its last count and what has happened since, and the ledger says so.

use std::collections::BTreeMap;

use officine_protocol::{Uid, tally::SHELF};
use officine_till::views::{CorrectStockArgs, CountArgs, ReceiveArgs, ReceiveLineArgs, StartStocktakeArgs};
use proptest::prelude::*;

use crate::support::{
    Shop,
    goods::{lot_name, units},
};

const LOTS: [&str; 3] = ["A", "B", "C"];
const ZONES: [&str; 2] = [SHELF, "reserve"];

#[derive(Clone, Copy, Debug)]
enum Deed {
    Sell(i64),
    Receive(usize, i64),
    Correct(usize, i64),
    Count(usize, usize, i64),
    Close,
}

fn deed() -> impl Strategy<Value = (i64, Deed)> {
    let deed = prop_oneof![
        4 => (1_i64..4).prop_map(Deed::Sell),
        2 => (0..3_usize, 1_i64..6).prop_map(|(lot, count)| Deed::Receive(lot, count)),
        2 => (0..3_usize, -4_i64..5).prop_map(|(lot, delta)| Deed::Correct(lot, delta)),
        5 => (0..3_usize, 0..2_usize, 0_i64..12).prop_map(|(lot, zone, count)| Deed::Count(lot, zone, count)),
        1 => Just(Deed::Close),
    ];
    (1_i64..90_000, deed)
}

/// The counts under way and the last checkpoint of each lot: quantity and instant.
#[derive(Default)]
struct Model {
    draft: BTreeMap<usize, BTreeMap<usize, (i64, i64)>>,
    checkpoints: BTreeMap<usize, (i64, i64)>,
}

impl Model {
    fn close(&mut self) {
        for (lot, zones) in std::mem::take(&mut self.draft) {
            let sum = zones.values().map(|(counted, _)| counted).sum();
            let last = zones.values().map(|(_, at)| *at).max().unwrap();
            let as_of = zones.get(&0).map_or(last, |(_, at)| *at);
            self.checkpoints.insert(lot, (sum, as_of));
        }
    }
}

struct Book {
    shop: Shop,
    product: Uid,
    lots: Vec<Uid>,
    model: Model,
}

impl Book {
    fn open() -> Self {
        let shop = Shop::open();
        let product = shop.hub.product("Amoxicilline", "2000000000015", Some(600));
        let lots = LOTS.map(|number| shop.hub.lot(product, number, Some("2027-12-31"), 8)).to_vec();
        shop.sync();
        shop.sign_in("pharmacist");
        Self { shop, product, lots, model: Model::default() }
    }

    /// Does it, where the till lets it.
    fn act(&mut self, deed: Deed) {
        let till = &self.shop.till;
        match deed {
            Deed::Sell(count) => {
                self.shop.add(self.product, count);
                if self.shop.try_sell().is_err() {
                    till.clear_cart().unwrap();
                }
            }
            Deed::Receive(lot, count) => {
                let lot = lot_name(LOTS[lot], Some("2027-12-31"));
                let (product, scan) = (self.product.to_string(), String::new());
                let line = ReceiveLineArgs {
                    product,
                    quantity: units(count),
                    free_count: 1,
                    pack_cost: Some(7),
                    lot,
                    scan,
                    price: None,
                };
                let args = ReceiveArgs { order: None, supplier: None, reference: String::new(), lines: vec![line] };
                till.receive(&args).unwrap();
            }
            Deed::Correct(lot, delta) => {
                let (batch, reason) = (self.lots[lot].to_string(), "constat".to_owned());
                let _ = till.correct_stock(&CorrectStockArgs { batch, delta: units(delta), reason, below_zero: false });
            }
            Deed::Count(lot, zone, counted) => {
                let _ = till.start_stocktake(&StartStocktakeArgs { products: vec![], note: String::new() });
                let args = CountArgs {
                    product: self.product.to_string(),
                    batch: Some(self.lots[lot].to_string()),
                    lot: lot_name("", None),
                    scan: String::new(),
                    zone: ZONES[zone].into(),
                    quantity: units(counted),
                    add: false,
                };
                let count = till.count_lot(&args).unwrap();
                let at = count.zones.iter().find(|count| count.zone == ZONES[zone]).unwrap().counted_at;
                self.model.draft.entry(lot).or_default().insert(zone, (counted, at));
            }
            Deed::Close if till.close_stocktake(true).is_ok() => self.model.close(),
            Deed::Close => {}
        }
    }

    /// The last count of a lot and what sales, receipts and corrections did after it.
    fn expected(&self, lot: usize) -> i64 {
        let (counted, as_of) = self.model.checkpoints.get(&lot).copied().unwrap_or((0, 0));
        let sql = "SELECT coalesce(sum(m.delta), 0) FROM stock_movement m JOIN product_batch b ON b.id = m.batch_id \
                   WHERE b.uid = ?1 AND m.document_kind <> 5 AND coalesce((SELECT occurred_at FROM sale WHERE id = \
                   m.document_id AND m.document_kind = 1), (SELECT occurred_at FROM stock_adjustment WHERE id = \
                   m.document_id AND m.document_kind = 2)) > ?2";
        let later: i64 = self.shop.db().query_row(sql, (self.lots[lot].as_bytes(), as_of), |row| row.get(0)).unwrap();
        counted + later
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_lot_holds_its_last_count_and_what_happened_after_it(deeds in prop::collection::vec(deed(), 1..40)) {
        let mut book = Book::open();
        for (wait, deed) in deeds {
            book.shop.clock.advance(wait);
            book.act(deed);
            for (lot, number) in LOTS.iter().enumerate() {
                prop_assert_eq!(book.shop.quantity(book.lots[lot]), book.expected(lot), "lot {} after {:?}", number, deed);
            }
            prop_assert_eq!(book.shop.till.ledger_differences().unwrap(), 0);
        }
    }
}
