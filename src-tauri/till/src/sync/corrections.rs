//! What the hub computed otherwise, written here: even into columns that are written once. Each value overwritten is
//! in the log.

use officine_protocol::{
    Uid,
    hlc::Hlc,
    schema::{Column, Entity, Kind},
    sql,
    value::Value,
};
use serde_json::{Map, Value as Json};

use crate::{
    act::{Act, Change},
    error::Result,
    store::rows,
};

/// Writes the fields that the hub corrected. What this version does not know, or names a row that is not here, is left
/// to the pull.
pub fn write(act: &Act<'_>, entity: &Entity, uid: Uid, rev: i64, fields: &Map<String, Json>) -> Result<()> {
    for (name, json) in fields {
        let Some((id, before)) = rows::get(act.tx, entity, uid)? else { return Ok(()) };
        let column = entity.columns.iter().find(|column| column.travels() && column.wire_name() == *name);
        let Some(column) = column else { continue };
        let Some(value) = known_here(act, column, Value::from_json(column, json)?)? else { continue };
        let old = before.get(entity, column.name);
        if *old == value {
            continue;
        }
        act.tx.prepare_cached(&sql::correct(entity, column))?.execute((id, &value))?;
        let (old, hlc) = (old.to_json(column), Hlc::default().tick(act.now).to_string());
        let (user, kind) = (None, "correction");
        Change { entity, uid: before.uid, rev, field: name, old: &old, new: json, user, hlc: &hlc, kind }
            .write(act.tx)?;
    }
    Ok(())
}

/// The value with a merged uid replaced by the one it stands for; nothing where the row it names is not here.
pub fn known_here(act: &Act<'_>, column: &Column, value: Value) -> Result<Option<Value>> {
    let (Kind::Ref(target), Value::Uid(uid)) = (column.kind, &value) else { return Ok(Some(value)) };
    let Some(target) = officine_protocol::entities::entity(target) else { return Ok(None) };
    let here = rows::id_of(act.tx, target, *uid)?;
    let winner = rows::canonical(act.tx, target, *uid)?;
    Ok(here.map(|_| Value::Uid(winner)))
}
