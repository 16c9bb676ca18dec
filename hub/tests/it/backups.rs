//! Backups while the hub serves, and what a restore leaves: nothing named twice, nobody let in again, nothing thrown away.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use officine_hub::{
    App,
    backup::{BackupError, Note, backup, restore},
    server::{Place, open},
    store::HistoryAsk,
};
use officine_protocol::{
    Uid,
    clock::mint,
    limits::EPOCH_LEAP,
    messages::{Cursor, OfferVerdict, Outcome, WireRow},
};
use tempfile::TempDir;

use crate::{
    cluster::{Cluster, Database},
    offering::{code, try_offer},
    pages::everything,
    rooms::Room,
    shop::{Shop, line, take},
};

/// A hub's database, and whose URL can dump it.
struct Shelf {
    place: Place,
    url: Option<String>,
    folder: TempDir,
}

impl Shelf {
    fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        Self { place: Place::Folder(folder.path().join("hub")), url: None, folder }
    }

    fn postgres(Database { app, owner, root }: Database) -> Self {
        Self { place: Place::Url { app, owner: Some(owner) }, url: Some(root), folder: TempDir::new().unwrap() }
    }

    async fn app(&self) -> App {
        App::new(open(&self.place).await.unwrap())
    }

    async fn backup(&self) -> PathBuf {
        backup(&self.place, self.url.as_deref(), &self.folder.path().join("kept/"), None).await.unwrap().file
    }
}

