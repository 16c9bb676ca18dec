//! What the hub mends in its own books: rows are written at a new revision, so that every till has them, and each value
//! that gives way is a line of the log, of kind `repair`. Nothing is deleted.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, SETTING},
    hlc::Hlc,
    messages::Finding,
    natural::Likeness,
    params,
    record::Record,
    schema::Entity,
};
use serde_json::{Value as Json, json};

use super::{Logged, PartsWrite, WorkingSet, join::join, rows::propose};
use crate::operation::{Body, Content};

/// What was found of a row: its kind, the entity, the row.
type About = (&'static str, &'static Entity, i64);

/// No name is given twice: the next one lies above all that rows bear.
pub fn counter(working: &mut WorkingSet, last: i64) -> Option<Finding> {
    let stands = working.pharmacy.next_id;
    working.pharmacy.next_id = stands.max(last.saturating_add(1));
    let params = params! { field: "nextId", old: stands, new: working.pharmacy.next_id };
    (working.pharmacy.next_id != stands).then(|| found("counter", &SETTING, Uid::nil(), "mended", params))
}

/// A row that is an older one by the natural key is made one with it. Where it cannot be, or is only alike, a person is
/// asked.
pub fn twins(
    working: &mut WorkingSet,
    entity: &'static Entity,
    (younger, older): (Uid, &[Uid]),
    (now, commit): (i64, Uid),
) -> Option<Finding> {
    let loser = working.id_of(entity.name, younger)?;
    let record = working.row(entity.name, loser)?.clone();
    let mut alike: Vec<i64> = older.iter().filter_map(|uid| working.id_of(entity.name, *uid)).collect();
    let likeness = |id: i64, working: &WorkingSet| {
        working.row(entity.name, id).map_or(Likeness::Other, |other| entity.likeness(&record, other))
    };
    alike.retain(|id| *id != loser && likeness(*id, working) != Likeness::Other);
    let (body, uid) = (own_act(entity, younger, now), |id: i64, working: &WorkingSet| working.uid_of(entity.name, id));
    let told = |other: Option<Uid>, done| {
        Some(found("twin", entity, younger, done, params! { other: other.unwrap_or_default().to_string() }))
    };
    for winner in alike.iter().copied() {
        if likeness(winner, working) == Likeness::Same && join(working, &body, entity, (loser, winner)).is_ok() {
            return told(uid(winner, working), "merged");
        }
    }
    let first = alike.first().copied()?;
    let key = Uid::from_u128(commit.as_u128() ^ younger.as_u128().rotate_left(64));
    let rev = working.put(entity, loser, record.clone(), PartsWrite::Keep);
    propose(working, (key, &body), (loser, rev), &alike);
    told(uid(first, working), "proposed")
}

/// What the hub does of itself.
pub(super) fn own_act(entity: &'static Entity, uid: Uid, now: i64) -> Body {
    Body {
        entity,
        uid,
        user: None,
        occurred_at: now,
        hlc: Hlc { millis: now, counter: 0 },
        base_rev: None,
        predecessor: None,
        replaced: serde_json::Map::new(),
        doubtful: false,
        content: Content::Delete,
        refused: None,
    }
}

/// Lots below zero have a recount open.
pub fn recounts(working: &mut WorkingSet, lots: &[i64], now: i64) -> Vec<Finding> {
    let open = |working: &mut WorkingSet, lot: &i64| {
        let mut record = working.row(PRODUCT_BATCH.name, *lot)?.clone();
        record.set(&PRODUCT_BATCH, "recount_open", true);
        mend(working, ("recount", &PRODUCT_BATCH, *lot), record, ("recountOpen", json!(false), json!(true)), now)
    };
    lots.iter().filter_map(|lot| open(working, lot)).collect()
}

/// Lots hold what the ledger says: the lot, and the sum of its movements. Counts are in it, as what they had squared.
pub fn lots(working: &mut WorkingSet, lots: &[(i64, i64)], now: i64) -> Vec<Finding> {
    let square = |working: &mut WorkingSet, (lot, ledger): &(i64, i64)| {
        let mut record = working.row(PRODUCT_BATCH.name, *lot)?.clone();
        let stands = record.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0);
        if *ledger < 0 {
            record.set(&PRODUCT_BATCH, "recount_open", true);
        }
        let told = ("quantity", json!(stands), json!(ledger));
        let finding = mend(working, ("ledger", &PRODUCT_BATCH, *lot), record, told, now);
        working.move_stock(*lot, ledger.saturating_sub(stands), None);
        finding
    };
    lots.iter().filter_map(|lot| square(working, lot)).collect()
}

/// Folds are those of their texts.
pub fn folds(working: &mut WorkingSet, entity: &'static Entity, rows: &[i64], now: i64) -> Vec<Finding> {
    let fold = |working: &mut WorkingSet, row: &i64| {
        let before = working.row(entity.name, *row)?.clone();
        let mut record = before.clone();
        record.derive(entity);
        let mut differs = entity.columns.iter().zip(before.values.iter().zip(&record.values));
        let (column, (old, new)) = differs.find(|(_, (old, new))| old != new)?;
        let told = (column.name, json!(old.text()), json!(new.text()));
        mend(working, ("fold", entity, *row), record, told, now)
    };
    rows.iter().filter_map(|row| fold(working, row)).collect()
}

/// No revision is above the pharmacy's.
pub fn revisions(working: &mut WorkingSet, entity: &'static Entity, rows: &[i64], now: i64) -> Vec<Finding> {
    let renew = |working: &mut WorkingSet, row: &i64| {
        let record = working.row(entity.name, *row)?.clone();
        let told = ("rev", json!(record.rev), json!(working.pharmacy.revision + 1));
        mend(working, ("revision", entity, *row), record, told, now)
    };
    rows.iter().filter_map(|row| renew(working, row)).collect()
}

fn mend(
    working: &mut WorkingSet,
    (kind, entity, row): About,
    record: Record,
    (field, old, new): (&'static str, Json, Json),
    now: i64,
) -> Option<Finding> {
    let uid = record.uid;
    let rev = working.put(entity, row, record, PartsWrite::Keep);
    working.changes.log.push(Logged {
        rev,
        entity: entity.name,
        row,
        field: field.to_owned(),
        old: Some(old.to_string()),
        new: Some(new.to_string()),
        user: None,
        hlc: Hlc { millis: now, counter: 0 },
        at: now,
        doubtful: false,
        kind: "repair",
        strategy: "hub",
        applied: true,
    });
    Some(found(kind, entity, uid, "mended", params! { field: field, old: old, new: new }))
}

/// What is left as it is: for a till that still has the row, or for a person.
pub fn left(kind: &str, entity: &Entity, uid: Uid, params: officine_protocol::Params) -> Finding {
    found(kind, entity, uid, "left", params)
}

fn found(kind: &str, entity: &Entity, uid: Uid, done: &str, params: officine_protocol::Params) -> Finding {
    Finding { kind: kind.to_owned(), entity: entity.name.to_owned(), uid, done: done.to_owned(), params }
}
