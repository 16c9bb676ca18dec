//! Histories that part: a hub restored or swapped, and what tills that know more say.

use std::sync::Arc;

use officine_hub::{
    StoreError,
    decide::{Device, decide},
    store::{Batch, Heard, History, HistoryAsk, Pushed, Sqlite},
};
use officine_protocol::{
    Uid,
    clock::mint,
    limits::{EPOCH_LEAP, LARGEST},
    messages::{Cursor, Operation, Outcome},
};
use tempfile::TempDir;

use crate::{
    decisions::accepted,
    rooms::Room,
    shop::{Shop, line, prepared, take},
};

/// A place of a history that this hub does not have.
fn lost(rev: i64) -> Cursor {
    Cursor { rev, commit: Some(Uid::from_u128(77)) }
}

async fn ask(room: &Room, device: &Device, epoch: i64, passed: &[Cursor]) -> Result<History, StoreError> {
    ask_at(room, device, epoch, (passed, 0)).await
}

async fn ask_at(
    room: &Room,
    device: &Device,
    epoch: i64,
    (passed, later): (&[Cursor], i64),
) -> Result<History, StoreError> {
    let (now, commit) = (room.app.clock.now() + later, mint(&*room.app.clock, &*room.app.entropy));
    room.app.store.history(device, HistoryAsk { epoch, passed: passed.to_vec(), now, commit }).await
}

/// A push of a till that says where it stands.
async fn push_from(
    room: &Room,
    device: &Device,
    (epoch, cursor): (i64, Cursor),
    operations: &[Operation],
) -> Result<Pushed, StoreError> {
    let (now, commit) = (room.app.clock.now(), mint(&*room.app.clock, &*room.app.entropy));
    let heard = Heard { epoch, cursor_rev: cursor.rev, cursor_commit: cursor.commit, schema: 2, ..Heard::default() };
    let batch = Batch { device: device.clone(), heard, operations: prepared(operations), now, commit };
    room.app.store.transact(batch, decide).await
}

async fn here(room: &Room, device: &Device) -> Cursor {
    let mut cursor = Cursor::default();
    loop {
        let page = room.page(device, cursor, 500).await;
        cursor = page.next;
        if !page.has_more {
            return cursor;
        }
    }
}

fn epochs_of(pushed: &Pushed) -> Vec<i64> {
    let id = |outcome: &Outcome| match outcome {
        Outcome::Accepted { server_id, .. } => server_id >> 40,
        other => panic!("{other:?}"),
    };
    pushed.verdicts.iter().map(|verdict| id(&verdict.outcome)).collect()
}

pub async fn a_hub_that_lost_what_a_till_knows_begins_an_epoch(room: Room) {
    let ((one, mut shop), (two, _)) = (room.till(5).await, room.till(6).await);
    let (_, _, operations) = shop.stocked(&[5]);
    room.push(&one, &operations).await;
    let common = here(&room, &one).await;
    let unchanged = ask(&room, &one, 1, &[common]).await.unwrap();
    assert_eq!((unchanged.epoch, unchanged.common, unchanged.began), (1, common, false));
    let parted = ask(&room, &one, 1, &[lost(common.rev + 40), lost(common.rev + 9), common]).await.unwrap();
    assert_eq!((parted.epoch, parted.common, parted.began), (2, common, true));
    assert!(parted.revision >= common.rev + 40 + EPOCH_LEAP, "no revision of the lost history is given again");
    let other = ask(&room, &two, 1, &[lost(common.rev + 12), common]).await.unwrap();
    assert_eq!((other.epoch, other.common, other.began), (2, common, false), "the second is told, and no other begins");
    let page = room.page(&two, common, 500).await;
    assert!(!page.other_history && page.rows.is_empty() && page.next.rev == parted.revision);
    assert!(room.page(&two, lost(common.rev + 12), 500).await.other_history);
    let born = shop.supplier("Spharma").1;
    let late = push_from(&room, &one, (1, common), std::slice::from_ref(&born)).await;
    assert!(matches!(late, Err(StoreError::OtherHistory { known: 1, found: 2 })), "{late:?}");
    let pushed = push_from(&room, &one, (2, common), &[born]).await.unwrap();
    assert_eq!((epochs_of(&pushed), pushed.revision), (vec![2], parted.revision + 1));
}

pub async fn a_till_of_a_newer_epoch_is_followed(room: Room) {
    let (device, mut shop) = room.till(5).await;
    room.push(&device, &[shop.supplier("Spharma").1]).await;
    let common = here(&room, &device).await;
    let ahead = ask(&room, &device, 3, &[lost(2 * EPOCH_LEAP + 7), common]).await.unwrap();
    assert_eq!((ahead.epoch, ahead.common, ahead.began), (4, common, true));
    assert!(ahead.revision >= 3 * EPOCH_LEAP + 7);
    let behind = ask(&room, &device, 2, &[lost(EPOCH_LEAP + 3)]).await.unwrap();
    assert_eq!(
        (behind.epoch, behind.common, behind.began),
        (4, Cursor::default(), false),
        "nothing in common: from the start"
    );
}