/// Yesterday's backup, a day's trade, a restore: both tills' history, series and devices go on.
async fn restored_to_yesterday(shelf: Shelf) {
    let room = Room::new(open(&shelf.place).await.unwrap()).await;
    let ((one, mut shop), (lost, _)) = (room.till(5).await, room.till(6).await);
    let (product, lots, operations) = shop.stocked(&[9]);
    let yesterday = room.push(&one, &operations).await.revision;
    let from = shelf.backup().await;
    let note: Note = serde_json::from_slice(&std::fs::read(format!("{}.json", from.display())).unwrap()).unwrap();
    assert_eq!((note.pharmacies[0].revision, note.pharmacies[0].epoch), (yesterday, 1));
    let sale = |shop: &mut Shop| shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
    let today = room.push(&one, &[sale(&mut shop), sale(&mut shop)]).await.revision;
    room.app.store.revoke(lost.uid, 1).await.unwrap();
    let (newer, _) = room.till(7).await;
    let cursor = room.page(&one, Cursor::default(), 500).await.next;
    assert!(matches!(restore(&shelf.place, &from).await, Err(BackupError::Serving(_))), "a hub serves it");
    let pharmacy = room.pharmacy;
    drop(room);
    let restored = restore(&shelf.place, &from).await.unwrap();
    let renewed = &restored.pharmacies[0];
    assert_eq!((renewed.pharmacy, renewed.epoch, renewed.common), (pharmacy, 2, yesterday));
    assert!(renewed.revision >= today + EPOCH_LEAP && restored.kept.is_some());
    let room = Room::known(shelf.app().await, pharmacy);
    let devices = room.app.store.devices().await.unwrap();
    let found = |uid: Uid| devices.iter().find(|device| device.uid == uid).unwrap();
    assert!(found(lost.uid).revoked_at.is_some(), "who was shut out since stays so");
    assert_eq!(found(newer.uid).series, newer.series, "who came since is known");
    assert!(room.till(8).await.0.series > newer.series, "no series is given twice");
    let (now, commit) = (room.app.clock.now(), mint(&*room.app.clock, &*room.app.entropy));
    let ask = HistoryAsk { epoch: 1, passed: vec![cursor], now, commit };
    let history = room.app.store.history(&one, ask).await.unwrap();
    assert_eq!((history.epoch, history.common, history.began), (2, Cursor::default(), false));
    let pushed = room.push(&one, &[sale(&mut shop)]).await;
    let Outcome::Accepted { server_id, rev, .. } = pushed.verdicts[0].outcome else { panic!("{pushed:?}") };
    assert_eq!((server_id >> 40, rev), (2, renewed.revision + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_hub_restored_to_yesterday_names_nothing_twice() {
    Box::pin(restored_to_yesterday(Shelf::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_hub_restored_to_yesterday_names_nothing_twice() {
    let cluster = Cluster::start();
    let shelf = Shelf::postgres(cluster.database("yesterday"));
    let Place::Url { owner: Some(owner), .. } = &shelf.place else { panic!() };
    let app = shelf.app().await;
    let of_owner = backup(&shelf.place, Some(owner), &shelf.folder.path().join("o.dump"), None).await;
    assert!(of_owner.unwrap_err().to_string().contains("backup_url"), "row-level security holds the owner, too");
    drop(app);
    Box::pin(restored_to_yesterday(shelf)).await;
}

/// Restored to the same backup again: what the history between had only taken back is no later than it was.
async fn restored_again(shelf: Shelf) {
    let room = Room::new(open(&shelf.place).await.unwrap()).await;
    let (device, mut shop) = room.till(5).await;
    let (supplier, born) = shop.supplier("Laborex");
    let common = room.push(&device, &[born]).await.revision;
    let told = everything(&room, &device, 100).await.into_iter().find(|row| row.uid == supplier).unwrap();
    let row = |rev: i64, phone: &str| {
        let mut row = WireRow { rev, ..told.clone() };
        row.fields.insert("phone".into(), phone.into());
        row
    };
    let from = shelf.backup().await;
    let pharmacy = room.pharmacy;
    drop(room);
    restore(&shelf.place, &from).await.unwrap();
    let room = Room::known(shelf.app().await, pharmacy);
    let earlier = try_offer(&room, &device, 2, &[row(common + 2, "earlier")]).await.unwrap().verdicts;
    let OfferVerdict::Taken { rev: again, .. } = earlier[0] else { panic!("{earlier:?}") };
    drop(room);
    restore(&shelf.place, &from).await.unwrap();
    let room = Room::known(shelf.app().await, pharmacy);
    let offered = [row(again, "earlier"), row(common + 5, "later"), row(common + 3, "between")];
    let verdicts = try_offer(&room, &device, 3, &offered).await.unwrap().verdicts;
    assert_eq!(verdicts.iter().map(code).collect::<Vec<_>>(), ["taken", "taken", "kept"]);
    let stands = everything(&room, &device, 100).await.into_iter().find(|row| row.uid == supplier).unwrap();
    assert_eq!(stands.fields["phone"], "later");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_what_was_taken_back_is_known_after_another_restore() {
    Box::pin(restored_again(Shelf::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_what_was_taken_back_is_known_after_another_restore() {
    let cluster = Cluster::start();
    Box::pin(restored_again(Shelf::postgres(cluster.database("again")))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_or_was_changed_is_refused_and_the_database_left() {
    let shelf = Shelf::sqlite();
    let room = Room::new(Arc::clone(&shelf.app().await.store)).await;
    let from = shelf.backup().await;
    drop(room);
    let before = std::fs::read(shelf.folder.path().join("hub/hub.db")).unwrap();
    let nonsense = shelf.folder.path().join("nonsense.db");
    std::fs::write(&nonsense, "no database, whatever its name says. ".repeat(99)).unwrap();
    let mut changed = std::fs::read(&from).unwrap();
    changed.push(0);
    std::fs::write(&from, changed).unwrap();
    for file in [&nonsense, &from] {
        let refused = restore(&shelf.place, file).await;
        assert!(matches!(refused, Err(BackupError::Unfit { .. })), "{refused:?}");
    }
    assert_eq!(std::fs::read(shelf.folder.path().join("hub/hub.db")).unwrap(), before);
}

fn hub(data: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_officine-hub"));
    command.env_remove("RUST_BACKTRACE").arg("--json").arg("--data").arg(data).args(words).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_keeps_the_newest_and_says_what_it_did() {
    let shelf = Shelf::sqlite();
    let (data, kept) = (shelf.folder.path().join("hub"), shelf.folder.path().join("kept/"));
    let nothing = hub(&shelf.folder.path().join("nowhere"), &["backup", "--to", "x.db"]);
    assert_eq!(nothing.status.code(), Some(1));
    let room = Room::new(Arc::clone(&shelf.app().await.store)).await;
    for _ in 0..3 {
        let made = hub(&data, &["backup", "--to", kept.to_str().unwrap(), "--keep", "2"]);
        assert!(made.status.success(), "{made:?}");
    }
    let mut names: Vec<_> = std::fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert_eq!(names.len(), 4, "two backups and their notes: {names:?}");
    let from = names.iter().find(|path| path.extension().unwrap() == "db").unwrap().to_str().unwrap();
    assert_eq!(hub(&data, &["restore", "--from", from]).status.code(), Some(3), "a hub serves");
    drop(room);
    let done = hub(&data, &["restore", "--from", from]);
    let said: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(done.status.success() && said["pharmacies"][0]["epoch"] == 2, "{done:?}");
    let listed = hub(&data, &["quarantine", "list"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "[]");
}
