//! Some tills that have all seen one product and its lot, and edit them without hearing of each other.

use std::sync::atomic::{AtomicU64, Ordering};

use officine_hub::decide::Device;
use officine_protocol::{
    Uid,
    entities::{CONFLICT, PRODUCT, PRODUCT_BATCH},
    messages::{Action, LogLine, LogRequest, Operation, Outcome, Verdict, WireRow},
    schema::Entity,
};
use serde_json::{Value as Json, json};

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{Shop, prepared},
};

pub const MINUTE: i64 = 60_000;

/// Tills of several rooms of one store.
static NEXT: AtomicU64 = AtomicU64::new(100);

pub struct Duel {
    pub room: Room,
    pub tills: Vec<(Device, Shop)>,
    pub product: Uid,
    pub lot: Uid,
    pub owner: Uid,
    /// The revision that all of them have seen.
    pub seen: i64,
}

impl Duel {
    /// With that strategy for products and for lots, if there is one.
    pub async fn of(room: Room, strategy: Option<&str>) -> Self {
        let mut tills = Vec::new();
        for _ in 0..3 {
            tills.push(room.till(NEXT.fetch_add(1, Ordering::Relaxed).into()).await);
        }
        let (product, lots, mut born) = tills[0].1.stocked(&[5]);
        let owner = tills[0].1.user;
        for entity in ["product", "productBatch"] {
            let word = strategy.map(|word| json!(word).to_string());
            born.extend(word.map(|word| tills[0].1.setting(&format!("conflict.{entity}"), &word).1));
        }
        let pushed = room.push_at(&tills[0].0, &born, 0).await;
        assert!(pushed.verdicts.iter().all(accepted), "{:?}", pushed.verdicts);
        Self { room, tills, product, lot: lots[0], owner, seen: pushed.revision }
    }

    /// An edit by the owner at a till, upon what all have seen. Its clock says so many milliseconds past noon.
    pub fn edit(&mut self, till: usize, at: i64, (entity, uid): (&Entity, Uid), fields: Json, old: Json) -> Operation {
        let (owner, seen, shop) = (self.owner, self.seen, &mut self.tills[till].1);
        shop.now += at;
        let operation = shop.edit(entity, uid, fields);
        shop.now -= at;
        let replaced = old.as_object().cloned().unwrap_or_default();
        Operation { base_rev: Some(seen), user: Some(owner), replaced, ..operation }
    }

    /// The threshold of the product.
    pub fn threshold(&mut self, till: usize, at: i64, stock: i64) -> Operation {
        let product = self.product;
        self.edit(till, at, (&PRODUCT, product), json!({ "minStock": stock }), json!({ "minStock": 0 }))
    }

    /// The day on which the lot expires.
    pub fn expiry(&mut self, till: usize, at: i64, day: &str) -> Operation {
        let lot = self.lot;
        self.edit(till, at, (&PRODUCT_BATCH, lot), json!({ "expiry": day }), json!({ "expiry": "2027-01-01" }))
    }

    /// Units and prices of the product.
    pub fn units(&mut self, till: usize, at: i64, units: &[(&str, i64)]) -> Operation {
        let rows = |units: &[(&str, i64)]| {
            let row = |(n, (name, price)): (usize, &(&str, i64))| json!({ "position": n, "name": name, "factor": n * 9 + 1, "price": price });
            Json::from(units.iter().enumerate().map(row).collect::<Vec<_>>())
        };
        let (product, old) = (self.product, rows(&[("boîte", 1_500)]));
        let mut edit = self.edit(till, at, (&PRODUCT, product), json!({}), json!({ "units": old }));
        edit.parts.insert("units".into(), serde_json::from_value(rows(units)).unwrap());
        edit
    }

    pub fn archival(&mut self, till: usize, at: i64, (entity, uid): (&Entity, Uid)) -> Operation {
        let (owner, seen, shop) = (self.owner, self.seen, &mut self.tills[till].1);
        shop.now += at;
        let operation = shop.operation(entity, Action::Delete, uid);
        shop.now -= at;
        Operation { base_rev: Some(seen), user: Some(owner), ..operation }
    }

