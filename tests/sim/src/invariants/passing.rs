//! What rest would have mended, watched step by step: a cursor that passes a row which is not stored, a page that leaves
//! out what its rows name, a document that is not what the hub made of it, an answer forgotten before its device has it, an
//! operation that is not what was sent.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::{ENTITIES, PRODUCT_BATCH, entity},
    messages::{Action, Operation, PullResponse},
    record::{Record, decode_fields, decode_parts},
    schema::{Column, Entity, Rule},
    value::Value,
};
use rusqlite::{Connection, OptionalExtension};

use super::{one, uid_at};
use crate::{
    rows::{self, Of, Rows},
    world::Broken,
};

/// A till that has just synced: its name, its file, the hub's, and the hub's key of its pharmacy.
#[derive(Clone, Copy)]
pub struct Synced<'a> {
    /// The till.
    pub name: &'a str,
    /// Its file.
    pub here: &'a Connection,
    /// The hub's.
    pub hub: &'a Connection,
    /// Whose.
    pub pharmacy: i64,
    /// The pages it was sent.
    pub pages: &'a [PullResponse],
}

impl Synced<'_> {
    fn broken(&self, invariant: &'static str, said: impl std::fmt::Display) -> Broken {
        Broken::new(invariant, format!("{}: {said}", self.name))
    }

    /// Looks at it.
    pub fn check(&self) -> Result<(), Broken> {
        let walking = one(self.here, "SELECT count(*) FROM walk") > 0;
        if !walking {
            self.nothing_passed()?;
        }
        self.pages.iter().try_for_each(|page| self.complete(page))?;
        self.as_the_hub_made_it()
    }

    /// I6: whatever the hub had up to the cursor is here, in that revision or a later one, or held for an operation of ours.
    fn nothing_passed(&self) -> Result<(), Broken> {
        let cursor = one(self.here, "SELECT cursor_rev FROM sync_state");
        let waiting = uids(self.here, "SELECT uid FROM held_row UNION SELECT uid FROM row_aside");
        for entity in ENTITIES {
            let here = revisions(self.here, &format!("SELECT uid, rev FROM \"{}\"", entity.table));
            let there = format!(
                "SELECT uid, rev FROM \"{}\" WHERE pharmacy_id = {} AND rev <= {cursor}",
                entity.table, self.pharmacy
            );
            let lost = revisions(self.hub, &there)
                .into_iter()
                .find(|(uid, rev)| here.get(uid).is_none_or(|known| known < rev) && !waiting.contains(uid));
            if let Some((uid, rev)) = lost {
                let (name, found) = (entity.name, here.get(&uid));
                let said = format!("has read up to {cursor}: {name} {uid}: expected revision {rev}, found {found:?}");
                return Err(self.broken("I6", said));
            }
        }
        Ok(())
    }

    /// I6: a page brings whatever its rows name that lies beyond it. I10: it brings nobody else's.
    fn complete(&self, page: &PullResponse) -> Result<(), Broken> {
        let brought: BTreeSet<Uid> = page.rows.iter().map(|row| row.uid).collect();
        for row in &page.rows {
            let Some(declared) = entity(&row.entity) else { continue };
            if self.owner(declared, row.uid).is_some_and(|(pharmacy, _)| pharmacy != self.pharmacy) {
                return Err(self.broken("I10", format!("was sent {} {} of another pharmacy", row.entity, row.uid)));
            }
            let mut record = Record::new(declared, row.uid, row.created_at);
            let decoded = decode_fields(declared, &row.fields)
                .and_then(|values| Ok((values, decode_parts(declared, &row.parts)?)));
            (record.values, record.parts) = decoded.map_err(|why| self.broken("I6", why))?;
            let left_out = record.references(declared).find(|(name, uid)| {
                let rev = entity(name).and_then(|named| self.owner(named, *uid));
                let beyond = rev.is_some_and(|(_, rev)| rev > page.next.rev && rev <= page.revision);
                beyond && !brought.contains(uid)
            });
            if let Some((name, uid)) = left_out {
                let (owner, rev) = (row.uid, page.next.rev);
                return Err(self.broken("I6", format!("a page up to {rev} brought {owner} without {name} {uid}")));
            }
        }
        Ok(())
    }

    /// Whose a row is on the hub, and its revision.
    fn owner(&self, entity: &Entity, uid: Uid) -> Option<(i64, i64)> {
        let sql = format!("SELECT pharmacy_id, rev FROM \"{}\" WHERE uid = ?1", entity.table);
        let mut known = self.hub.prepare_cached(&sql).expect("rows of the hub");
        known.query_row([uid.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional().expect("a row")
    }

    /// I8: a document that is said to be at the hub's revision is what the hub has made of it. Neither what waits to be sent,
    /// nor a ticket that was settled here since.
    fn as_the_hub_made_it(&self) -> Result<(), Broken> {
        let wanted = |entity: &Entity| entity.document || entity.name == PRODUCT_BATCH.name;
        let (here, there) =
            (rows::read(self.here, Of::Till, wanted), rows::read(self.hub, Of::Hub(self.pharmacy), wanted));
        let open = uids(self.here, OPEN);
        let documents = here.iter().filter(|((name, uid), _)| *name != PRODUCT_BATCH.name && !open.contains(uid));
        for ((name, uid), mine) in documents {
            let Some(theirs) = there.get(&(*name, *uid)).filter(|theirs| theirs.rev == mine.rev) else { continue };
            let Some(declared) = entity(name) else { continue };
            if let Some(field) = differs(declared, mine, theirs).or_else(|| unmoved(declared, mine, theirs, &here)) {
                return Err(self.broken("I8", format!("{name} {uid} at revision {}: {field} differs", mine.rev)));
            }
        }
        Ok(())
    }
}

/// Rows of which the hub has not heard all.
const OPEN: &str = "SELECT uid FROM outbox WHERE state <> 5 UNION \
                    SELECT s.uid FROM sale s JOIN sale_settlement t ON t.sale_id = s.id JOIN outbox o ON o.uid = t.uid \
                    WHERE o.state <> 5";

/// Columns of the hub of which a till is told with the verdict.
const TOLD: [&str; 2] = ["state", "superseded"];

fn differs(entity: &Entity, mine: &Record, theirs: &Record) -> Option<&'static str> {
    let told = |column: &&Column| column.travels() && (column.rule != Rule::HubOnly || TOLD.contains(&column.name));
    let names = entity.columns.iter().filter(told).map(|column| column.name);
    names.into_iter().find(|name| mine.get(entity, name) != theirs.get(entity, name))
}

