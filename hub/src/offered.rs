//! Rows as tills give them back: read once into typed values, before any database is asked.

use officine_protocol::{
    Uid,
    entities::entity,
    hlc::Hlc,
    limits::LARGEST,
    messages::WireRow,
    params,
    record::{Record, decode_fields, decode_parts},
    schema::Entity,
    value::{FieldError, Value},
};
use serde_json::{Map, Value as Json};

use crate::operation::{Body, Content, Prepared, Refusal, invalid};

/// A row that was offered.
#[derive(Clone, Debug)]
pub struct Offered {
    /// What it is about and what it holds, as the operation that the hub makes of it. Its own server id is attached.
    pub prepared: Prepared,
    /// The row; its references are uids, its revision the one that it was told with.
    pub record: Record,
    /// What it is about.
    pub entity: &'static Entity,
    /// Uids that the hub had made one with it.
    pub aliases: Vec<Uid>,
    /// Version of the tables that it comes from: of what came later it says nothing.
    pub schema: u32,
}

/// Reads a row of a till with tables of that version, or says why it cannot be.
pub fn read(row: WireRow, schema: u32, now: i64) -> Result<Offered, Refusal> {
    let Some(entity) = entity(&row.entity) else {
        let name: String = row.entity.chars().take(64).collect();
        return Err(Refusal { code: "entity_unknown", params: params! { entity: name } });
    };
    let record = record(entity, &row).map_err(|error| invalid(&error))?;
    let body = Body {
        entity,
        uid: row.uid,
        user: None,
        occurred_at: row.created_at,
        hlc: Hlc { millis: now, counter: 0 },
        base_rev: None,
        predecessor: None,
        replaced: Map::new(),
        doubtful: false,
        content: Content::Create(record.clone()),
        refused: None,
    };
    let server_ids = [(row.uid, row.server_id)].into();
    let prepared =
        Prepared { key: row.uid, seq: 0, hash: [0; 32], frozen: Default::default(), server_ids, body: Ok(body) };
    Ok(Offered { prepared, record, entity, aliases: row.aliases, schema })
}

fn record(entity: &Entity, row: &WireRow) -> Result<Record, FieldError> {
    let field = |name: &str| FieldError { field: name.to_owned(), why: "out of range" };
    let times = [row.created_at, row.archived_at.unwrap_or(0), row.server_id, row.rev];
    if row.uid.is_nil() || row.aliases.len() > ALIASES || times.iter().any(|number| !(0..=2 * LARGEST).contains(number))
    {
        return Err(field(if row.uid.is_nil() { "uid" } else { "rev" }));
    }
    let mut record = Record::new(entity, row.uid, row.created_at);
    record.values = decode_fields(entity, &with_secrets(entity, &row.fields))?;
    record.parts = decode_parts(entity, &row.parts)?;
    (record.rev, record.archived_at, record.server_id) = (row.rev, row.archived_at, Some(row.server_id));
    Ok(record)
}

/// Rows that the hub made one with another: more of them is not a pharmacy's.
const ALIASES: usize = 1_000;

/// A secret that did not come is none: whoever has no PIN signs in nowhere until a manager gives one.
fn with_secrets(entity: &Entity, fields: &Map<String, Json>) -> Map<String, Json> {
    let mut fields = fields.clone();
    for column in entity.columns.iter().filter(|column| column.secret) {
        fields.entry(column.wire_name()).or_insert_with(|| column.empty().to_json(column));
    }
    fields
}

/// Takes the secrets out of a row.
pub(crate) fn blank_secrets(entity: &Entity, record: &mut Record) {
    for (column, value) in entity.columns.iter().zip(&mut record.values) {
        if column.secret && *value != Value::Null {
            *value = column.empty();
        }
    }
}
