//! Where a value stands in a row: `expiry`, `units/0/price`, `units/3`, `archivedAt`. In a key, `~` and `/` are written
//! `~0` and `~1`, as JSON Pointer does.

use serde_json::{Map, Value as Json};

use crate::{
    Uid,
    record::{Record, decode_changes, decode_part},
    schema::{Column, Entity, Kind, Part, Rule},
    value::{FieldError, Value},
};

const ARCHIVED: &str = "archivedAt";

/// A place in a row of an entity.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Path {
    /// Whether it is archived.
    Archived,
    /// A column, by place.
    Column(usize),
    /// A whole row of a part: the part's place and the row's identity.
    Row {
        /// Which part.
        part: usize,
        /// Which row.
        key: String,
    },
    /// A cell of such a row.
    Cell {
        /// Which part.
        part: usize,
        /// Which row.
        key: String,
        /// Which column of it.
        column: usize,
    },
}

/// The identity of a row of a part, as a path names it.
pub fn key_of(part: &Part, row: &[Value]) -> String {
    let cell = |name: &&str| match part.column(name).and_then(|place| row.get(place)) {
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Text(text)) => text.replace('~', "~0").replace('/', "~1"),
        _ => String::new(),
    };
    part.identity.iter().map(cell).collect::<Vec<_>>().join(",")
}

impl Path {
    /// Reads a path of that entity.
    pub fn parse(entity: &Entity, text: &str) -> Option<Self> {
        let mut steps = text.split('/');
        let (first, key, cell) = (steps.next()?, steps.next(), steps.next());
        if steps.next().is_some() {
            return None;
        }
        let Some(key) = key else {
            let column = entity.columns.iter().position(|column| column.wire_name() == first);
            return if first == ARCHIVED { Some(Self::Archived) } else { column.map(Self::Column) };
        };
        let (part, key) = (entity.part(first)?, key.to_owned());
        match cell {
            None => Some(Self::Row { part, key }),
            Some(name) => {
                let column = entity.parts.get(part)?.columns.iter().position(|column| column.wire_name() == name)?;
                Some(Self::Cell { part, key, column })
            }
        }
    }

    /// As it is written.
    pub fn text(&self, entity: &Entity) -> String {
        let name = |part: &usize| entity.parts.get(*part).map_or("", |part| part.name);
        match self {
            Self::Archived => ARCHIVED.to_owned(),
            Self::Column(place) => entity.columns.get(*place).map(Column::wire_name).unwrap_or_default(),
            Self::Row { part, key } => format!("{}/{key}", name(part)),
            Self::Cell { part, key, .. } => {
                let column = self.column(entity).map(Column::wire_name).unwrap_or_default();
                format!("{}/{key}/{column}", name(part))
            }
        }
    }