/// A movement of the hub's, of a lot that is here, which the document here has not made.
fn unmoved(entity: &Entity, mine: &Record, theirs: &Record, here: &Rows) -> Option<&'static str> {
    let what = |row: &Vec<Value>| row.iter().take(4).cloned().collect::<Vec<_>>();
    let made: BTreeSet<_> = mine.part(entity, "movements").iter().map(what).collect();
    let known = |row: &&Vec<Value>| {
        row.get(2).and_then(Value::uid).is_some_and(|lot| here.contains_key(&(PRODUCT_BATCH.name, lot)))
    };
    let mut missing = theirs.part(entity, "movements").iter().filter(known);
    missing.any(|row| !made.contains(&what(row))).then_some("movements")
}

fn revisions(file: &Connection, sql: &str) -> BTreeMap<Uid, i64> {
    let mut statement = file.prepare_cached(sql).expect("revisions");
    let read = statement.query_map([], |row| Ok((uid_at(row, 0)?, row.get(1)?)));
    read.expect("revisions").collect::<rusqlite::Result<_>>().expect("revisions")
}

fn uids(file: &Connection, sql: &str) -> BTreeSet<Uid> {
    let mut statement = file.prepare_cached(sql).expect("uids");
    let read = statement.query_map([], |row| uid_at(row, 0)).expect("uids");
    read.collect::<rusqlite::Result<_>>().expect("uids")
}

