//! Operations as they arrive: read once into typed values, before any database is asked.
//! What cannot be read is refused by name; only an operation without a key spoils its request.

use std::collections::BTreeMap;

use officine_protocol::{
    Params, Uid,
    entities::entity,
    hlc::Hlc,
    limits::{LARGEST, OPERATION_BYTES, SCHEMA},
    messages::{Action, Operation, SentOperation},
    params,
    record::{Record, decode_changes, decode_fields, decode_part, decode_parts},
    salvage::salvage,
    schema::{Column, Entity, Kind, Rule},
    value::{FieldError, Value},
};
use serde::Deserialize;
use serde_json::{Map, Value as Json, value::RawValue};

use crate::secrets::{Hash, hash};

const WHY_CHARS: usize = 200;

/// Why an operation is refused: worded by the till's catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The code.
    pub code: &'static str,
    /// What the message names.
    pub params: Params,
}

/// The rows of one part.
pub type Rows = Vec<Vec<Value>>;

/// What an operation writes. References are uids, as they came.
#[derive(Clone, Debug)]
pub enum Content {
    /// A whole row.
    Create(Record),
    /// Some columns and parts, by place. What only the hub writes is left out.
    Update {
        /// New values.
        changes: Vec<(usize, Value)>,
        /// New parts, each whole.
        parts: Vec<(usize, Rows)>,
    },
    /// Archival.
    Delete,
}

/// An operation that could be read.
#[derive(Clone, Debug)]
pub struct Body {
    /// What it is about.
    pub entity: &'static Entity,
    /// Which row.
    pub uid: Uid,
    /// Who; absent for the device itself.
    pub user: Option<Uid>,
    /// When, by the till's clock.
    pub occurred_at: i64,
    /// Its place in hybrid time.
    pub hlc: Hlc,
    /// The revision it edits, where it edits one.
    pub base_rev: Option<i64>,
    /// Key of the device's own edit before it, unanswered then.
    pub predecessor: Option<Uid>,
    /// The values it replaces, as its editor saw them: what the till says, not checked.
    pub replaced: Map<String, Json>,
    /// Its clock is not to be trusted.
    pub doubtful: bool,
    /// What it writes.
    pub content: Content,
    /// Why the ticket it bears is refused whatever the books say: what could be read of it is its content.
    pub refused: Option<Refusal>,
}

impl Body {
    /// The revision that the editor had seen. After one's own unanswered edit, told without a revision, it is none:
    /// others may have written in between.
    pub fn base(&self) -> Option<i64> {
        self.base_rev.or(self.predecessor.map(|_| 0))
    }
}

/// An operation with its envelope, read.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Idempotency key.
    pub key: Uid,
    /// Device sequence.
    pub seq: i64,
    /// SHA-256 of the frozen bytes.
    pub hash: Hash,
    /// The frozen bytes.
    pub frozen: Box<RawValue>,
    /// Server ids the till knew for the rows it names.
    pub server_ids: BTreeMap<Uid, i64>,
    /// What it says, or why it is refused.
    pub body: Result<Body, Refusal>,
}

#[derive(Deserialize)]
struct Identity {
    key: Uid,
    seq: i64,
}

/// Reads an operation. An error is why not even its key could be read.
pub fn prepare(sent: SentOperation) -> Result<Prepared, String> {
    let bytes = sent.operation.get();
    let refuse = |code, params| Err(Refusal { code, params });
    let (identity, body) = match serde_json::from_str::<Operation>(bytes) {
        _ if bytes.len() > OPERATION_BYTES => {
            (identity(bytes)?, refuse("operation_too_big", params! { limit: OPERATION_BYTES }))
        }
        Ok(operation) => (Identity { key: operation.key, seq: operation.seq }, read(operation, sent.clock_doubtful)),
        Err(why) => (identity(bytes)?, refuse("operation_malformed", params! { why: shortened(&why) })),
    };
    let Identity { key, seq } = identity;
    let (hash, SentOperation { operation: frozen, server_ids, .. }) = (hash(bytes.as_bytes()), sent);
    Ok(Prepared { key, seq, hash, frozen, server_ids, body })
}

fn identity(bytes: &str) -> Result<Identity, String> {
    serde_json::from_str(bytes).map_err(|why| shortened(&why))
}

/// Why something was not understood, without all it may quote of what was sent.
pub fn shortened(why: &impl std::fmt::Display) -> String {
    why.to_string().chars().take(WHY_CHARS).collect()
}

