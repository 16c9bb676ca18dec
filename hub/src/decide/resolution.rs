//! What a person decided on a conflict: the values chosen are written to its row, as an edit of theirs would be, in the
//! decision that closes the conflict. The first resolution to arrive stands; the rule of closed rows sees to it.

use officine_protocol::{
    Uid,
    entities::{CONFLICT, entity},
    fault::{Fault, armed},
    merge::Path,
    messages::{ConflictField, Corrections, Missing, Outcome, RESOLUTIONS, Resolution},
    record::Record,
    schema::Entity,
};

use super::{
    PartsWrite, Stop, WorkingSet, access,
    answered::{self, Decision},
    join::join,
    journal::{log_edit, told},
    merge::stored,
    resolve::Resolver,
    rows::{accepted, check_role, closed},
    unseen::{ask_again, unseen},
};
use crate::operation::{Body, Content, Prepared, invalid};

/// Twins that are one.
const MERGED: &str = "merged";

/// What a resolution says, if it is one.
pub(crate) fn read(record: &Record) -> Option<Resolution> {
    record.get(&CONFLICT, "resolution").text().and_then(|text| serde_json::from_str(text).ok())
}

/// What met in a conflict.
fn met(conflict: &Record) -> Vec<ConflictField> {
    let fields = conflict.get(&CONFLICT, "fields").text();
    fields.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Closes a conflict and writes what was chosen; other conflicts that it answers are closed with it. Nothing of it is
/// written where anything is refused.
pub(crate) fn settle(
    working: &mut WorkingSet,
    operation: &Prepared,
    body: &Body,
    id: i64,
    (before, after): (&Record, &Record),
) -> Result<Outcome, Stop> {
    let said = read(after).ok_or_else(|| Stop::invalid("resolution", "not a resolution"))?;
    let strategy = check(working, body, (before, after), &said)?;
    let target = entity(&said.entity).ok_or_else(|| Stop::invalid("resolution", "unknown"))?;
    let row = working.id_of(target.name, said.row);
    let missing = || Stop::Missing(vec![Missing { entity: target.name.to_owned(), uid: said.row }]);
    let mut row = row.filter(|row| working.row(target.name, *row).is_some()).ok_or_else(missing)?;
    let unseen = unseen(working, target, row, &said);
    if !unseen.is_empty() {
        return Ok(ask_again(working, body, (id, before, after), (target, row), (met(before), &unseen)));
    }
    if strategy == MERGED {
        row = join_twins(working, body, target, (before, &said))?;
    } else if let Some((was, chosen)) = chosen(working, (operation, body), (target, row), (before, &said))?
        && !armed(Fault::ResolutionUnwritten)
    {
        let write = if was.parts == chosen.parts { PartsWrite::Keep } else { PartsWrite::Replace };
        let rev = working.put(target, row, chosen.clone(), write);
        log_edit(working, (body, target), (row, rev), (&was, &chosen), ("resolution", strategy));
    }
    let rev = working.put(&CONFLICT, id, after.clone(), PartsWrite::Keep);
    log_edit(working, (body, &CONFLICT), (id, rev), (before, after), ("resolution", strategy));
    let places: Vec<_> = met(before).iter().filter_map(|met| Path::parse(target, &met.field)).collect();
    let of = |name| after.get(&CONFLICT, name).clone();
    let (by, at) = (of("resolved_by"), of("resolved_at"));
    answered::close(working, body, &Decision { entity: target, row, places: &places, by, at, seen: None });
    Ok(accepted(id, rev, Corrections::default()))
}

/// Whether it is a whole resolution of this conflict, by who sends it. Gives its strategy.
fn check(
    working: &WorkingSet,
    body: &Body,
    (before, after): (&Record, &Record),
    said: &Resolution,
) -> Result<&'static str, Stop> {
    let of = |name| before.get(&CONFLICT, name).text();
    let by = after.get(&CONFLICT, "resolved_by").int().and_then(|id| working.uid_of("user", id));
    let twins = of("kind") == Some("twin");
    let strategy = RESOLUTIONS.iter().find(|word| **word == said.strategy);
    let of_twins = |word: &str| word == MERGED || word == "distinct";
    let strategy = strategy.filter(|word| of_twins(word) == twins && (!twins || said.fields.is_empty()));
    match strategy {
        _ if of("entity") != Some(&said.entity) || of("row") != Some(&said.row.to_string()) => {
            Err(Stop::invalid("resolution", "of another conflict"))
        }
        _ if after.get(&CONFLICT, "resolved_at").is_null() => Err(Stop::invalid("resolvedAt", "missing")),
        _ if by != body.user => Err(Stop::invalid("resolvedBy", "not who resolves")),
        None => Err(Stop::invalid("resolution", "not a resolution")),
        Some(strategy) => Ok(strategy),
    }
}