/// Answers that a device has not acknowledged: pharmacy, device and sequence.
#[derive(Default)]
pub struct Answers(BTreeSet<(i64, i64, i64)>);

impl Answers {
    /// I2: the hub keeps an answer until its device says that it has it.
    pub fn kept(&mut self, hub: &Connection) -> Result<(), Broken> {
        let sql = "SELECT i.pharmacy_id, i.device_id, i.seq, i.seq > d.acknowledged FROM idempotency i JOIN device d \
                   ON d.pharmacy_id = i.pharmacy_id AND d.id = i.device_id";
        let mut statement = hub.prepare_cached(sql).expect("answers");
        let read = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?)));
        let now: BTreeMap<(i64, i64, i64), bool> =
            read.expect("answers").collect::<rusqlite::Result<_>>().expect("answers");
        let forgotten = self.0.iter().find(|answer| !now.contains_key(answer) && !acknowledged(hub, **answer));
        if let Some((_, device, seq)) = forgotten {
            let said =
                format!("the hub: its answer to operation {seq} of device {device} is forgotten, and nobody has it");
            return Err(Broken::new("I2", said));
        }
        self.0 = now.into_iter().filter(|(_, open)| *open).map(|(answer, _)| answer).collect();
        Ok(())
    }
}

fn acknowledged(hub: &Connection, (pharmacy, device, seq): (i64, i64, i64)) -> bool {
    let sql = "SELECT acknowledged >= ?3 FROM device WHERE pharmacy_id = ?1 AND id = ?2";
    hub.prepare_cached(sql)
        .and_then(|mut known| known.query_row((pharmacy, device, seq), |row| row.get(0)))
        .expect("a device")
}

/// Operations that were sent, and how: sequence and frozen bytes.
#[derive(Default)]
pub struct Frozen(BTreeMap<i64, Vec<u8>>);

impl Frozen {
    /// I2: what was sent stays as it was sent, and a later edit of its row is made upon it.
    pub fn kept(&mut self, name: &str, till: &Connection) -> Result<(), Broken> {
        let sql = "SELECT seq, payload, attempts, state, state = 5 AND problem IS NOT NULL FROM outbox WHERE state <> 4 \
                   ORDER BY seq";
        let mut statement = till.prepare_cached(sql).expect("the queue");
        let read = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
        let queue: Vec<(i64, Vec<u8>, i64, i64, bool)> =
            read.expect("the queue").collect::<rusqlite::Result<_>>().expect("the queue");
        let (mut sent, mut last) = (BTreeMap::new(), BTreeMap::new());
        for (seq, payload, attempts, state, lost) in queue {
            let broken = |said: &str| Err(Broken::new("I2", format!("{name}: operation {seq} {said}")));
            let operation: Operation = serde_json::from_slice(&payload).expect("an operation");
            let upon = (operation.base_rev, operation.predecessor);
            let edits = operation.action == Action::Update;
            // One that lost, or changed nothing after all, has left the row at the revision it was made upon.
            let left = lost || state == 5 && changes_nothing(&operation);
            if last.insert(operation.uid, (upon, left)).is_some_and(|(before, left)| edits && !left && before == upon) {
                return broken("is made upon what the one before it on its row was made upon");
            }
            if self.0.get(&seq).is_some_and(|known| *known != payload) {
                return broken("was sent, and is another one now");
            }
            if attempts > 0 && state <= 3 {
                sent.insert(seq, payload);
            }
        }
        self.0 = sent;
        Ok(())
    }
}

/// Edits that were folded into one may end where they began.
fn changes_nothing(operation: &Operation) -> bool {
    operation.replaced.iter().all(|(name, old)| match (operation.fields.get(name), operation.parts.get(name)) {
        (Some(new), _) => new == old,
        (_, Some(rows)) => serde_json::json!(rows) == *old,
        _ => false,
    })
}
