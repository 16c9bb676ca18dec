//! Uploads of one pharmacy share a transaction, and nothing else.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use officine_hub::{
    StoreError,
    decide::{Changes, Decide, Device, WorkingSet, decide},
    operation::Prepared,
    store::Pushed,
};
use officine_protocol::{Uid, messages::Operation};
use tokio::task::JoinHandle;

use crate::{
    contract::sabotage,
    decisions::{accepted, code},
    rooms::Room,
};

/// Devices whose first upload may go on.
static OPEN: Mutex<BTreeSet<Uid>> = Mutex::new(BTreeSet::new());

/// Waits until the others have queued behind it.
fn slow(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    tokio::task::block_in_place(|| {
        while !OPEN.lock().unwrap().contains(&working.device.uid) {
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    decide(working, operations)
}

async fn go_on(device: &Device) {
    tokio::time::sleep(Duration::from_millis(500)).await;
    OPEN.lock().unwrap().insert(device.uid);
}

fn broken(_: &mut WorkingSet, _: &[Prepared]) -> Changes {
    panic!("a decision that fails")
}

type Answer = JoinHandle<Result<Pushed, StoreError>>;

/// Sends, and lets it get in line before the next.
async fn sent(room: &Room, device: &Device, operations: &[Operation], how: Decide) -> Answer {
    let (room, device, operations) = (room.clone(), device.clone(), operations.to_vec());
    let sent = tokio::spawn(async move { room.push_with(&device, &operations, how).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    sent
}

pub async fn uploads_that_wait_share_one_commit(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (other, mut second) = room.till(6).await;
    let mut answers = vec![sent(&room, &device, &[shop.supplier("first").1], slow).await];
    for n in 0..4 {
        answers.push(sent(&room, &device, &[shop.supplier(&format!("a {n}")).1], decide).await);
        answers.push(sent(&room, &other, &[second.supplier(&format!("b {n}")).1], decide).await);
    }
    go_on(&device).await;
    let mut revisions = BTreeSet::new();
    for answer in answers {
        let pushed = answer.await.unwrap().unwrap();
        assert!(pushed.verdicts.len() == 1 && accepted(&pushed.verdicts[0]));
        revisions.insert(pushed.revision);
    }
    assert_eq!(revisions, BTreeSet::from([1, 9]), "one alone, eight together");
    let page = room.page(&device, Default::default(), 100).await;
    assert_eq!((page.rows.len(), page.next.rev), (9, 9));
}

pub async fn one_upload_never_spoils_another(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (other, mut second) = room.till(6).await;
    let (gone, mut third) = room.till(7).await;
    room.app.store.revoke(gone.uid, 1).await.unwrap();
    let begun = sent(&room, &device, &[shop.supplier("first").1], slow).await;
    let twice = [shop.supplier("twice").1];
    let answers = [
        sent(&room, &device, &twice, decide).await,
        sent(&room, &other, &[second.supplier("boom").1, second.supplier("beside it").1], sabotage).await,
        sent(&room, &gone, &[third.supplier("late").1], decide).await,
        sent(&room, &other, &[second.supplier("broken").1], broken).await,
        sent(&room, &device, &twice, decide).await,
        sent(&room, &other, &[Operation { seq: 9, ..twice[0].clone() }], decide).await,
    ];
    go_on(&device).await;
    assert!(accepted(&begun.await.unwrap().unwrap().verdicts[0]));
    let [once, objected, revoked, broken, again, strange] = answers;
    let once = once.await.unwrap().unwrap();
    assert!(accepted(&once.verdicts[0]) && !once.verdicts[0].duplicate);
    let codes = objected.await.unwrap().unwrap().verdicts;
    assert_eq!(codes.iter().map(|verdict| code(&verdict.outcome)).collect::<Vec<_>>(), ["storage_refused", "accepted"]);
    assert!(matches!(revoked.await.unwrap(), Err(StoreError::Revoked)));
    assert!(matches!(broken.await.unwrap(), Err(StoreError::Failed(_))));
    let again = again.await.unwrap().unwrap();
    assert!(again.verdicts[0].duplicate && again.verdicts[0].outcome == once.verdicts[0].outcome);
    let strange = strange.await.unwrap().unwrap();
    assert!(!strange.verdicts[0].duplicate, "a key is the device's own");
    let standing = room.app.store.standing(device.pharmacy).await.unwrap();
    assert!(standing.rows.contains(&("supplier", 3)), "{:?}", standing.rows);
}
