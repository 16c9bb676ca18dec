//! Tills that push at the same moment.

use std::sync::Arc;

use officine_protocol::messages::Cursor;
use tokio::sync::Barrier;

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{line, take},
};

const ROUNDS: usize = 20;

pub async fn five_boxes_two_sales_of_five_one_wins(room: Room) {
    let (first, mut one) = room.till(5).await;
    let (second, mut two) = room.till(6).await;
    let (product, _, operations) = one.stocked(&[]);
    room.push(&first, &operations[..2]).await;
    let clerk = two.person(two.user, "fanta", "cashier");
    room.push(&second, &[clerk]).await;
    for round in 0..ROUNDS {
        let (lot, born) = one.lot(product, &format!("R{round}"), Some(20_270_101));
        let opening = one.opening(&[(lot, 5)]);
        assert!(room.push(&first, &[born, opening]).await.verdicts.iter().all(accepted));
        let barrier = Arc::new(Barrier::new(2));
        let sell = |device, sale| {
            let (room, barrier) = (room.clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                room.push(&device, &[sale]).await.verdicts.remove(0)
            })
        };
        let ours = sell(first.clone(), one.sale(&[line(product, vec![take(lot, 5, "assumed")])]));
        let theirs = sell(second.clone(), two.sale(&[line(product, vec![take(lot, 5, "assumed")])]));
        let mut codes = [ours.await.unwrap(), theirs.await.unwrap()].map(|verdict| code(&verdict.outcome).to_owned());
        codes.sort();
        assert_eq!(codes, ["accepted", "stock_insufficient"], "round {round}");
        assert_eq!(room.lot(lot).await, (0, false));
    }
}

pub async fn pushes_from_many_tills_lose_no_revision(room: Room) {
    let barrier = Arc::new(Barrier::new(4));
    let mut tills = Vec::new();
    for till in 0..4 {
        let (device, mut shop) = room.till(10 + till).await;
        let (room, barrier) = (room.clone(), Arc::clone(&barrier));
        tills.push(tokio::spawn(async move {
            barrier.wait().await;
            for push in 0..5 {
                let suppliers = [0, 1, 2].map(|n| shop.supplier(&format!("{till} {push} {n}")).1);
                assert!(room.push(&device, &suppliers).await.verdicts.iter().all(accepted));
            }
            device
        }));
    }
    let mut device = None;
    for till in tills {
        device = Some(till.await.unwrap());
    }
    let page = room.page(&device.unwrap(), Cursor::default(), 1_000).await;
    let revs: Vec<i64> = page.rows.iter().map(|row| row.rev).collect();
    assert_eq!(revs, (1..=60).collect::<Vec<_>>());
}

/// Hubs and owners' commands that start together, where the tables are of the version before.
#[test]
fn whoever_opens_a_folder_together_brings_its_tables_up_to_date_once() {
    let first = include_str!("../../migrations/sqlite/V1__entities.sql");
    let first = refinery::Migration::unapplied("V1__entities", first).unwrap();
    for _ in 0..5 {
        let folder = tempfile::TempDir::new().unwrap();
        let mut tables = rusqlite::Connection::open(folder.path().join("hub.db")).unwrap();
        refinery::Runner::new(std::slice::from_ref(&first)).run(&mut tables).unwrap();
        let together = std::sync::Barrier::new(8);
        let open = || {
            together.wait();
            officine_hub::store::Sqlite::open(folder.path()).map(drop)
        };
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            for opened in opening {
                opened.join().unwrap().unwrap();
            }
        });
    }
}
