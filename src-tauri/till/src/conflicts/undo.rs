//! A resolution taken back: a new edit of the row, by whoever may, that puts back what the resolution overwrote. What was
//! changed again since stays. Twins that were made one are made two.

use officine_protocol::{
    Uid, entities::USER, merge::Path, record::Record, roles::Permission, schema::Entity, value::Value,
};
use rusqlite::Connection;
use serde_json::Value as Json;

use super::{Conflict, apart::apart, paths};
use crate::{
    act::Act,
    catalogue::{self, index_follows},
    editing,
    engine::Till,
    error::Result,
    people::{Session, users},
    refuse,
    store::{outbox, rows},
    views::{ConflictArgs, ConflictKindName, ConflictView, Topic},
};

/// A value that goes back to its place.
pub struct Restored {
    place: Path,
    value: Json,
}

impl Till {
    /// Takes a resolution back. `nothing_to_undo` where nothing of it is in force any more, or not yet.
    pub fn undo_resolution(&self, args: &ConflictArgs) -> Result<ConflictView> {
        let session = self.allow(Permission::ResolveConflicts)?;
        let (entity, uids) = self.act(Some(session.user), |act| {
            let conflict = Conflict::read(act.tx, &args.uid)?;
            if let Some(needed) = conflict.target.edit
                && !session.role.may(needed)
            {
                return refuse!("forbidden", permission: needed.name());
            }
            if conflict.kind == ConflictKindName::Twin {
                return apart(act, &conflict);
            }
            let present = act.living(conflict.target, conflict.row)?;
            let restored = restorable(act.tx, &conflict, Some(&present))?;
            if restored.is_empty() {
                return refuse!("nothing_to_undo");
            }
            edit(act, &session, conflict.target, present, &restored)
        })?;
        self.follow(entity, &uids)?;
        self.changed(&[Topic::Conflicts, Topic::Stock, Topic::People, Topic::Settings, Topic::Sync]);
        self.read_conflict(args)
    }

    /// Whoever searches finds the products as they are now.
    fn follow(&self, entity: &Entity, uids: &[Uid]) -> Result<()> {
        if entity.name != officine_protocol::entities::PRODUCT.name {
            return Ok(());
        }
        let version = self.store.write(|tx| catalogue::touch(tx))?;
        let ids = self.store.read(|connection| {
            uids.iter().map(|uid| rows::id_of(connection, entity, *uid)).collect::<Result<Vec<_>>>()
        })?;
        index_follows(self.reindex(version, &ids.into_iter().flatten().collect::<Vec<_>>()));
        Ok(())
    }
}

/// What a settled resolution wrote that is still in force, and what was there before.
pub fn restorable(connection: &Connection, conflict: &Conflict, present: Option<&Record>) -> Result<Vec<Restored>> {
    let entity = conflict.target;
    let (Some(resolution), Some(present)) = (&conflict.resolution, present) else { return Ok(Vec::new()) };
    if present.archived_at.is_some() || outbox::is_pending(connection, conflict.uid)? {
        return Ok(Vec::new());
    }
    let mut restored = Vec::new();
    for (path, chosen) in &resolution.fields {
        let Some(place) = paths::open(entity, path).filter(|place| *place != Path::Archived) else { continue };
        if place.read(entity, present) != *chosen {
            continue;
        }
        let frozen = conflict.fields.iter().find(|met| met.field == *path).map(|met| met.hub.clone());
        let value = before(connection, entity, present.uid, &place, chosen)?.or(frozen);
        if let Some(value) = value.filter(|value| value != chosen) {
            restored.push(Restored { place, value });
        }
    }
    Ok(restored)
}

/// What stood there before the chosen value was last written here, as the log has it.
fn before(
    connection: &Connection,
    entity: &'static Entity,
    uid: Uid,
    place: &Path,
    chosen: &Json,
) -> Result<Option<Json>> {
    let field = match place {
        Path::Column(column) => entity.columns[*column].wire_name(),
        Path::Cell { part, .. } | Path::Row { part, .. } => entity.parts[*part].name.to_owned(),
        Path::Archived => return Ok(None),
    };
    let sql = "SELECT old, new FROM change_log WHERE uid = ?1 AND field = ?2 ORDER BY id DESC LIMIT 50";
    let mut statement = connection.prepare_cached(sql)?;
    let lines = statement.query_map((uid.as_bytes(), field), |row| Ok((row.get(0)?, row.get(1)?)))?;
    for line in lines {
        let (old, new): (Option<String>, Option<String>) = line?;
        let [old, new] = [old, new].map(|text| at(entity, place, text.as_deref()));
        if let (Some(old), Some(new)) = (old, new)
            && new == *chosen
            && old != new
        {
            return Ok(Some(old));
        }
    }
    Ok(None)
}

/// The value of a place in a line of the log: the line holds a whole part.
fn at(entity: &'static Entity, place: &Path, text: Option<&str>) -> Option<Json> {
    let json: Json = text.map_or(Some(Json::Null), |text| serde_json::from_str(text).ok())?;
    let Some((part, _)) = paths::row(entity, place) else { return Some(json) };
    let rows: Vec<_> = serde_json::from_value(json).ok()?;
    let mut record = Record::new(entity, Uid::nil(), 0);
    record.parts[entity.part(part.name)?] = officine_protocol::record::decode_part(part, &rows).ok()?;
    Some(place.read(entity, &record))
}

fn edit(
    act: &mut Act<'_>,
    session: &Session,
    entity: &'static Entity,
    present: Record,
    restored: &[Restored],
) -> Result<(&'static Entity, Vec<Uid>)> {
    let mut after = present.clone();
    for Restored { place, value } in restored {
        place.write(entity, &mut after, value)?;
    }
    if entity.name == USER.name {
        users::check_given(act.tx, session, &present, &after)?;
    }
    let values = restored.iter().filter_map(|restored| match restored.place {
        Path::Column(place) => Some((entity.columns[place].name, after.values[place].clone())),
        _ => None,
    });
    let values: Vec<(&str, Value)> = values.collect();
    let parts = entity.parts.iter().zip(&after.parts).zip(&present.parts);
    let parts = parts.filter(|((_, new), old)| new != old).map(|((part, new), _)| (part.name, new.clone())).collect();
    act.update(entity, present.uid, values, parts)?;
    if entity.column("name_fold").is_some() {
        editing::check_named(act, entity, present.uid)?;
    }
    Ok((entity, vec![present.uid]))
}
