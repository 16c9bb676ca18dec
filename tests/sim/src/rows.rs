//! What a till or the hub holds, read from its tables by the declaration alone, and nothing of what wrote them.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    entities::ENTITIES,
    record::Record,
    schema::{Entity, LEDGER, Part},
    sql::{self, Place},
    value::Value,
};
use rusqlite::{Connection, Row};

/// Every row of every entity, by entity and uid.
pub type Rows = BTreeMap<(&'static str, Uid), Record>;

/// Where rows are read.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// A till's file.
    Till,
    /// The hub's file, and a pharmacy in it by key.
    Hub(i64),
}

impl Of {
    fn place(self) -> Place {
        match self {
            Self::Till => Place::Till,
            Self::Hub(_) => Place::Hub,
        }
    }

    fn condition(self) -> String {
        match self {
            Self::Till => "1".to_owned(),
            Self::Hub(pharmacy) => format!("t.pharmacy_id = {pharmacy}"),
        }
    }
}

/// Reads the entities that are wanted.
pub fn read(connection: &Connection, of: Of, wanted: impl Fn(&Entity) -> bool) -> Rows {
    let mut rows = Rows::new();
    for entity in ENTITIES.iter().filter(|entity| wanted(entity)) {
        let mut records = records(connection, of, entity);
        for (place, part) in entity.parts.iter().enumerate() {
            for (owner, line) in lines(connection, of, part) {
                if let Some(record) = records.get_mut(&owner) {
                    record.parts[place].push(line);
                }
            }
        }
        rows.extend(records.into_values().map(|record| ((entity.name, record.uid), record)));
    }
    rows
}

fn records(connection: &Connection, of: Of, entity: &Entity) -> BTreeMap<i64, Record> {
    let sql = format!("{} WHERE {}", sql::select(entity, of.place()), of.condition());
    let mut statement = connection.prepare_cached(&sql).expect("the declared columns");
    let read = statement.query_map([], |row| record(row, of, entity)).expect("rows");
    read.collect::<rusqlite::Result<_>>().expect("rows")
}

fn record(row: &Row<'_>, of: Of, entity: &Entity) -> rusqlite::Result<(i64, Record)> {
    let uid = Uid::from_bytes(row.get(1)?);
    let mut record = Record::new(entity, uid, row.get(4)?);
    (record.server_id, record.rev, record.archived_at) = (row.get(2)?, row.get(3)?, row.get(5)?);
    for (offset, (place, column)) in sql::declared(entity, of.place()).enumerate() {
        record.values[place] = Value::from_sqlite(column, row.get_ref(6 + offset)?)?;
    }
    Ok((row.get(0)?, record))
}

fn lines(connection: &Connection, of: Of, part: &Part) -> Vec<(i64, Vec<Value>)> {
    let kind = part.kind.map(|(column, kind)| format!(" AND t.\"{column}\" = {kind}")).unwrap_or_default();
    let key = part.columns.iter().enumerate().filter(|(_, column)| part.key.contains(&column.name));
    let key: Vec<String> = key.map(|(place, _)| (place + 2).to_string()).collect();
    let select = sql::select_part(part, of.place());
    let sql = format!("{select} WHERE {}{kind} ORDER BY 1, {}", of.condition(), key.join(", "));
    let mut statement = connection.prepare_cached(&sql).expect("the declared columns");
    let read = statement.query_map([], |row| {
        let values = part.columns.iter().enumerate();
        let values = values.map(|(place, column)| Value::from_sqlite(column, row.get_ref(place + 1)?));
        Ok((row.get(0)?, values.collect::<rusqlite::Result<_>>()?))
    });
    read.expect("rows").collect::<rusqlite::Result<_>>().expect("rows")
}

/// A movement of the ledger, as the model sees it.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// The document's entity.
    pub document: &'static str,
    /// The lot.
    pub lot: Uid,
    /// Base units.
    pub delta: i64,
    /// When the document says its movements occurred.
    pub at: i64,
}

/// Every movement of every document.
pub fn movements(rows: &Rows) -> Vec<Moved> {
    let mut moved = Vec::new();
    for ((name, _), record) in rows {
        let Some(entity) = officine_protocol::entities::entity(name) else { continue };
        let Some(place) = entity.parts.iter().position(|part| part.table == LEDGER) else { continue };
        let at = record.get(entity, entity.moves_at).int().unwrap_or(0);
        moved.extend(record.parts[place].iter().map(|line| Moved {
            document: entity.name,
            lot: line[2].uid().unwrap_or_default(),
            delta: line[3].int().unwrap_or(0),
            at,
        }));
    }
    moved
}
