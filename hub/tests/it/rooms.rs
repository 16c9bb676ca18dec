//! A store with a pharmacy in it, whatever the database.

use std::{path::PathBuf, sync::Arc};

use officine_hub::{
    App, StoreError,
    admin::{create_pharmacy, enrolment_code},
    decide::{Decide, Device, decide},
    operation::Prepared,
    secrets::{code_hash, hash},
    store::{Ask, Batch, Enrolment, Heard, Page, Pushed, StockFilter, Store},
};
use officine_protocol::{
    Uid,
    clock::mint,
    limits::SCHEMA,
    messages::{Cursor, Operation},
};

use crate::shop::{NOON, Shop, prepared};

#[derive(Clone)]
pub struct Room {
    pub app: App,
    pub pharmacy: Uid,
    hands: Hands,
}

/// How somebody gets at the tables past the hub.
#[derive(Clone, Default)]
pub enum Hands {
    #[default]
    Tied,
    /// The file of SQLite.
    File(PathBuf),
    /// The URL of PostgreSQL's superuser.
    Root(String),
}

impl Room {
    pub async fn new(store: Arc<dyn Store>) -> Self {
        Self::within_reach(store, Hands::Tied).await
    }

    /// Of a pharmacy that is there.
    pub fn known(app: App, pharmacy: Uid) -> Self {
        Self { app, pharmacy, hands: Hands::Tied }
    }

    pub async fn within_reach(store: Arc<dyn Store>, hands: Hands) -> Self {
        let app = App::new(store);
        let pharmacy = create_pharmacy(&app, "Pharmacie du Port").await.unwrap();
        Self { app, pharmacy, hands }
    }

    /// Another pharmacy of the same hub.
    pub async fn next_door(&self) -> Self {
        Self::within_reach(self.app.store.clone(), self.hands.clone()).await
    }

    /// Writes to the tables by hand, and no rule of theirs is asked.
    pub async fn damage(&self, sql: &str) {
        match &self.hands {
            Hands::Tied => panic!("a room without hands"),
            Hands::File(file) => {
                let file = rusqlite::Connection::open(file).unwrap();
                file.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON").unwrap();
                file.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
                file.execute_batch(sql).unwrap();
            }
            Hands::Root(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                let served = tokio::spawn(connection);
                let free = "ALTER TABLE product_batch DROP CONSTRAINT IF EXISTS product_batch_check";
                client.batch_execute(&format!("{free}; SET session_replication_role = replica; {sql}")).await.unwrap();
                drop(client);
                served.await.unwrap().unwrap();
            }
        }
    }

    /// Writes to the tables by hand, as whoever has the database may.
    pub async fn by_hand(&self, sql: &str) {
        match &self.hands {
            Hands::Tied => panic!("a room without hands"),
            Hands::File(file) => rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap(),
            Hands::Root(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                let served = tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
                drop(client);
                served.await.unwrap().unwrap();
            }
        }
    }

    /// Does something while somebody has written by hand and not committed yet. A file has one writer: nothing is done.
    pub async fn while_written<T>(&self, sql: &str, act: impl Future<Output = T>) -> Option<T> {
        let Hands::Root(url) = &self.hands else { return None };
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        let served = tokio::spawn(connection);
        client.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
        let done = act.await;
        client.batch_execute("COMMIT").await.unwrap();
        drop(client);
        served.await.unwrap().unwrap();
        Some(done)
    }

    pub fn enrolment(&self, code: &str, incarnation: u128) -> Enrolment {
        Enrolment {
            code: code_hash(code),
            token: hash(format!("token of {incarnation}").as_bytes()),
            device: mint(&*self.app.clock, &*self.app.entropy),
            name: "Caisse".into(),
            incarnation: Uid::from_u128(incarnation),
            replaces: None,
            now: self.app.clock.now(),
        }
    }

    pub async fn code(&self) -> String {
        enrolment_code(&self.app, self.pharmacy).await.unwrap()
    }

    /// A till that is known, and its own hand at writing.
    pub async fn till(&self, incarnation: u128) -> (Device, Shop) {
        let code = self.code().await;
        let enrolled = self.app.store.enrol(self.enrolment(&code, incarnation)).await.unwrap();
        let series = enrolled.device.series;
        (enrolled.device, Shop::new(incarnation, series))
    }

    pub async fn push(&self, device: &Device, operations: &[Operation]) -> Pushed {
        self.push_with(device, operations, decide).await.unwrap()
    }

    /// By a till whose clock is so many milliseconds ahead of the hub's.
    pub async fn push_at(&self, device: &Device, operations: &[Operation], ahead: i64) -> Pushed {
        self.transact(device, operations, decide, (NOON + ahead, NOON)).await.unwrap()
    }

    pub async fn push_with(
        &self,
        device: &Device,
        operations: &[Operation],
        decide: Decide,
    ) -> Result<Pushed, StoreError> {
        self.transact(device, operations, decide, (NOON, self.app.clock.now())).await
    }

    async fn transact(
        &self,
        device: &Device,
        operations: &[Operation],
        decide: Decide,
        (sent_at, now): (i64, i64),
    ) -> Result<Pushed, StoreError> {
        self.store(device, prepared(operations), decide, (sent_at, now)).await
    }

    /// Operations with their envelopes, by a till whose clock is so many milliseconds ahead of the hub's.
    pub async fn push_prepared(&self, device: &Device, operations: Vec<Prepared>, ahead: i64) -> Pushed {
        self.store(device, operations, decide, (NOON + ahead, NOON)).await.unwrap()
    }

    async fn store(
        &self,
        device: &Device,
        operations: Vec<Prepared>,
        decide: Decide,
        (sent_at, now): (i64, i64),
    ) -> Result<Pushed, StoreError> {
        let heard = Heard { schema: 1, sent_at, ..Heard::default() };
        let commit = mint(&*self.app.clock, &*self.app.entropy);
        let batch = Batch { device: device.clone(), heard, operations, now, commit };
        self.app.store.transact(batch, decide).await
    }

    pub async fn page(&self, device: &Device, cursor: Cursor, max_rows: usize) -> Page {
        let ask = Ask { cursor, entities: vec![], schema: SCHEMA, max_rows, max_bytes: 1 << 20 };
        self.app.store.page(device, ask).await.unwrap()
    }

    /// The quantity and open recount of a lot.
    pub async fn lot(&self, lot: Uid) -> (i64, bool) {
        let stock = self.app.store.stock(StockFilter::default()).await.unwrap();
        let line = stock.iter().find(|line| line.batch == lot).unwrap();
        (line.quantity, line.recount_open)
    }
}
