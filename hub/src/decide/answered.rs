//! Other questions that one decision answers: two tills that wrote one price against a third leave two conflicts, and
//! whoever settles the price settles both. One that asks for more stays open.

use std::collections::{BTreeSet, HashMap};

use officine_protocol::{
    Uid,
    entities::CONFLICT,
    merge::{Path, changed},
    messages::{ConflictField, Resolution},
    record::Record,
    roles::Permission,
    schema::Entity,
    value::Value,
};

use super::{
    PartsWrite, WorkingSet, access,
    journal::{log_edit, told},
};
use crate::operation::Body;

/// Conflicts by the uid of the row they are about, as they name it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByRow(HashMap<Uid, BTreeSet<i64>>);

impl ByRow {
    pub(crate) fn insert(&mut self, id: i64, conflict: &Record) {
        if let Some(uid) = conflict.get(&CONFLICT, "row").text().and_then(|text| text.parse().ok()) {
            self.0.entry(uid).or_default().insert(id);
        }
    }

    fn of(&self, row: Uid) -> impl Iterator<Item = i64> {
        self.0.get(&row).into_iter().flatten().copied()
    }
}

/// Who decided what stands at some places of a row, and when.
pub(crate) struct Decision<'a> {
    pub entity: &'static Entity,
    /// Server id of the row, as it is by now.
    pub row: i64,
    pub places: &'a [Path],
    pub by: Value,
    pub at: Value,
    /// The row's revision that whoever decided had seen; nothing where they saw the conflicts themselves.
    pub seen: Option<i64>,
}

/// An edit by somebody who may resolve, made upon the row as conflicts left it, answers them where it wrote.
pub(crate) fn by_edit(working: &mut WorkingSet, body: &Body, row: i64, (before, after): (&Record, &Record)) {
    let user = body.user.and_then(|user| working.id_of("user", user));
    let (Some(by), Some(seen)) = (user, body.base()) else { return };
    if access::may(working, body, Permission::ResolveConflicts) {
        let (entity, places) = (body.entity, written(body.entity, before, after));
        let at = working.hub_time(body.occurred_at);
        let decision = Decision { entity, row, places: &places, by: by.into(), at: at.into(), seen: Some(seen) };
        close(working, body, &decision);
    }
}

/// Closes the open conflicts that ask for nothing but what was decided. What was not taken is in the log since they were
/// born.
pub(crate) fn close(working: &mut WorkingSet, body: &Body, decision: &Decision<'_>) {
    for (id, before, fields) in answered(working, decision) {
        let Some(row) = working.row(decision.entity.name, decision.row) else { return };
        let (uid, now) = (row.uid, told(working, decision.entity, row));
        let taken = fields.into_iter().filter_map(|met| {
            let value = Path::parse(decision.entity, &met.field)?.read(decision.entity, &now);
            (value != met.hub).then_some((met.field, value))
        });
        let fields: serde_json::Map<_, _> = taken.collect();
        let strategy = if fields.is_empty() { "hub" } else { "picked" };
        let entity = decision.entity.name.to_owned();
        let (strategy_said, replaced) = (strategy.to_owned(), serde_json::Map::new());
        let said = Resolution {
            entity,
            row: uid,
            strategy: strategy_said,
            fields,
            replaced,
            winner: None,
            loser: None,
            before: Vec::new(),
        };
        let mut after = before.clone();
        after.set(&CONFLICT, "resolved_at", decision.at.clone()).set(&CONFLICT, "resolved_by", decision.by.clone());
        after.set(&CONFLICT, "resolution", serde_json::json!(said).to_string());
        let rev = working.put(&CONFLICT, id, after.clone(), PartsWrite::Keep);
        log_edit(working, (body, &CONFLICT), (id, rev), (&before, &after), ("resolution", strategy));
    }
}

/// Open conflicts of that row of which every place is decided, oldest first.
fn answered(working: &WorkingSet, decision: &Decision<'_>) -> Vec<(i64, Record, Vec<ConflictField>)> {
    let names = working.names_of(decision.entity.name, decision.row);
    let mut found: Vec<_> = names
        .flat_map(|uid| working.conflicts.of(uid))
        .filter_map(|id| Some((id, working.row(CONFLICT.name, id)?)))
        .filter_map(|(id, conflict)| {
            let of = |name| conflict.get(&CONFLICT, name).text();
            let open = conflict.get(&CONFLICT, "resolved_at").is_null() && of("kind") != Some("twin");
            let seen = decision.seen.is_none_or(|seen| seen.saturating_add(1) >= conflict.rev);
            if !open || !seen || of("entity") != Some(decision.entity.name) {
                return None;
            }
            let fields: Vec<ConflictField> = serde_json::from_str(of("fields")?).ok()?;
            let all = fields.iter().all(|met| {
                let place = Path::parse(decision.entity, &met.field);
                place.is_some_and(|place| decision.places.iter().any(|decided| decided.holds(&place)))
            });
            all.then(|| (id, conflict.clone(), fields))
        })
        .collect();
    found.sort_by_key(|(id, ..)| *id);
    found
}

/// The places at which an edit changed the row.
fn written(entity: &Entity, before: &Record, after: &Record) -> Vec<Path> {
    let values = before.values.iter().zip(&after.values).enumerate();
    let mut places: Vec<_> =
        values.filter(|(_, (old, new))| old != new).map(|(place, _)| Path::Column(place)).collect();
    for (place, (old, new)) in before.parts.iter().zip(&after.parts).enumerate() {
        places.extend(changed(entity, place, old, new));
    }
    places
}
