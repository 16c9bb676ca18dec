//! Whatever is sold and corrected: a lot is the sum of its movements, and below zero only with a recount open.

use std::collections::HashMap;

use officine_protocol::{
    entities::{PRODUCT_BATCH, SALE, STOCK_ADJUSTMENT},
    schema::Entity,
};
use proptest::prelude::*;

use crate::{
    decisions::{desk, push, shop},
    shop::{line, take},
};

#[derive(Clone, Debug)]
enum Act {
    Sell { lot: usize, quantity: i64, source: &'static str, in_hand: bool },
    Correct { lot: usize, delta: i64 },
}

fn act() -> impl Strategy<Value = Act> {
    let source = prop::sample::select(vec!["assumed", "scanned", "chosen"]);
    prop_oneof![
        4 => (0..3_usize, 1..9_i64, source, prop::bool::weighted(0.1)).prop_map(|(lot, quantity, source, in_hand)| {
            Act::Sell { lot, quantity, source, in_hand }
        }),
        1 => (0..3_usize, -4..9_i64).prop_map(|(lot, delta)| Act::Correct { lot, delta }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_book_is_the_sum_of_its_movements(acts in prop::collection::vec(act(), 1..40)) {
        let (mut desk, mut shop) = (desk(), shop());
        let (product, lots, first) = shop.stocked(&[5, 7, 0]);
        let mut operations = first;
        for act in acts {
            operations.push(match act {
                Act::Sell { lot, quantity, source, in_hand } => {
                    let mut sold = line(product, vec![take(lots[lot], quantity, source)]);
                    sold.in_hand = in_hand;
                    shop.sale(&[sold])
                }
                Act::Correct { lot, delta } => shop.opening(&[(lots[lot], delta)]),
            });
        }
        let changes = push(&mut desk, &operations);
        let mut sums: HashMap<i64, i64> = HashMap::new();
        for (entity, rows) in &changes.rows {
            let document: &Entity = match *entity {
                "sale" => &SALE,
                "stockAdjustment" => &STOCK_ADJUSTMENT,
                _ => continue,
            };
            for row in rows.values().flat_map(|written| written.record.part(document, "movements")) {
                *sums.entry(row[2].int().unwrap()).or_default() += row[3].int().unwrap();
            }
        }
        for lot in &lots {
            let id = desk.id_of("productBatch", *lot).unwrap();
            let row = desk.row("productBatch", id).unwrap();
            let quantity = row.get(&PRODUCT_BATCH, "quantity").int().unwrap();
            prop_assert_eq!(quantity, sums.get(&id).copied().unwrap_or(0));
            prop_assert_eq!(quantity, changes.deltas.get(&id).copied().unwrap_or(0));
            prop_assert!(quantity >= 0 || row.get(&PRODUCT_BATCH, "recount_open").int() == Some(1));
        }
    }
}