    pub async fn push(&self, till: usize, operation: &Operation) -> Verdict {
        self.push_ahead(till, operation, 0).await
    }

    /// By a till whose clock is so far ahead.
    pub async fn push_ahead(&self, till: usize, operation: &Operation, ahead: i64) -> Verdict {
        let pushed = self.room.push_at(&self.tills[till].0, std::slice::from_ref(operation), ahead).await;
        pushed.verdicts.into_iter().next().unwrap()
    }

    /// By a till that does not trust its own clock.
    pub async fn push_doubtful(&self, till: usize, operation: &Operation) -> Verdict {
        let mut operations = prepared(std::slice::from_ref(operation));
        operations.iter_mut().for_each(|operation| operation.body.as_mut().unwrap().doubtful = true);
        let pushed = self.room.push_prepared(&self.tills[till].0, operations, 0).await;
        pushed.verdicts.into_iter().next().unwrap()
    }

    pub async fn rows(&self) -> Vec<WireRow> {
        self.room.page(&self.tills[0].0, Default::default(), 1_000).await.rows
    }

    pub async fn row(&self, uid: Uid) -> WireRow {
        self.rows().await.into_iter().find(|row| row.uid == uid || row.aliases.contains(&uid)).unwrap()
    }

    pub async fn field(&self, uid: Uid, name: &str) -> Json {
        self.row(uid).await.fields.get(name).cloned().unwrap_or_default()
    }

    /// Conflicts that wait for a person: kind, and place by place what was seen, sent and held.
    pub async fn open(&self) -> Vec<(Uid, String, Vec<(String, Json, Json, Json)>)> {
        let rows = self.rows().await;
        let open = rows.iter().filter(|row| row.entity == CONFLICT.name && !row.fields.contains_key("resolvedAt"));
        let field = |field: &Json| {
            let of = |name: &str| field[name].clone();
            (field["field"].as_str().unwrap().to_owned(), of("base"), of("till"), of("hub"))
        };
        let fields =
            |row: &WireRow| -> Vec<Json> { serde_json::from_str(row.fields["fields"].as_str().unwrap()).unwrap() };
        let told = |row: &WireRow| {
            let kind = row.fields["kind"].as_str().unwrap().to_owned();
            (row.uid, kind, fields(row).iter().map(field).collect())
        };
        open.map(told).collect()
    }

    pub async fn log(&self, entity: &str, uid: Uid) -> Vec<LogLine> {
        let asked = LogRequest { entity: Some(entity.into()), uid: Some(uid), limit: 500, ..Default::default() };
        self.room.app.store.log(&self.tills[0].0, asked).await.unwrap().lines
    }

    /// What the log says of a row, oldest first: field, old, new, kind, strategy.
    pub async fn told(&self, entity: &str, uid: Uid) -> Vec<(String, Json, Json, String, String)> {
        let line = |line: LogLine| {
            let (old, new) = (line.old.unwrap_or_default(), line.new.unwrap_or_default());
            (line.field, old, new, line.kind, line.strategy.unwrap_or_default())
        };
        let mut lines: Vec<_> = self.log(entity, uid).await.into_iter().map(line).collect();
        lines.reverse();
        lines
    }
}

pub fn said(field: &str, old: Json, new: Json, kind: &str, strategy: &str) -> (String, Json, Json, String, String) {
    (field.into(), old, new, kind.into(), strategy.into())
}

/// The kind of a conflict and its places, of a verdict.
pub fn lost(verdict: &Verdict) -> (String, Vec<String>) {
    match &verdict.outcome {
        Outcome::Conflict { kind, fields, .. } => (kind.clone(), fields.clone()),
        other => (code(other).to_owned(), vec![]),
    }
}

pub fn won() -> (String, Vec<String>) {
    ("accepted".to_owned(), vec![])
}