fn read(operation: Operation, doubtful: bool) -> Result<Body, Refusal> {
    let Some(entity) = entity(&operation.entity) else {
        let name: String = operation.entity.chars().take(64).collect();
        return Err(Refusal { code: "entity_unknown", params: params! { entity: name } });
    };
    if operation.version > SCHEMA {
        return Err(Refusal { code: "schema_newer", params: params! { version: operation.version, known: SCHEMA } });
    }
    if operation.uid.is_nil() || !(0..=LARGEST).contains(&operation.occurred_at) {
        let field = if operation.uid.is_nil() { "uid" } else { "occurredAt" };
        return Err(invalid(&FieldError { field: field.to_owned(), why: "out of range" }));
    }
    let (content, refused) = match content(entity, &operation) {
        Ok(content) => (content, None),
        Err(error) => match salvaged(entity, &operation) {
            Some(record) => (Content::Create(record), Some(invalid(&error))),
            None => return Err(invalid(&error)),
        },
    };
    let Operation { uid, user, occurred_at, hlc, base_rev, predecessor, replaced, .. } = operation;
    Ok(Body { entity, uid, user, occurred_at, hlc, base_rev, predecessor, replaced, doubtful, content, refused })
}

/// What can be read of a ticket that holds what it may not: its number is borne.
fn salvaged(entity: &Entity, operation: &Operation) -> Option<Record> {
    if !entity.numbered() || operation.action != Action::Create {
        return None;
    }
    let mut record = Record::new(entity, operation.uid, operation.occurred_at);
    (record.values, record.parts) = salvage(entity, &operation.fields, &operation.parts)?;
    Some(record)
}

/// The refusal of a field.
pub fn invalid(error: &FieldError) -> Refusal {
    Refusal { code: "field_invalid", params: params! { field: error.field, why: error.why } }
}

fn content(entity: &Entity, operation: &Operation) -> Result<Content, FieldError> {
    Ok(match operation.action {
        Action::Create => {
            let mut record = Record::new(entity, operation.uid, operation.occurred_at);
            record.values = decode_fields(entity, &with_hub_columns(entity, &operation.fields))?;
            record.parts = decode_parts(entity, &operation.parts)?;
            Content::Create(record)
        }
        Action::Update => Content::Update { changes: changes(entity, operation)?, parts: parts(entity, operation)? },
        Action::Delete => Content::Delete,
    })
}

fn hub_only(column: &Column) -> bool {
    column.rule == Rule::HubOnly
}

/// Columns that only the hub writes need not be sent.
fn with_hub_columns(entity: &Entity, fields: &Map<String, Json>) -> Map<String, Json> {
    let mut fields = fields.clone();
    for column in entity.columns.iter().filter(|column| hub_only(column) && !column.nullable) {
        fields.entry(column.wire_name()).or_insert_with(|| match column.kind {
            Kind::Bool => false.into(),
            Kind::Int(least, _) => least.into(),
            _ => "".into(),
        });
    }
    fields
}

fn changes(entity: &Entity, operation: &Operation) -> Result<Vec<(usize, Value)>, FieldError> {
    let mut changes = decode_changes(entity, &operation.fields)?;
    changes.retain(|(place, _)| entity.columns.get(*place).is_some_and(|column| !hub_only(column)));
    Ok(changes)
}

fn parts(entity: &Entity, operation: &Operation) -> Result<Vec<(usize, Rows)>, FieldError> {
    let rows = |(name, rows): (&String, &Vec<Map<String, Json>>)| {
        let unknown = || FieldError { field: name.chars().take(64).collect(), why: "unknown" };
        let place = entity.part(name).ok_or_else(unknown)?;
        let part = entity.parts.get(place).ok_or_else(unknown)?;
        Ok((place, decode_part(part, rows)?))
    };
    operation.parts.iter().map(rows).collect()
}

/// Every row a content names, and of which entity.
pub fn references(entity: &'static Entity, content: &Content) -> Vec<(&'static str, Uid)> {
    let mut found = Vec::new();
    let mut note = |column: &Column, value: &Value| {
        if let (Kind::Ref(target), Value::Uid(uid)) = (column.kind, value) {
            found.push((target, *uid));
        }
    };
    match content {
        Content::Create(record) => return record.references(entity).collect(),
        Content::Update { changes, parts } => {
            let columns = changes.iter().filter_map(|(place, value)| Some((entity.columns.get(*place)?, value)));
            columns.for_each(|(column, value)| note(column, value));
            for (part, rows) in parts.iter().filter_map(|(place, rows)| Some((entity.parts.get(*place)?, rows))) {
                rows.iter().for_each(|row| part.columns.iter().zip(row).for_each(|(c, v)| note(c, v)));
            }
        }
        Content::Delete => {}
    }
    found
}
