//! A resolution: the values to be written, checked like any edit, recorded as an update of the conflict. The row itself
//! changes when the hub's answer comes down.

use std::collections::BTreeMap;

use officine_protocol::{
    entities::{self, CONFLICT, USER},
    merge::Path,
    messages::{ConflictField, Resolution},
    params,
    record::Record,
    roles::Permission,
    schema::Entity,
    value::Value,
};
use serde_json::Value as Json;

use super::{Conflict, paths};
use crate::{
    act::Act,
    engine::Till,
    error::{Error, Result},
    people::{Session, users},
    refuse,
    store::rows,
    views::{ConflictArgs, ConflictKindName, ConflictView, ResolveConflictArgs, TakenName, Topic},
};

type Chosen = BTreeMap<String, Json>;

impl Till {
    /// Resolves a conflict. `conflict_settled` where somebody did before.
    pub fn resolve_conflict(&self, args: &ResolveConflictArgs) -> Result<ConflictView> {
        let session = self.allow(Permission::ResolveConflicts)?;
        self.act(Some(session.user), |act| {
            let conflict = Conflict::read(act.tx, &args.uid)?;
            settle(act, &session, &conflict, args.taken, &args.fields)
        })?;
        self.changed(&[Topic::Conflicts, Topic::Sync]);
        self.read_conflict(&ConflictArgs { uid: args.uid.clone() })
    }
}

/// Records what is decided of an open conflict, or refuses and changes nothing.
pub fn settle(
    act: &mut Act<'_>,
    session: &Session,
    conflict: &Conflict,
    taken: TakenName,
    picked: &Chosen,
) -> Result<()> {
    if !conflict.open() {
        return refuse!("conflict_settled");
    }
    let fields = chosen(conflict, taken, picked)?;
    let present = conflict.target_record(act.tx)?;
    check(act, session, conflict, (present.as_ref(), &fields))?;
    let seen = |path: &String| {
        let value = paths::open(conflict.target, path)?.read(conflict.target, present.as_ref()?);
        Some((path.clone(), value))
    };
    let resolution = Resolution {
        entity: conflict.target.name.to_owned(),
        row: conflict.row,
        strategy: taken.word().to_owned(),
        replaced: fields.keys().filter_map(seen).collect(),
        fields: fields.into_iter().collect(),
        winner: None,
        loser: None,
        before: Vec::new(),
    };
    let values = vec![
        ("resolved_at", Value::Int(act.now)),
        ("resolved_by", Value::Uid(session.user)),
        ("resolution", serde_json::to_string(&resolution)?.into()),
    ];
    act.update(&CONFLICT, conflict.uid, values, vec![]).map(|_| ())
}

/// The values to be written: none where the hub's stay.
fn chosen(conflict: &Conflict, taken: TakenName, picked: &Chosen) -> Result<Chosen> {
    let invalid = |field: &str| Err(Error::refused("field_invalid", params! { field: field }));
    let sent = || conflict.fields.iter().map(|met| (met.field.clone(), met.till.clone())).collect();
    match (conflict.kind, taken) {
        (ConflictKindName::Twin, TakenName::Distinct) => Ok(Chosen::new()),
        (ConflictKindName::Twin, _) | (_, TakenName::Distinct | TakenName::Merged) => invalid("taken"),
        (_, TakenName::Hub) => Ok(Chosen::new()),
        (_, TakenName::Till) => Ok(sent()),
        (_, TakenName::LastWrite) => {
            let (edited, hub) = (conflict.instant("edited_at"), conflict.instant("hub_at"));
            Ok(if edited > hub { sent() } else { Chosen::new() })
        }
        (_, TakenName::Picked) => {
            let known = |path: &str| conflict.fields.iter().any(|met| met.field == path);
            match picked.keys().find(|path| !known(path)) {
                Some(stranger) => invalid(&stranger.chars().take(64).collect::<String>()),
                None => Ok(picked.iter().map(|(path, json)| (path.clone(), trimmed(json))).collect()),
            }
        }
    }
}

fn trimmed(json: &Json) -> Json {
    json.as_str().map_or_else(|| json.clone(), |text| text.trim().into())
}

/// Whether the row may hold these values, given by that person, as if they edited it.
fn check(
    act: &Act<'_>,
    session: &Session,
    conflict: &Conflict,
    (present, fields): (Option<&Record>, &Chosen),
) -> Result<()> {
    let (entity, uid) = (conflict.target, conflict.row.to_string());
    if fields.is_empty() {
        return Ok(());
    }
    let missing = || Error::refused("reference_missing", params! { entity: entity.name, uid: uid });
    let before = present.ok_or_else(missing)?;
    let after = written(entity, before, &conflict.fields, fields)?;
    if after.archived_at.is_some() && before.archived_at.is_some() {
        return refuse!("row_archived", entity: entity.name);
    }
    after.check(entity)?;
    for (path, json) in fields {
        let typed = typed(&conflict.fields, path, json);
        named(act, entity, path, json, typed)?;
        let instant = json.as_i64().filter(|_| typed && paths::open(entity, path) == Some(Path::Archived));
        if instant.is_some_and(|at| !(0..=act.now).contains(&at)) {
            return Err(Error::refused("field_invalid", params! { field: path, why: "out of range" }));
        }
    }
    if entity.column("name_fold").is_some() && after.get(entity, "name_fold").text() == Some("") {
        return refuse!("name_missing");
    }
    if entity.name == USER.name {
        users::check_given(act.tx, session, before, &after)?;
    }
    Ok(())
}

/// Whether nobody had written that value: somebody types it now.
fn typed(met: &[ConflictField], path: &str, json: &Json) -> bool {
    met.iter().any(|met| met.field == path && met.till != *json && met.hub != *json)
}

/// Rows that a value names are here; those that somebody types are offered still.
fn named(act: &Act<'_>, entity: &'static Entity, path: &str, json: &Json, typed: bool) -> Result<()> {
    let named = paths::open(entity, path).map(|place| place.references(entity, json)).unwrap_or_default();
    for (target, uid) in named {
        let Some(target) = entities::entity(target) else { continue };
        let missing = || Error::refused("reference_missing", params! { entity: target.name, uid: uid.to_string() });
        let (_, record) = rows::get(act.tx, target, uid)?.ok_or_else(missing)?;
        if typed && record.archived_at.is_some() {
            return refuse!("row_archived", entity: target.name);
        }
    }
    Ok(())
}

/// The row with these values written over it: `field_invalid` names the path of one it cannot hold.
fn written(entity: &'static Entity, before: &Record, met: &[ConflictField], fields: &Chosen) -> Result<Record> {
    let mut after = before.clone();
    for (path, json) in fields {
        let unknown = || Error::refused("field_invalid", params! { field: path, why: "unknown" });
        let place = paths::open(entity, path).ok_or_else(unknown)?;
        let wrong = |why: &str| Error::refused("field_invalid", params! { field: path, why: why });
        place.write(entity, &mut after, json).map_err(|error| wrong(error.why))?;
        let typed = typed(met, path, json);
        match place.column(entity) {
            Some(column) if typed && column.name == "price" && json.as_i64() == Some(0) => {
                return refuse!("price_invalid", value: 0);
            }
            _ => {}
        }
    }
    after.derive(entity);
    Ok(after)
}
