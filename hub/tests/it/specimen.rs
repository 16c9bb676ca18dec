//! A row of any entity, made from the declaration alone: a new entity is tried without being named.

use officine_protocol::{
    Uid,
    entities::ENTITIES,
    record::Record,
    schema::{Column, Entity, Kind},
    value::Value,
};

use crate::shop::NOON;

/// How the rows of one pharmacy are called: the same for every entity, and nobody else's.
#[derive(Clone)]
pub struct Names {
    base: u128,
    /// In every text.
    pub mark: &'static str,
}

impl Names {
    pub const fn new(base: u128, mark: &'static str) -> Self {
        Self { base, mark }
    }

    fn place(entity: &str) -> u128 {
        ENTITIES.iter().position(|known| known.name == entity).expect("an entity") as u128
    }

    fn minted(&self, kind: u128, n: u128) -> Uid {
        Uid::from_u128(self.base << 64 | kind << 32 | n)
    }

    pub fn uid(&self, entity: &str) -> Uid {
        self.minted(1, Self::place(entity))
    }

    /// Another uid of the same row.
    pub fn alias(&self, entity: &str) -> Uid {
        self.minted(2, Self::place(entity))
    }

    /// A row to be born.
    pub fn fresh(&self, entity: &str, n: u128) -> Uid {
        self.minted(3 + n, Self::place(entity))
    }

    pub fn id(&self, entity: &str) -> i64 {
        (self.base as i64) * 1_000 + Self::place(entity) as i64
    }

    /// A commit, an idempotency key.
    pub fn commit(&self) -> Uid {
        self.minted(90, 1)
    }

    pub fn key(&self) -> Uid {
        self.minted(91, 1)
    }

    /// A text in which these names stand as if they were anybody's.
    pub fn forgotten(&self, text: &str) -> String {
        let mut text = text.replace(self.mark, "MARK");
        for (n, entity) in ENTITIES.iter().enumerate() {
            let uids = [
                self.uid(entity.name),
                self.alias(entity.name),
                self.fresh(entity.name, 0),
                self.fresh(entity.name, 1),
            ];
            for (kind, uid) in uids.iter().enumerate() {
                text = text.replace(&uid.to_string(), &format!("uid {kind} {n}"));
            }
            text = text.replace(&self.id(entity.name).to_string(), &format!("\"id {n}\""));
        }
        text.replace(&self.commit().to_string(), "commit").replace(&self.key().to_string(), "key")
    }
}

/// A row whose references are what `refers` says, its parts one row each.
pub fn specimen(entity: &Entity, uid: Uid, mark: &str, refers: &dyn Fn(&'static str) -> Value) -> Record {
    let mut record = Record::new(entity, uid, NOON);
    record.values = entity.columns.iter().map(|column| value(column, mark, refers)).collect();
    record.parts = entity
        .parts
        .iter()
        .map(|part| vec![part.columns.iter().map(|column| value(column, mark, refers)).collect()])
        .collect();
    record.derive(entity);
    record
}

fn value(column: &Column, mark: &str, refers: &dyn Fn(&'static str) -> Value) -> Value {
    match column.kind {
        Kind::Text(max) => mark.chars().take(max).collect::<String>().into(),
        Kind::OneOf(words) => words[0].into(),
        Kind::Json(_) => format!("\"{mark}\"").into(),
        Kind::Int(min, max) => 1.clamp(min, max).into(),
        Kind::Bool => false.into(),
        Kind::Date => 20_300_101.into(),
        Kind::Instant => NOON.into(),
        Kind::Bytes(len) => Value::Bytes(vec![7; len]),
        Kind::Ref(target) => refers(target),
    }
}
