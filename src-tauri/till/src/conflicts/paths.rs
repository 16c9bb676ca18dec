//! Paths of a conflict: a column by its wire name, a cell of a part as `units/0/price`, a whole row of a part as
//! `units/3`, `archivedAt`. Found in a record, and written into one, by the declaration.

use officine_protocol::{
    merge,
    record::{self, Record},
    schema::{Class, Column, Entity, Part, Rule},
    value::{FieldError, Value},
};
use serde_json::Value as Json;

/// The path of an archival.
pub const ARCHIVED: &str = "archivedAt";

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A column.
    Column(usize),
    /// A cell: part, key of the row, column.
    Cell(usize, String, usize),
    /// A whole row of a part, by its key.
    Row(usize, String),
    /// The archival.
    Archived,
}

impl Place {
    /// What a path means for rows of an entity; nothing where the declaration does not know it, or shows it to nobody.
    pub fn parse(entity: &Entity, path: &str) -> Option<Self> {
        if path == ARCHIVED {
            return Some(Self::Archived);
        }
        let Some((part, rest)) = path.split_once('/') else {
            return place(entity.columns, path).map(Self::Column);
        };
        let index = entity.part(part)?;
        if let Some((key, column)) = rest.rsplit_once('/')
            && let Some(column) = place(entity.parts[index].columns, column)
        {
            return Some(Self::Cell(index, key.to_owned(), column));
        }
        (!rest.is_empty()).then(|| Self::Row(index, rest.to_owned()))
    }

    /// Its column, unless it is a whole row or the archival.
    pub fn column(&self, entity: &'static Entity) -> Option<&'static Column> {
        match self {
            Self::Column(place) => entity.columns.get(*place),
            Self::Cell(part, _, place) => entity.parts.get(*part)?.columns.get(*place),
            Self::Row(..) | Self::Archived => None,
        }
    }

    /// The part, and the key of the row in it.
    pub fn part(&self, entity: &'static Entity) -> Option<(&'static Part, &str)> {
        match self {
            Self::Cell(part, key, _) | Self::Row(part, key) => Some((entity.parts.get(*part)?, key)),
            Self::Column(_) | Self::Archived => None,
        }
    }

    /// What stands there.
    pub fn get(&self, entity: &'static Entity, record: &Record) -> Json {
        match self {
            Self::Column(place) => record.values[*place].to_json(&entity.columns[*place]),
            Self::Archived => record.archived_at.into(),
            Self::Cell(part, key, place) => row(entity, record, *part, key)
                .map_or(Json::Null, |row| row[*place].to_json(&entity.parts[*part].columns[*place])),
            Self::Row(part, key) => {
                row(entity, record, *part, key).map_or(Json::Null, |row| Json::Object(wire(&entity.parts[*part], row)))
            }
        }
    }

    /// Writes a value there, within what its column may hold. A row of a part that is absent goes; a cell of a row that
    /// is not there is refused.
    pub fn put(&self, entity: &'static Entity, record: &mut Record, json: &Json) -> Result<(), FieldError> {
        match self {
            Self::Column(place) => record.values[*place] = Value::from_json(&entity.columns[*place], json)?,
            Self::Archived => record.archived_at = json.as_i64(),
            Self::Cell(part, key, place) => {
                let declared = &entity.parts[*part];
                let column = &declared.columns[*place];
                let value = Value::from_json(column, json)?;
                let found = record.parts[*part].iter_mut().find(|row| has_key(declared, row, key));
                let absent = || FieldError { field: column.wire_name(), why: "its row is gone" };
                found.ok_or_else(absent)?[*place] = value;
            }
            Self::Row(part, key) => {
                let declared = &entity.parts[*part];
                let new = match json {
                    Json::Null => None,
                    Json::Object(fields) => record::decode_part(declared, std::slice::from_ref(fields))?.pop(),
                    _ => return Err(FieldError { field: declared.name.to_owned(), why: "of another type" }),
                };
                let rows = &mut record.parts[*part];
                let found = rows.iter().position(|row| has_key(declared, row, key));
                match (found, new) {
                    (Some(found), Some(new)) => rows[found] = new,
                    (Some(found), None) => drop(rows.remove(found)),
                    (None, Some(new)) => rows.push(new),
                    (None, None) => {}
                }
            }
        }
        Ok(())
    }
}

/// A column that people may see and change.
fn place(columns: &[Column], name: &str) -> Option<usize> {
    let open = |column: &Column| column.class == Class::Synced && column.rule != Rule::HubOnly && !column.secret;
    columns.iter().position(|column| open(column) && column.wire_name() == name)
}

fn row<'a>(entity: &Entity, record: &'a Record, part: usize, key: &str) -> Option<&'a Vec<Value>> {
    record.parts.get(part)?.iter().find(|row| has_key(&entity.parts[part], row, key))
}