    /// The identity it names; empty for what is no part.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Row { key, .. } | Self::Cell { key, .. } => key,
            Self::Archived | Self::Column(_) => "",
        }
    }

    /// The column it names.
    pub fn column<'a>(&self, entity: &'a Entity) -> Option<&'a Column> {
        match self {
            Self::Column(place) => entity.columns.get(*place),
            Self::Cell { part, column, .. } => entity.parts.get(*part)?.columns.get(*column),
            Self::Archived | Self::Row { .. } => None,
        }
    }

    /// The rows that a value there would name.
    pub fn references(&self, entity: &Entity, json: &Json) -> Vec<(&'static str, Uid)> {
        let named = |column: &Column, json: &Json| match column.kind {
            Kind::Ref(target) => Some((target, Uid::try_parse(json.as_str()?).ok()?)),
            _ => None,
        };
        match (self, json) {
            (Self::Row { part, .. }, Json::Object(row)) => {
                let columns = entity.parts.get(*part).map_or(&[][..], |part| part.columns);
                columns.iter().filter_map(|column| named(column, row.get(&column.wire_name())?)).collect()
            }
            _ => self.column(entity).and_then(|column| named(column, json)).into_iter().collect(),
        }
    }

    /// Who settles it, by the declaration: a whole row is a person's where one of its columns is.
    pub fn rule(&self, entity: &Entity) -> Rule {
        let part = |place: &usize| entity.parts.get(*place).map_or(&[][..], |part| part.columns);
        match self {
            Self::Row { part: place, .. } if part(place).iter().any(|column| column.rule == Rule::Manual) => {
                Rule::Manual
            }
            _ => self.column(entity).map_or(Rule::Policy, |column| column.rule),
        }
    }

    /// Whether a change there is one here: a row is each of its cells.
    pub fn meets(&self, other: &Self) -> bool {
        let row = |path: &Self| match path {
            Self::Row { part, key } | Self::Cell { part, key, .. } => Some((*part, key.clone())),
            Self::Archived | Self::Column(_) => None,
        };
        match (self, other) {
            (Self::Row { .. }, _) | (_, Self::Row { .. }) => row(self).is_some() && row(self) == row(other),
            _ => self == other,
        }
    }

    /// Whether whoever decides here decides there: a whole row is each of its cells.
    pub fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Row { part, key }, Self::Cell { part: there, key: row, .. }) => part == there && key == row,
            _ => self == other,
        }
    }

    /// What a record holds there, as on the wire; nothing for what is not there, and nothing of a secret.
    pub fn read(&self, entity: &Entity, record: &Record) -> Json {
        match self {
            Self::Archived => record.archived_at.into(),
            Self::Column(place) => match (entity.columns.get(*place), record.values.get(*place)) {
                (Some(column), Some(value)) if !column.secret => value.to_json(column),
                _ => Json::Null,
            },
            Self::Row { part, .. } => {
                let (Some(part), Some(row)) = (entity.parts.get(*part), self.row(entity, record)) else {
                    return Json::Null;
                };
                let cells = part.columns.iter().zip(row).filter(|(_, value)| !value.is_null());
                Json::Object(cells.map(|(column, value)| (column.wire_name(), value.to_json(column))).collect())
            }
            Self::Cell { column: place, .. } => {
                let value = self.row(entity, record).and_then(|row| row.get(*place));
                self.column(entity).zip(value).map_or(Json::Null, |(column, value)| value.to_json(column))
            }
        }
    }

    fn row<'a>(&self, entity: &Entity, record: &'a Record) -> Option<&'a Vec<Value>> {
        let (Self::Row { part, key } | Self::Cell { part, key, .. }) = self else { return None };
        super::named(entity.parts.get(*part)?, record.parts.get(*part)?).remove(key.as_str())
    }

    /// Puts a value there, as a person may who edits the row: its references are uids. Refused is what the declaration
    /// does not allow.
    pub fn write(&self, entity: &Entity, record: &mut Record, json: &Json) -> Result<(), FieldError> {
        let refuse = |why| FieldError { field: self.text(entity), why };
        match self {
            Self::Archived if json.is_null() => record.archived_at = None,
            Self::Archived => record.archived_at = Some(json.as_i64().ok_or_else(|| refuse("not an instant"))?),
            Self::Column(place) => {
                let column = entity.columns.get(*place).filter(|column| !column.secret && column.rule != Rule::HubOnly);
                let name = column.ok_or_else(|| refuse("not to be changed"))?.wire_name();
                let fields = Map::from_iter([(name, json.clone())]);
                for (place, value) in decode_changes(entity, &fields)? {
                    record.values[place] = value;
                }
                record.derive(entity);
            }
            Self::Row { part: place, .. } | Self::Cell { part: place, .. } => {
                let part = entity.parts.get(*place).ok_or_else(|| refuse("unknown"))?;
                let rows = record.parts.get(*place).cloned().unwrap_or_default();
                let rows = self.written(part, &rows, json).map_err(refuse)?;
                record.parts[*place] = decode_part(part, &rows).map_err(|error| refuse(error.why))?;
            }
        }
        Ok(())
    }

    /// The rows of a part as they would travel with that value among them.
    fn written(&self, part: &Part, rows: &super::Rows, json: &Json) -> Result<Vec<Map<String, Json>>, &'static str> {
        let wire = |row: &Vec<Value>| {
            let cells = part.columns.iter().zip(row).filter(|(_, value)| !value.is_null());
            cells.map(|(column, value)| (column.wire_name(), value.to_json(column))).collect::<Map<_, _>>()
        };
        let mut named: Vec<_> = super::ordered(part, rows).into_iter().zip(rows.iter().map(wire)).collect();
        let place = named.iter().position(|(key, _)| key == self.key());
        match (self, json, place) {
            (Self::Cell { column, .. }, json, Some(place)) => {
                let column = part.columns.get(*column).ok_or("unknown")?;
                let row = named.get_mut(place).map(|(_, row)| row).ok_or("unknown")?;
                row.insert(column.wire_name(), json.clone());
            }
            (Self::Row { .. }, Json::Null, Some(place)) => _ = named.remove(place),
            (Self::Row { .. }, Json::Null, None) => {}
            (Self::Row { key, .. }, Json::Object(row), place) => {
                let others = named.iter().enumerate().filter(|(n, _)| Some(*n) != place).map(|(_, (_, row))| row);
                let row = standing(part, others, row.clone());
                match place {
                    Some(place) => named[place] = (key.clone(), row),
                    None => named.push((key.clone(), row)),
                }
            }
            _ => return Err("unknown"),
        }
        Ok(named.into_iter().map(|(_, row)| row).collect())
    }
}

/// A row that is put back among others: where somebody took its place meanwhile, it stands at the next that is free.
fn standing<'a>(
    part: &Part,
    others: impl Iterator<Item = &'a Map<String, Json>>,
    mut row: Map<String, Json>,
) -> Map<String, Json> {
    let column = part.key.first().and_then(|name| part.columns.iter().find(|column| column.name == *name));
    let Some(name) = column.filter(|_| part.identity != part.key).map(Column::wire_name) else { return row };
    let taken: Vec<_> = others.filter_map(|other| other.get(&name)).collect();
    if row.get(&name).is_none_or(|place| taken.contains(&place)) {
        let free = (0..part.max_rows as i64).map(Json::from).find(|place| !taken.contains(&place));
        free.into_iter().for_each(|place| _ = row.insert(name.clone(), place));
    }
    row
}

/// A record that holds nothing but those columns and parts: what an editor says it replaced.
pub fn replaced(entity: &Entity, over: &Record, fields: &Map<String, Json>) -> Record {
    let mut base = Record { uid: Uid::nil(), ..over.clone() };
    for (name, json) in fields {
        let column = entity.columns.iter().position(|column| column.wire_name() == *name);
        if let Some((column, slot)) = column.and_then(|place| entity.columns.get(place).zip(base.values.get_mut(place)))
        {
            *slot = Value::from_json(column, json).unwrap_or_default();
        }
        let rows = serde_json::from_value::<Vec<_>>(json.clone()).ok();
        let part = entity.part(name).and_then(|place| entity.parts.get(place).zip(base.parts.get_mut(place)));
        if let (Some((part, slot)), Some(rows)) = (part, rows) {
            *slot = decode_part(part, &rows).unwrap_or_default();
        }
    }
    base
}
