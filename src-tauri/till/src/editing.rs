//! What is typed into a row's fields, read by the declaration; and the row shown as it is afterwards. Nothing here knows
//! an entity by name.

use officine_protocol::{
    Uid, params,
    record::Record,
    roles::Permission,
    schema::{Class, Column, Entity, Kind, Rule},
    value::{FieldError, Value},
};
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde_json::{Map, Value as Json};

use crate::{
    act::Act,
    conflicts::marks,
    engine::Till,
    error::{Error, Result},
    people::Session,
    store::rows,
    views::Topic,
};

/// Fields by their names on the wire.
pub type Fields = Map<String, Json>;

/// Columns with what they are to hold.
pub type Values = Vec<(&'static str, Value)>;

/// Words of a search that are looked at.
const WORDS: usize = 8;
const REASON_LETTERS: usize = 3;

/// Reads fields by the declaration, texts trimmed. `others` are columns that acts of their own write.
pub fn read(entity: &'static Entity, fields: &Fields, others: &[&str]) -> Result<Values> {
    let refuse = |field: &str, why| FieldError { field: field.chars().take(64).collect(), why };
    let value = |(name, json): (&String, &Json)| {
        let column = entity.columns.iter().find(|column| column.wire_name() == *name && column.travels());
        let column = column.ok_or_else(|| refuse(name, "unknown"))?;
        if column.rule == Rule::HubOnly || column.secret || others.contains(&column.name) {
            return Err(refuse(name, "not to be changed").into());
        }
        Ok((column.name, Value::from_json(column, &trimmed(json))?))
    };
    fields.iter().map(value).collect()
}

fn trimmed(json: &Json) -> Json {
    json.as_str().map_or_else(|| json.clone(), |text| text.trim().into())
}

/// What a person typed on a command line, as the column of that name holds it.
pub fn typed(entity: &Entity, name: &str, text: &str) -> Json {
    let column = entity.columns.iter().find(|column| column.wire_name() == name);
    column.map_or_else(|| text.into(), |column| typed_for(column, text))
}

/// What a person typed on a command line, as the column holds it; empty is absent where that may be.
pub fn typed_for(column: &Column, text: &str) -> Json {
    match (column.kind, column.nullable) {
        (_, true) if text.is_empty() => Json::Null,
        (Kind::Int(..) | Kind::Instant | Kind::Bool, _) => text.parse().unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

/// A newborn row with these values.
pub fn newborn(act: &Act<'_>, entity: &'static Entity, values: Values) -> Record {
    let mut record = Record::new(entity, act.mint(), act.now);
    for (name, value) in values {
        record.set(entity, name, value);
    }
    record
}

/// Refuses a row without a name.
pub fn check_named(act: &Act<'_>, entity: &'static Entity, uid: Uid) -> Result<()> {
    let record = act.living(entity, uid)?;
    match record.get(entity, "name_fold").text() {
        Some("") => crate::refuse!("name_missing"),
        _ => Ok(()),
    }
}

/// A reason somebody gives: three letters at least.
pub fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.chars().count() < REASON_LETTERS {
        return crate::refuse!("reason_missing");
    }
    Ok(text)
}

/// Another row that is not archived and has the same natural key, its parts aside.
pub fn twin(connection: &Connection, entity: &'static Entity, uid: Uid) -> Result<Option<Record>> {
    let (Some(natural), Some((_, own))) = (entity.natural, rows::get(connection, entity, uid)?) else {
        return Ok(None);
    };
    let places: Vec<usize> = natural.columns.iter().filter_map(|name| entity.column(name)).collect();
    let same = places.iter().enumerate().map(|(n, place)| {
        let column = &entity.columns[*place];
        format!(" AND t.\"{}\" IS {}", column.sql_name(), parameter(column, n + 2))
    });
    let sql = format!(
        "SELECT t.uid FROM \"{}\" t WHERE t.archived_at IS NULL AND t.uid <> ?1{} ORDER BY t.id LIMIT 1",
        entity.table,
        same.collect::<String>()
    );
    let own_uid = Value::Uid(own.uid);
    let values = std::iter::once(&own_uid).chain(places.iter().map(|place| &own.values[*place]));
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_row(params_from_iter(values), |row| rows::read_uid(row, 0)).optional()?;
    let twin = found.map(|uid| rows::get(connection, entity, uid)).transpose()?.flatten();
    Ok(twin.map(|(_, record)| record))
}

fn parameter(column: &Column, n: usize) -> String {
    let Kind::Ref(target) = column.kind else { return format!("?{n}") };
    let table = officine_protocol::entities::entity(target).map_or("", |entity| entity.table);
    format!("(SELECT id FROM \"{table}\" WHERE uid = ?{n})")
}

/// The identity that a command names.
pub fn uid_of(entity: &Entity, text: &str) -> Result<Uid> {
    let missing = |_| Error::refused("reference_missing", params! { entity: entity.name, uid: text });
    Uid::try_parse(text).map_err(missing)
}

/// The identity of a row that is here.
pub fn known(connection: &Connection, entity: &'static Entity, text: &str) -> Result<Uid> {
    let uid = rows::canonical(connection, entity, uid_of(entity, text)?)?;
    let missing = || Error::refused("reference_missing", params! { entity: entity.name, uid: text });
    rows::id_of(connection, entity, uid)?.map(|_| uid).ok_or_else(missing)
}

/// A row with its parts, secrets and what never leaves the till left out; `conflict` where one about it waits.
pub fn view(connection: &Connection, entity: &'static Entity, uid: Uid) -> Result<Json> {
    let (uid, view) = read_whole(connection, entity, uid)?;
    Ok(marked_as(view, marks::has(connection, entity, uid)?))
}

fn read_whole(connection: &Connection, entity: &'static Entity, uid: Uid) -> Result<(Uid, Json)> {
    let missing = || Error::refused("reference_missing", params! { entity: entity.name, uid: uid.to_string() });
    let (_, record) = rows::get(connection, entity, uid)?.ok_or_else(missing)?;
    Ok((record.uid, shown(entity, &record)))
}

fn marked_as(mut view: Json, conflict: bool) -> Json {
    if conflict {
        view["conflict"] = true.into();
    }
    view
}

fn shown(entity: &Entity, record: &Record) -> Json {
    let shown = |column: &Column| !column.secret && column.class != Class::LocalOnly && column.fold_of.is_none();
    let mut view = Map::from_iter([("uid".to_owned(), Json::from(record.uid.to_string()))]);
    view.insert("archivedAt".to_owned(), record.archived_at.into());
    for (column, value) in entity.columns.iter().zip(&record.values).filter(|(column, _)| shown(column)) {
        view.insert(column.wire_name(), value.to_json(column));
    }
    for (name, rows) in record.wire_parts(entity) {
        view.insert(name, rows.into_iter().map(Json::Object).collect());
    }
    Json::Object(view)
}

/// Rows that are not archived and in whose name every word typed occurs, by name; at most `limit`.
pub fn named(connection: &Connection, entity: &'static Entity, text: &str, limit: u32) -> Result<Vec<Json>> {
    let folded = officine_protocol::fold::fold(&text.chars().take(200).collect::<String>());
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).take(WORDS).collect();
    let conditions = (0..words.len()).map(|n| format!(" AND instr(name_fold, ?{}) > 0", n + 1)).collect::<String>();
    let sql = format!(
        "SELECT uid FROM \"{}\" WHERE archived_at IS NULL{conditions} ORDER BY name_fold, id LIMIT {limit}",
        entity.table
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let uids = statement.query_map(params_from_iter(words), |row| rows::read_uid(row, 0))?;
    let uids = uids.collect::<rusqlite::Result<Vec<_>>>()?;
    let marked = marks::among(connection, entity, &uids)?;
    uids.iter().map(|uid| Ok(marked_as(read_whole(connection, entity, *uid)?.1, marked.contains(uid)))).collect()
}

impl Till {
    /// One act on a row by whoever may. Answers with the row as it is afterwards.
    pub(crate) fn act_on(
        &self,
        permission: Permission,
        entity: &'static Entity,
        topic: Topic,
        act: impl FnOnce(&mut Act<'_>, &Session) -> Result<Uid>,
    ) -> Result<Json> {
        let session = self.allow(permission)?;
        let uid = self.act(Some(session.user), |begun| act(begun, &session))?;
        self.changed(&[topic, Topic::Sync]);
        self.store.read(|connection| view(connection, entity, uid))
    }
}