/// Whether a row of a part is the one of that key.
fn has_key(part: &Part, row: &[Value], key: &str) -> bool {
    key_of(part, row) == key
}

/// What tells a row of a part apart, as paths write it.
pub fn key_of(part: &Part, row: &[Value]) -> String {
    merge::key_of(part, row)
}

/// The columns by which a row of a part is the same row on two tills.
pub fn identity(part: &Part) -> &'static [&'static str] {
    part.identity
}

/// A row of a part as it travels.
fn wire(part: &Part, row: &[Value]) -> serde_json::Map<String, Json> {
    let cells = part.columns.iter().zip(row).filter(|(_, value)| !value.is_null());
    cells.map(|(column, value)| (column.wire_name(), value.to_json(column))).collect()
}

/// A value as plain text: nothing for what is absent.
pub fn plain(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use officine_protocol::{
        Uid,
        entities::{PRODUCT, USER},
    };
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_is_found_by_itself_wherever_it_stands() {
        let mut record = product();
        let code = |place: i64, code: &str| vec![place.into(), code.into(), "ean13".into(), 0.into(), Value::Null];
        record.parts[1] = vec![code(0, "A"), code(1, "B/2")];
        let place = Place::parse(&PRODUCT, "codes/B~12/kind").unwrap();
        place.put(&PRODUCT, &mut record, &json!("gtin")).unwrap();
        assert_eq!((place.get(&PRODUCT, &record), record.parts[1][1][2].text()), (json!("gtin"), Some("gtin")));
    }

    fn product() -> Record {
        let mut product = Record::new(&PRODUCT, Uid::from_u128(1), 0);
        product.set(&PRODUCT, "name", "Coton");
        product.parts[0] = vec![vec![0.into(), "boîte".into(), 1.into(), 500.into()]];
        product
    }

    #[test]
    fn a_column_a_cell_a_row_and_an_archival_are_found_and_written() {
        let mut record = product();
        let rows = json!({ "position": 3, "name": "carton", "factor": 20 });
        for (path, before, after) in [
            ("name", json!("Coton"), json!("Coton hydrophile")),
            ("units/0/price", json!(500), json!(550)),
            ("units/3", Json::Null, rows.clone()),
            ("units/3", rows, Json::Null),
            ("archivedAt", Json::Null, json!(5)),
        ] {
            let place = Place::parse(&PRODUCT, path).unwrap();
            assert_eq!(place.get(&PRODUCT, &record), before, "{path}");
            place.put(&PRODUCT, &mut record, &after).unwrap();
            assert_eq!(place.get(&PRODUCT, &record), after, "{path}");
        }
    }

    #[test]
    fn what_nobody_may_write_has_no_place_and_a_wrong_value_is_named() {
        assert_eq!(Place::parse(&USER, "pinHash"), None);
        assert_eq!(Place::parse(&PRODUCT, "nameFold"), None);
        assert_eq!(Place::parse(&PRODUCT, "wheels/0/price"), None);
        let mut record = product();
        for (path, wrong, field) in [
            ("units/0/price", json!("500"), "price"),
            ("units/9/price", json!(1), "price"),
            ("units/1", json!(1), "units"),
        ] {
            let place = Place::parse(&PRODUCT, path).unwrap();
            assert_eq!(place.put(&PRODUCT, &mut record, &wrong).unwrap_err().field, field, "{path}");
        }
    }
}