/// Makes one of two rows that a person says are one: of those between which the conflict asked. Gives the one that stays.
fn join_twins(
    working: &mut WorkingSet,
    body: &Body,
    target: &'static Entity,
    (conflict, said): (&Record, &Resolution),
) -> Result<i64, Stop> {
    let unknown = || Stop::invalid("winner", "unknown");
    let (winner, loser) = said.winner.zip(said.loser).ok_or_else(unknown)?;
    let alike: Vec<Uid> =
        met(conflict).first().and_then(|field| serde_json::from_value(field.hub.clone()).ok()).unwrap_or_default();
    let row = |uid: Uid| working.id_of(target.name, uid).ok_or_else(unknown);
    let (new, winner, loser) = (row(said.row)?, row(winner)?, row(loser)?);
    let asked = |id: i64| alike.iter().any(|uid| working.id_of(target.name, *uid) == Some(id));
    let between = (winner == new && asked(loser)) || (loser == new && asked(winner));
    if !between || winner == loser {
        return Err(unknown());
    }
    let archival = Body { entity: target, uid: said.row, content: Content::Delete, ..body.clone() };
    access::check(working, &archival)?;
    join(working, body, target, (loser, winner))?;
    Ok(winner)
}

/// The row as it is and as it is to be, if the two differ: every value checked by the declaration, and the person by
/// what they may do to that row.
fn chosen(
    working: &WorkingSet,
    (operation, body): (&Prepared, &Body),
    (target, row): (&'static Entity, i64),
    (conflict, said): (&Record, &Resolution),
) -> Result<Option<(Record, Record)>, Stop> {
    let fields = met(conflict);
    let Some(was) = working.row(target.name, row) else { return Ok(None) };
    let before = told(working, target, was);
    let mut wanted = before.clone();
    for (name, json) in &said.fields {
        let met = fields.iter().any(|field| field.field == *name);
        let path = Path::parse(target, name).filter(|_| met);
        let path = path.ok_or_else(|| Stop::invalid(&name.chars().take(64).collect::<String>(), "unknown"))?;
        path.write(target, &mut wanted, json).map_err(|error| Stop::Refused(invalid(&error)))?;
    }
    if wanted == before {
        return Ok(None);
    }
    closed(target, was)?;
    allowed(working, body, (target, said.row), (&before, &wanted))?;
    let mut resolver = Resolver::new(working, operation);
    let after = stored(&mut resolver, target, was, (&before, &wanted));
    resolver.finish()?;
    check_role(target, &after)?;
    Ok((after != *was).then(|| (was.clone(), after)))
}

/// Whether who resolves might have made that edit themselves.
fn allowed(
    working: &WorkingSet,
    body: &Body,
    (target, uid): (&'static Entity, Uid),
    (before, wanted): (&Record, &Record),
) -> Result<(), Stop> {
    let values = before.values.iter().zip(&wanted.values).enumerate();
    let changes: Vec<_> =
        values.filter(|(_, (old, new))| old != new).map(|(place, (_, new))| (place, new.clone())).collect();
    let parts = before.parts.iter().zip(&wanted.parts).enumerate();
    let parts: Vec<_> =
        parts.filter(|(_, (old, new))| old != new).map(|(place, (_, new))| (place, new.clone())).collect();
    let edit = (!changes.is_empty() || !parts.is_empty()).then_some(Content::Update { changes, parts });
    let archival = (before.archived_at != wanted.archived_at).then_some(Content::Delete);
    edit.into_iter().chain(archival).try_for_each(|content| {
        let edit = Body { entity: target, uid, content, ..body.clone() };
        access::check(working, &edit)
    })
}
