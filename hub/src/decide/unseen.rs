//! A resolution that would overwrite what somebody wrote after its maker had looked: nothing of it is written, and the
//! conflict asks again, against the value that stands now. What was chosen is in the log.

use officine_protocol::{
    entities::CONFLICT,
    merge::Path,
    messages::{ConflictField, Outcome, Resolution},
    record::Record,
    schema::Entity,
};
use serde_json::Value as Json;

use super::{
    PartsWrite, WorkingSet,
    conflict::wrote,
    journal::{Overwritten, log_edit, shown, told},
    merge::Edit,
};
use crate::operation::Body;

/// A place where neither what the maker had seen stands, nor what they chose.
pub(crate) struct Unseen {
    field: String,
    chosen: Json,
    now: Json,
    secret: bool,
}

/// Where a resolution was made upon something else than what the row holds, and another device wrote that.
pub(crate) fn unseen(working: &WorkingSet, target: &'static Entity, row: i64, said: &Resolution) -> Vec<Unseen> {
    let Some(now) = working.row(target.name, row).map(|row| told(working, target, row)) else { return Vec::new() };
    let of = |(field, chosen): (&String, &Json)| {
        let (seen, place) = (said.replaced.get(field)?, Path::parse(target, field)?);
        let present = place.read(target, &now);
        let secret = place.column(target).is_some_and(|column| column.secret);
        let unseen = Unseen { field: field.clone(), chosen: chosen.clone(), now: present, secret };
        let last = last(working, target, row, std::slice::from_ref(&unseen));
        let own = last.is_some_and(|edit| edit.device == working.device.id);
        (unseen.now != *seen && unseen.now != *chosen && !own).then_some(unseen)
    };
    said.fields.iter().filter_map(of).collect()
}

/// The conflict stays open, and says what stands by now and who wrote it.
pub(crate) fn ask_again(
    working: &mut WorkingSet,
    body: &Body,
    (id, conflict, sent): (i64, &Record, &Record),
    (target, row): (&'static Entity, i64),
    (mut fields, unseen): (Vec<ConflictField>, &[Unseen]),
) -> Outcome {
    for met in &mut fields {
        if let Some(unseen) = unseen.iter().find(|unseen| unseen.field == met.field) {
            met.hub.clone_from(&unseen.now);
        }
    }
    let mut again = conflict.clone();
    again.set(&CONFLICT, "fields", serde_json::json!(fields).to_string());
    if let Some(theirs) = last(working, target, row, unseen) {
        wrote(working, &mut again, Some(&theirs));
    }
    let rev = working.put(&CONFLICT, id, again.clone(), PartsWrite::Keep);
    log_edit(working, (body, &CONFLICT), (id, rev), (conflict, &again), ("resolution", "manual"));
    let [stays, said] = [conflict, sent].map(|record| told(working, &CONFLICT, record));
    for (column, (stays, said)) in CONFLICT.columns.iter().zip(stays.values.iter().zip(&said.values)) {
        if stays != said {
            let (old, new) = (shown(said.to_json(column), false), shown(stays.to_json(column), false));
            let (entity, row, field) = (CONFLICT.name, id, column.wire_name());
            let (kind, strategy) = ("conflict", "manual");
            working.note(body, Overwritten { entity, row, rev, field, old, new, kind, strategy }, false);
        }
    }
    for Unseen { field, chosen, now, secret } in unseen {
        let (old, new) = (shown(chosen.clone(), *secret), shown(now.clone(), *secret));
        let (entity, field, kind, strategy) = (target.name, field.clone(), "conflict", "manual");
        working.note(body, Overwritten { entity, row, rev, field, old, new, kind, strategy }, false);
    }
    let kind = conflict.get(&CONFLICT, "kind").text().unwrap_or_default().to_owned();
    Outcome::Conflict { kind, fields: unseen.iter().map(|unseen| unseen.field.clone()).collect(), rev }
}

/// The last to write one of these places.
fn last(working: &WorkingSet, target: &'static Entity, row: i64, unseen: &[Unseen]) -> Option<Edit> {
    let heads = unseen.iter().filter_map(|unseen| unseen.field.split('/').next());
    let written = heads.filter_map(|head| working.edits.get(&(target.name, row, head.to_owned())));
    written.flatten().max_by_key(|edit| edit.rev).cloned()
}
