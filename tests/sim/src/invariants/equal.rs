//! I6 and I8: every till has every row, as the hub has it.

use std::collections::BTreeSet;

use officine_protocol::{Uid, entities::entity, record::Record, schema::Entity};
use serde_json::{Value as Json, json};

use super::{Rest, TillAtRest};

/// Rows a person still has to decide on: blocked and refused operations.
fn undecided(till: &TillAtRest) -> BTreeSet<Uid> {
    till.open.iter().map(|queued| queued.uid).collect()
}

/// I6: a till has read all there is, holds nothing back, and has the last revision of every row.
pub fn everybody_has_everything(rest: &Rest) -> Result<(), String> {
    for till in &rest.tills {
        let (hub, undecided) = (&rest.hub[till.pharmacy], undecided(till));
        for ((entity, uid), record) in &hub.rows {
            let here = till.rows.get(&(*entity, *uid)).map(|record| record.rev);
            if here != Some(record.rev) && !undecided.contains(uid) {
                let (name, rev) = (&till.name, record.rev);
                return Err(format!("{name}: {entity} {uid}: expected revision {rev}, found {here:?}"));
            }
        }
        if till.cursor != hub.revision {
            return Err(format!("{}: it has read up to {} of {}", till.name, till.cursor, hub.revision));
        }
        if till.aside > 0 {
            return Err(format!("{}: {} rows are put aside", till.name, till.aside));
        }
        if let Some(uid) = till.held.iter().find(|uid| !undecided.contains(uid)) {
            return Err(format!("{}: row {uid} is held back for nothing", till.name));
        }
    }
    Ok(())
}

/// I8: field by field, every row of a till is the hub's, and the till has none besides but what was refused.
pub fn contents(rest: &Rest) -> Result<(), String> {
    for till in &rest.tills {
        let (hub, undecided) = (&rest.hub[till.pharmacy], undecided(till));
        for ((name, uid), here) in till.rows.iter().filter(|((_, uid), _)| !undecided.contains(uid)) {
            let declared = entity(name).expect("an entity");
            let Some(there) = hub.rows.get(&(*name, *uid)) else {
                return Err(format!("{}: {name} {uid} is not on the hub", till.name));
            };
            if let Some(differs) = difference(declared, here, there) {
                return Err(format!("{}: {name} {uid}: {differs}", till.name));
            }
        }
    }
    Ok(())
}

fn difference(entity: &Entity, here: &Record, there: &Record) -> Option<String> {
    let [here, there] = [here, there].map(|record| content(entity, record));
    let names: BTreeSet<&String> = here.as_object()?.keys().chain(there.as_object()?.keys()).collect();
    let differs = names.into_iter().find(|name| here.get(name.as_str()) != there.get(name.as_str()))?;
    Some(format!("{differs}: expected {}, found {}", there[differs.as_str()], here[differs.as_str()]))
}

/// A row as it is compared.
fn content(entity: &Entity, record: &Record) -> Json {
    let mut content = json!({
        "serverId": record.server_id,
        "rev": record.rev,
        "archivedAt": record.archived_at,
        "createdAt": record.created_at,
    });
    if let Some(object) = content.as_object_mut() {
        object.extend(record.wire_fields(entity));
        object.extend(record.wire_parts(entity).into_iter().map(|(name, rows)| (name, json!(rows))));
    }
    content
}
