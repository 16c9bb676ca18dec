//! A new till reads a whole shop over a link that breaks five times, from a hub that dies once. `bench first-sync` is the
//! same, larger.

use std::{fmt::Write as _, sync::Arc};

use officine_tests::{
    Shop,
    first_sync::{Plan, assert_whole, run, run_while},
    programs,
    shop::{code, sync},
    till,
};
use officine_till::{
    Till,
    views::{CountArgs, ImportArgs, LotNameArgs, QuantityArgs, StartStocktakeArgs},
};

const PRODUCTS: usize = 300;
const LOTS: usize = 800;
const SALES: usize = 500;

/// A shop with lots and a history. Gives the till that made it.
fn fill(shop: &Shop) -> Arc<Till> {
    let seller = shop.first_till(&shop.hub.url(), 1, 1);
    let mut csv = String::from("designation;code;prix gnf;lot;peremption;quantite\n");
    for lot in 0..LOTS {
        let (product, month) = (1 + lot % PRODUCTS, 1 + lot % 12);
        let _ = writeln!(csv, "Produit {product};{};5000;L{lot};2035-{month:02}-28;10", code(product));
    }
    let file = shop.path().join("lots.csv");
    std::fs::write(&file, csv).unwrap();
    let report = seller.run_import(&ImportArgs { path: file.display().to_string(), rate: String::new() }).unwrap();
    assert_eq!((report.created as usize, report.bad_count), (PRODUCTS, 0), "{:?}", report.bad_rows);
    for sale in 0..SALES {
        till::sell(&seller, &code(1 + sale % PRODUCTS), 1 + (sale % 3) as i64);
    }
    sync(&seller);
    seller
}

/// Counts a lot of the last product: the count waits.
fn counts(till: &Till) {
    let hit = till.find_code(&code(PRODUCTS)).unwrap().remove(0);
    let lot = till.product(&hit.uid).unwrap().lots.remove(0);
    till.start_stocktake(&StartStocktakeArgs { products: vec![hit.uid.clone()], note: String::new() }).unwrap();
    let (lot_number, expiry) = (String::new(), None);
    till.count_lot(&CountArgs {
        product: hit.uid,
        batch: Some(lot.uid),
        lot: LotNameArgs { lot_number, expiry },
        scan: String::new(),
        zone: "shelf".to_owned(),
        quantity: QuantityArgs { count: 7, unit: None },
        add: false,
    })
    .unwrap();
}

/// While a new till reads, another counts a lot; that is sold meanwhile, the count arrives after the sale, and a sale
/// from before the count arrives last.
fn a_late_count_meanwhile(shop: &mut Shop, counter: &Till, bytes: u64) {
    let late = shop.next_till("late");
    till::sell(&late, &code(PRODUCTS), 1);
    let happens = |call| {
        match call {
            1 => counts(counter),
            2 => drop(till::sell(counter, &code(PRODUCTS), 2)),
            3 => drop(counter.close_stocktake(true).unwrap()),
            4 => sync(&late),
            _ => {}
        }
        sync(counter);
    };
    let mut figures = run_while(shop, "busy", &Plan::spread(5, bytes), happens);
    programs::till(&shop.data("busy"), ["sync"]).done();
    let counts = assert_whole(shop, "busy", &mut figures);
    eprintln!("{figures:?}");
    let count = |name: &str| counts.iter().find(|(entity, _)| entity == name).map(|(_, count)| *count as usize);
    assert_eq!(["stocktake", "sale"].map(count), [1, SALES + 2].map(Some), "all of it happened");
}

fn a_first_sync_goes_on(shop: &mut Shop) {
    let seller = fill(shop);
    let quiet = run(shop, "quiet", &Plan::default());
    let mut figures = run(shop, "broken", &Plan::spread(5, quiet.bytes[1]));
    let counts = assert_whole(shop, "broken", &mut figures);
    eprintln!("{figures:?}");
    let count = |name: &str| counts.iter().find(|(entity, _)| entity == name).map(|(_, count)| *count as usize);
    assert_eq!(["product", "productBatch", "sale"].map(count), [PRODUCTS + 1, LOTS + 1, SALES].map(Some));
    assert_eq!(figures.breaks, 5);
    figures.assert_resumed(1);
    assert!(figures.received < 2 * figures.rows, "it began anew");
    a_late_count_meanwhile(shop, &seller, quiet.bytes[1]);
}

#[test]
fn a_first_sync_over_a_link_that_breaks_goes_on_where_it_was() {
    a_first_sync_goes_on(&mut Shop::open());
}

#[test]
fn on_postgres_a_first_sync_over_a_link_that_breaks_goes_on_where_it_was() {
    a_first_sync_goes_on(&mut Shop::open_on_postgres());
}
