//! What this till holds, in a few bytes, as the hub would say it: rows the hub knows, each as the hub last told it. What
//! waits to be sent is counted and left out, so that an unsent edit is no difference.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use officine_protocol::{
    Uid,
    digest::{BUCKETS, VERSION, add, bucket, empty, hash},
    entities::in_order,
    limits::{HASHED_PORTIONS, SCHEMA},
    messages::{Action, Digest, DigestResponse, Operation, RowDigest, WireRow},
    record::{self, Record},
    schema::Entity,
    value::Value,
};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde_json::Value as Json;

use super::{apply, cursor, hashed, transport::Narrowed};
use crate::{engine::Till, error::Result, store::rows};

/// The digests of this till's book.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TillDigest {
    /// As the hub tells its own. The revision is the till's cursor.
    #[serde(flatten)]
    pub book: DigestResponse,
    /// By entity: rows with operations that the hub has not answered. Told as the hub knew them before, or not at all.
    pub pending: BTreeMap<String, u64>,
}

/// This till's book beside the hub's.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Every entity is equal.
    pub equal: bool,
    /// Both stand at one revision: only then does a difference mean anything.
    pub same_revision: bool,
    /// Where this till stands.
    pub revision: i64,
    /// Where the hub stands.
    pub hub_revision: i64,
    /// By entity, parents first.
    pub entities: Vec<Compared>,
}

/// An entity here and on the hub.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// Entity.
    pub entity: &'static str,
    /// Here and there alike.
    pub equal: bool,
    /// Rows here that the hub knows.
    pub here: u64,
    /// Rows on the hub.
    pub hub: u64,
    /// Rows with operations that the hub has not answered.
    pub pending: u64,
}

impl Till {
    /// How many rows each entity has and the sum of their hashes, in so many buckets, from one state of the store.
    pub fn digest(&self, buckets: u32) -> Result<TillDigest> {
        self.store.read(|connection| {
            let known = cursor::load(connection)?;
            let (epoch, revision) = (known.epoch, known.cursor.rev);
            let pending = Pending::read(connection)?;
            let entities = BTreeMap::new();
            let book =
                DigestResponse { version: VERSION, schema: SCHEMA, epoch, revision, entities, read: 0, more: false };
            let mut told = TillDigest { book, pending: BTreeMap::new() };
            for entity in in_order() {
                let found = of(connection, entity, buckets, &pending)?;
                told.book.read += found.read;
                told.book.entities.insert(entity.name.to_owned(), found.digests);
                told.pending.insert(entity.name.to_owned(), found.waits);
            }
            Ok(told)
        })
    }

    /// Asks the hub for its digests and lays them beside this till's. Nothing is pushed or pulled.
    pub fn compare(&self) -> Result<Comparison> {
        let device = self.device()?;
        let ask = || self.transport().digest(&device, &Narrowed::whole(None)).map(|(hub, _)| hub);
        let mut hub = ask()?;
        for _ in 0..HASHED_PORTIONS {
            if hub.more {
                hub = ask()?;
            }
        }
        let here = self.digest(1)?;
        let entity = |entity: &&'static Entity| {
            let (own, theirs) = (here.book.entities.get(entity.name), hub.entities.get(entity.name));
            let count = |digests: Option<&Vec<Digest>>| digests.into_iter().flatten().map(|digest| digest.count).sum();
            Compared {
                entity: entity.name,
                equal: own == theirs && here.book.version == hub.version,
                here: count(own),
                hub: count(theirs),
                pending: here.pending.get(entity.name).copied().unwrap_or(0),
            }
        };
        let entities: Vec<_> = in_order().iter().map(entity).collect();
        let (revision, hub_revision) = (here.book.revision, hub.revision);
        Ok(Comparison {
            equal: entities.iter().all(|compared| compared.equal),
            same_revision: revision == hub_revision && here.book.epoch == hub.epoch,
            revision,
            hub_revision,
            entities,
        })
    }
}

/// The operations that have no verdict yet, by row, newest first: read once for a whole book.
#[derive(Debug, Default)]
pub struct Pending(HashMap<Uid, Vec<Operation>>);

impl Pending {
    /// All of them.
    pub fn read(connection: &Connection) -> Result<Self> {
        let sql = "SELECT uid, payload FROM outbox WHERE state <> 5 AND state <> 4 ORDER BY seq DESC";
        let mut statement = connection.prepare_cached(sql)?;
        let mut pending: HashMap<Uid, Vec<Operation>> = HashMap::new();
        for waiting in statement.query_map([], |row| Ok((rows::read_uid(row, 0)?, row.get::<_, Vec<u8>>(1)?)))? {
            let (uid, payload) = waiting?;
            pending.entry(uid).or_default().push(serde_json::from_slice(&payload)?);
        }
        Ok(Self(pending))
    }

    /// Those on a row.
    pub fn on(&self, uid: Uid) -> &[Operation] {
        self.0.get(&uid).map_or(&[], Vec::as_slice)
    }