pub async fn a_counter_set_back_by_many_leaps_is_made_good(room: Room) {
    let (device, mut shop) = room.till(5).await;
    room.push(&device, &[shop.supplier("Spharma").1]).await;
    let common = here(&room, &device).await;
    room.damage("UPDATE pharmacy SET epoch = 4").await;
    let parted = ask(&room, &device, 4, &[lost(3 * EPOCH_LEAP + 40), common]).await.unwrap();
    assert_eq!((parted.epoch, parted.common, parted.began), (5, common, true));
    assert!(parted.revision >= 4 * EPOCH_LEAP + 40, "above all that was given: {parted:?}");
    let too_far = ask_at(&room, &device, 5, (&[lost(9 * EPOCH_LEAP + 1)], 61_000)).await;
    assert!(matches!(too_far, Err(StoreError::HistoryRefused)), "{too_far:?}");
}

pub async fn a_till_that_lies_gains_little(room: Room) {
    let (device, _) = room.till(5).await;
    for (epoch, rev) in [(1, LARGEST), (1, EPOCH_LEAP + 1), (18, 7), (8_000, 7), (i64::MAX - 1, 7)] {
        let refused = ask(&room, &device, epoch, &[lost(rev)]).await;
        assert!(matches!(refused, Err(StoreError::HistoryRefused)), "{epoch} {rev}: {refused:?}");
    }
    assert_eq!(room.app.store.standing(device.pharmacy).await.unwrap().epoch, 1, "nothing was begun");
    assert_eq!(ask(&room, &device, 1, &[lost(7)]).await.unwrap().epoch, 2);
    let again = ask(&room, &device, 2, &[lost(7)]).await;
    assert!(matches!(again, Err(StoreError::EpochYoung(1..=60))), "{again:?}");
    assert_eq!(ask_at(&room, &device, 2, (&[lost(7)], 61_000)).await.unwrap().epoch, 3);
}

pub async fn of_another_history_nothing_is_applied(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, _, operations) = shop.stocked(&[5]);
    room.push(&device, &operations).await;
    let common = here(&room, &device).await;
    let born = [shop.supplier("Spharma").1];
    let before = room.app.store.bearer(officine_hub::secrets::hash(b"token of 5")).await.unwrap().unwrap().last_seq;
    for from in [
        (9, common),
        (1, lost(common.rev)),
        (1, lost(common.rev + 1)),
        (1, Cursor { rev: common.rev + 1, commit: None }),
    ] {
        let refused = push_from(&room, &device, from, &born).await;
        assert!(matches!(refused, Err(StoreError::OtherHistory { .. })), "{from:?}: {refused:?}");
    }
    let standing = room.app.store.standing(device.pharmacy).await.unwrap();
    assert!(standing.revision == common.rev && standing.rows.contains(&("supplier", 0)));
    let pushed = push_from(&room, &device, (1, common), &born).await.unwrap();
    assert!(accepted(&pushed.verdicts[0]));
    assert!(pushed.last_seq > before, "what was refused counts for nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_swapped_behind_the_hubs_back_is_seen_and_gives_nothing_twice() {
    let folder = TempDir::new().unwrap();
    let (file, kept) = (folder.path().join("hub.db"), folder.path().join("yesterday.db"));
    let room = Room::new(Arc::new(Sqlite::open(folder.path()).unwrap())).await;
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[9]);
    room.push(&device, &operations).await;
    let yesterday = here(&room, &device).await;
    rusqlite::Connection::open(&file).unwrap().execute("VACUUM INTO ?1", [kept.to_str().unwrap()]).unwrap();
    let sold = |shop: &mut Shop| shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
    let first = push_from(&room, &device, (1, yesterday), &[sold(&mut shop), sold(&mut shop)]).await.unwrap();
    let today = here(&room, &device).await;
    let pharmacy = room.pharmacy;
    drop(room);
    for name in ["hub.db-wal", "hub.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(name));
    }
    std::fs::rename(&kept, &file).unwrap();
    let room = Room::known(officine_hub::App::new(Arc::new(Sqlite::open(folder.path()).unwrap())), pharmacy);
    let third = [sold(&mut shop)];
    let refused = push_from(&room, &device, (1, today), &third).await;
    assert!(matches!(refused, Err(StoreError::OtherHistory { known: 1, found: 1 })), "{refused:?}");
    let parted = ask(&room, &device, 1, &[today, yesterday]).await.unwrap();
    assert_eq!((parted.epoch, parted.common), (2, yesterday));
    assert!(parted.revision > first.revision + EPOCH_LEAP - 1);
    let again = push_from(&room, &device, (2, yesterday), &third).await.unwrap();
    assert_eq!(epochs_of(&again), [2], "its server id is none of those that were given before");
}
