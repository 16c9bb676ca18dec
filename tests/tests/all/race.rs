//! Two tills, five boxes, two sales of five.

use std::sync::{Arc, Barrier};

use officine_tests::{Shop, shop, till};
use officine_till::{Till, Trigger, views::SaleStateName};

const ROUNDS: usize = 200;
const BOXES: i64 = 5;

#[test]
fn two_tills_sell_the_same_last_boxes_and_exactly_one_sale_stands() {
    exactly_one_sale_stands(&Shop::open());
}

#[test]
fn on_postgres_two_tills_sell_the_same_last_boxes_and_exactly_one_sale_stands() {
    exactly_one_sale_stands(&Shop::open_on_postgres());
}

fn exactly_one_sale_stands(pharmacy: &Shop) {
    let first = pharmacy.first_till(&pharmacy.hub.url(), ROUNDS, BOXES);
    let second = pharmacy.next_till("caisse-2");
    let mut wins = [0_usize; 2];
    for round in 0..ROUNDS {
        let code = shop::code(round);
        let receipts = [&first, &second].map(|till| till::sell(till, &code, BOXES).uid);
        release_together([&first, &second]);
        let states = [till::state(&first, &receipts[0]), till::state(&second, &receipts[1])];
        let winner = match states {
            [SaleStateName::Confirmed, SaleStateName::Reversed] => 0,
            [SaleStateName::Reversed, SaleStateName::Confirmed] => 1,
            other => panic!("round {round}: {other:?}"),
        };
        wins[winner] += 1;
        let loser = [&first, &second][1 - winner];
        loser.clear_cart().expect("the cart that came back is put away");
        for till in [&first, &second] {
            shop::sync(till);
            assert_eq!(till::stock_of(till, &code), 0, "round {round}");
        }
    }
    assert!(pharmacy.hub.stock(&pharmacy.pharmacy).is_empty(), "nothing is left on the hub, and nothing is owed");
    eprintln!("{ROUNDS} rounds: till 1 won {}, till 2 won {}", wins[0], wins[1]);
    assert!(!pharmacy.hub.log().contains("panicked"));
}

/// Both push from a barrier, each over its own connection.
fn release_together(tills: [&Arc<Till>; 2]) {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        for till in tills {
            scope.spawn(|| {
                barrier.wait();
                let report = till.sync_now(Trigger::Sale).expect("a run");
                assert!(report.problem.is_none(), "{:?}", report.problem);
            });
        }
    });
}
