//! I2 of edits: what a till wrote on the hub somebody did at that till, and no more often. An old edit that comes back
//! overwrites what others wrote since, and stands in the hub's log once more than at its till.

use std::collections::BTreeMap;

use officine_protocol::{Uid, entities::entity, schema::Kind};
use rusqlite::Connection;
use serde_json::Value as Json;

use super::{Rest, uid_at};
use crate::rows::Rows;

/// Series of the till, entity, row, field and value; how often.
pub type Edits = BTreeMap<(i64, String, Uid, String, String), usize>;

/// Values that name no other row: those are written by other names in other places.
fn plain(name: &str, field: &str) -> bool {
    let column = entity(name).and_then(|one| one.columns.iter().find(|column| column.wire_name() == field));
    column.is_some_and(|column| !matches!(column.kind, Kind::Ref(_)) && !column.secret)
}

fn same(json: Option<String>) -> String {
    json.and_then(|text| serde_json::from_str::<Json>(&text).ok()).unwrap_or_default().to_string()
}

/// What people edited at a till.
pub fn of_till(file: &Connection) -> Edits {
    let sql = "SELECT (SELECT series FROM till_state), entity, uid, field, new FROM change_log WHERE kind = 'edit'";
    let mut edits = Edits::new();
    let mut statement = file.prepare(sql).expect("the log");
    let mut rows = statement.query([]).expect("the log");
    while let Some(row) = rows.next().expect("the log") {
        let (series, entity, field) = (row.get(0), row.get(1), row.get(3));
        let value = same(row.get(4).expect("a value"));
        let uid = uid_at(row, 2).expect("a uid");
        let edit = (series.expect("a till"), entity.expect("an entity"), uid, field.expect("a field"), value);
        *edits.entry(edit).or_default() += 1;
    }
    edits
}

/// What the hub wrote for tills.
pub fn of_hub(file: &Connection, pharmacy: i64, rows: &Rows) -> Edits {
    let named: BTreeMap<(&str, i64), Uid> =
        rows.iter().filter_map(|((entity, uid), row)| Some(((*entity, row.server_id?), *uid))).collect();
    let sql = "SELECT d.series, c.entity, c.row_id, c.field, c.new_value FROM change_log c JOIN device d \
               ON d.pharmacy_id = c.pharmacy_id AND d.id = c.device_id WHERE c.kind = 'edit' AND c.pharmacy_id = ?1";
    let mut edits = Edits::new();
    let mut statement = file.prepare(sql).expect("the log");
    let mut lines = statement.query([pharmacy]).expect("the log");
    while let Some(line) = lines.next().expect("the log") {
        let (entity, row): (String, i64) = (line.get(1).expect("an entity"), line.get(2).expect("a row"));
        let (field, value): (String, _) = (line.get(3).expect("a field"), same(line.get(4).expect("a value")));
        if let Some(uid) = named.get(&(entity.as_str(), row)).copied().filter(|_| plain(&entity, &field)) {
            *edits.entry((line.get(0).expect("a till"), entity, uid, field, value)).or_default() += 1;
        }
    }
    edits
}

/// I2: the hub wrote no edit of a till more often than people made it there. One whose log was put back, or that is two by
/// now, cannot say.
pub fn once(rest: &Rest) -> Result<(), String> {
    for till in rest.tills.iter().filter(|till| !till.strange) {
        let mut made: Edits = Edits::new();
        for ((series, entity, uid, field, value), times) in &till.edits {
            let winner = till.aliases.get(&(entity.clone(), *uid)).copied().unwrap_or(*uid);
            *made.entry((*series, entity.clone(), winner, field.clone(), value.clone())).or_default() += times;
        }
        let of_till = rest.hub[till.pharmacy].edits.iter().filter(|((series, ..), _)| *series == till.series);
        for (edit, written) in of_till {
            let here = made.get(edit).copied().unwrap_or(0);
            if *written > here {
                let (_, entity, uid, field, value) = edit;
                return Err(format!(
                    "{}: {entity} {uid}: {field} = {value} was edited {here} times here, and written {written} times on the hub",
                    till.name
                ));
            }
        }
    }
    Ok(())
}