    /// The rows of an entity that have any, by key.
    fn rows(&self, connection: &Connection, entity: &Entity) -> Result<HashMap<i64, Uid>> {
        let mut statement = connection.prepare(&format!("SELECT id FROM \"{}\" WHERE uid = ?1", entity.table))?;
        let of = |operations: &[Operation]| operations.iter().any(|operation| operation.entity == entity.name);
        let mut rows = HashMap::new();
        for uid in self.0.iter().filter(|(_, operations)| of(operations)).map(|(uid, _)| *uid) {
            let id: Option<i64> = statement.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
            rows.extend(id.map(|id| (id, uid)));
        }
        Ok(rows)
    }

    /// How many operations there are.
    pub fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

/// An entity here.
#[derive(Debug)]
pub struct Found {
    /// Its digests.
    pub digests: Vec<Digest>,
    /// Rows with operations that wait.
    pub waits: u64,
    /// Rows that were read for it.
    pub read: i64,
}

/// The digests of an entity's rows, as the hub last told them.
pub fn of(connection: &Connection, entity: &'static Entity, buckets: u32, pending: &Pending) -> Result<Found> {
    let (mut digests, waiting) = (empty(buckets), pending.rows(connection, entity)?);
    let mut read = hashed::each(connection, entity, |row| {
        let digest = digests.get_mut(row.bucket(buckets) as usize).filter(|_| !waiting.contains_key(&row.id));
        digest.into_iter().for_each(|digest| row.count_in(digest));
    })?;
    for uid in waiting.values() {
        read += 1;
        if let Some(record) = told(connection, entity, *uid, pending)? {
            add(&mut digests, entity, &record, SCHEMA);
        }
    }
    Ok(Found { digests, waits: waiting.len() as u64, read })
}

/// The rows of an entity in these of the finest buckets, each in a few bytes, as the hub last told them, and how many were
/// read for it. They are read: what is kept only says which they are.
pub fn rows_in(
    connection: &Connection,
    entity: &'static Entity,
    buckets: &BTreeSet<u32>,
    pending: &Pending,
) -> Result<(BTreeMap<Uid, RowDigest>, i64)> {
    let (mut ids, mut found, waiting) = (Vec::new(), BTreeMap::new(), pending.rows(connection, entity)?);
    let mut read = hashed::each(connection, entity, |row| {
        if buckets.contains(&row.bucket(BUCKETS)) && !waiting.contains_key(&row.id) {
            ids.push(row.id);
        }
    })?;
    let mut tell = |record: &Record| {
        let (uid, server_id, rev) = (record.uid, record.server_id.unwrap_or(0), record.rev);
        found.insert(uid, RowDigest { uid, server_id, rev, hash: hash(entity, record, SCHEMA) });
        read += 1;
    };
    for id in ids {
        hashed::rows(connection, entity, (id - 1, id))?.records().iter().for_each(|(_, record)| tell(record));
    }
    let in_them = |uid: &&Uid| u32::try_from(bucket(**uid, BUCKETS)).is_ok_and(|bucket| buckets.contains(&bucket));
    for uid in waiting.values().filter(in_them) {
        told(connection, entity, *uid, pending)?.iter().for_each(&mut tell);
    }
    Ok((found, read))
}

/// A row that has operations which wait, as the hub last told it.
fn told(connection: &Connection, entity: &'static Entity, uid: Uid, pending: &Pending) -> Result<Option<Record>> {
    let Some((_, record)) = rows::get(connection, entity, uid)? else { return Ok(None) };
    at_the_hub(connection, entity, record, pending.on(uid))
}

/// A row as the hub last told it: what was held back, or the row without what is not answered. Nothing for a row that
/// the hub has not named.
pub fn at_the_hub(
    connection: &Connection,
    entity: &'static Entity,
    mut record: Record,
    pending: &[Operation],
) -> Result<Option<Record>> {
    if !pending.is_empty()
        && let Some(held) = held(connection, entity, record.uid)?
    {
        return Ok(Some(held));
    }
    if record.server_id.is_none() {
        return Ok(None);
    }
    pending.iter().try_for_each(|operation| undo(entity, &mut record, operation))?;
    Ok(Some(record))
}

fn held(connection: &Connection, entity: &'static Entity, uid: Uid) -> Result<Option<Record>> {
    let mut statement = connection.prepare_cached("SELECT body FROM held_row WHERE entity = ?1 AND uid = ?2")?;
    let body: Option<String> = statement.query_row((entity.name, uid.as_bytes()), |row| row.get(0)).optional()?;
    let row: Option<WireRow> = body.map(|body| serde_json::from_str(&body)).transpose()?;
    row.map(|row| apply::decode(entity, &row)).transpose()
}

fn undo(entity: &Entity, record: &mut Record, operation: &Operation) -> Result<()> {
    if operation.action == Action::Delete {
        record.archived_at = None;
    }
    for (name, old) in &operation.replaced {
        if let Some(place) = entity.part(name) {
            let rows: Vec<serde_json::Map<String, Json>> = serde_json::from_value(old.clone())?;
            record.parts[place] = record::decode_part(&entity.parts[place], &rows)?;
        } else if let Some(place) = entity.columns.iter().position(|column| column.wire_name() == *name) {
            let column = &entity.columns[place];
            record.values[place] = if column.secret { Value::Null } else { Value::from_json(column, old)? };
        }
    }
    Ok(())
}
