//! A column's value: one enum for tables and wire, with the binding to each database behind a feature.

use serde_json::Value as Json;

use crate::{
    Uid,
    date::Date,
    limits::LARGEST,
    schema::{Column, Kind},
};

/// What a column holds in one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// Integers, booleans (0, 1), days (`yyyymmdd`), instants (milliseconds), row keys.
    Int(i64),
    /// Text and JSON documents.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// A row, by uid.
    Uid(Uid),
}

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct FieldError {
    /// Which field, as on the wire.
    pub field: String,
    /// What was expected.
    pub why: &'static str,
}

impl Value {
    /// The integer, if it is one.
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The uid, if it names a row.
    pub fn uid(&self) -> Option<Uid> {
        match self {
            Self::Uid(uid) => Some(*uid),
            _ => None,
        }
    }

    /// The bytes, if it has any.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether it is absent.
    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The wire form of this column's value.
    pub fn to_json(&self, column: &Column) -> Json {
        match (self, column.kind) {
            (Self::Null, _) => Json::Null,
            (Self::Int(number), Kind::Bool) => Json::Bool(*number != 0),
            (Self::Int(number), Kind::Date) => Date::from_number(*number).map_or(Json::Null, |d| d.to_string().into()),
            (Self::Int(number), _) => (*number).into(),
            (Self::Text(text), _) => text.as_str().into(),
            (Self::Bytes(bytes), _) => hex(bytes).into(),
            (Self::Uid(uid), _) => uid.to_string().into(),
        }
    }

    /// Whether the column can hold it: what is refused here could never leave the till, nor enter the hub.
    pub fn check(&self, column: &Column) -> Result<(), FieldError> {
        let refuse = |why| Err(FieldError { field: column.wire_name(), why });
        match (column.kind, self) {
            (_, Self::Null) if column.nullable => Ok(()),
            (_, Self::Null) => refuse("missing"),
            (Kind::Text(_) | Kind::Json(_), Self::Text(text)) if text.contains('\0') => refuse("contains NUL"),
            (Kind::Text(max), Self::Text(text)) if text.len() > max && text.chars().count() > max => refuse("too long"),
            (Kind::Json(max), Self::Text(text)) if text.len() > max => refuse("too long"),
            (Kind::Json(_), Self::Text(text)) if !is_json(text) => refuse("not JSON"),
            (Kind::OneOf(words), Self::Text(text)) if !words.contains(&text.as_str()) => {
                refuse("not one of the words known")
            }
            (Kind::Int(min, max), Self::Int(number)) if !(min..=max).contains(number) => refuse("out of range"),
            (Kind::Instant, Self::Int(number)) if !(0..=LARGEST).contains(number) => refuse("out of range"),
            (Kind::Bool, Self::Int(number)) if !(0..=1).contains(number) => refuse("out of range"),
            (Kind::Date, Self::Int(number)) if Date::from_number(*number).is_none() => refuse("not a date"),
            (Kind::Bytes(len), Self::Bytes(bytes)) if bytes.len() != len => refuse("not that many hexadecimal bytes"),
            (Kind::Text(_) | Kind::Json(_) | Kind::OneOf(_), Self::Text(_))
            | (Kind::Int(..) | Kind::Instant | Kind::Bool | Kind::Date, Self::Int(_))
            | (Kind::Bytes(_), Self::Bytes(_))
            | (Kind::Ref(_), Self::Uid(_)) => Ok(()),
            _ => refuse("of another type"),
        }
    }

    /// Reads the wire form, within the column's bounds.
    pub fn from_json(column: &Column, json: &Json) -> Result<Self, FieldError> {
        let refuse = |why| Err(FieldError { field: column.wire_name(), why });
        let value = match (column.kind, json) {
            (_, Json::Null) => Self::Null,
            (Kind::Text(_) | Kind::OneOf(_) | Kind::Json(_), Json::String(text)) => Self::Text(text.clone()),
            (Kind::Int(..) | Kind::Instant, Json::Number(number)) => match number.as_i64() {
                Some(number) => Self::Int(number),
                None => return refuse("out of range"),
            },
            (Kind::Bool, Json::Bool(flag)) => Self::Int(i64::from(*flag)),
            (Kind::Date, Json::String(text)) => match Date::parse(text) {
                Some(date) => Self::Int(date.number()),
                None => return refuse("not a date"),
            },
            (Kind::Bytes(_), Json::String(text)) => match unhex(text) {
                Some(bytes) => Self::Bytes(bytes),
                None => return refuse("not that many hexadecimal bytes"),
            },
            (Kind::Ref(_), Json::String(text)) => match Uid::try_parse(text) {
                Ok(uid) => Self::Uid(uid),
                Err(_) => return refuse("not a uid"),
            },
            _ => return refuse("of another type"),
        };
        value.check(column).map(|()| value)
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads hexadecimal.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    (digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit)).then_some(())?;
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Uid> for Value {
    fn from(uid: Uid) -> Self {
        Self::Uid(uid)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Int(date.number())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(feature = "sqlite")]
impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Uid(uid) => ValueRef::Blob(uid.as_bytes()),
        }))
    }
}

#[cfg(feature = "sqlite")]
impl Value {
    /// Reads a column of a SQLite row.
    pub fn from_sqlite(column: &Column, value: rusqlite::types::ValueRef<'_>) -> rusqlite::Result<Self> {
        use rusqlite::types::ValueRef;
        Ok(match (column.kind, value) {
            (_, ValueRef::Null) => Self::Null,
            (_, ValueRef::Integer(number)) => Self::Int(number),
            (_, ValueRef::Text(text)) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            (Kind::Ref(_), ValueRef::Blob(bytes)) => Uid::from_slice(bytes).map_or(Self::Null, Self::Uid),
            (_, ValueRef::Blob(bytes)) => Self::Bytes(bytes.to_vec()),
            (_, ValueRef::Real(_)) => return Err(rusqlite::Error::InvalidQuery),
        })
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use std::error::Error;

    use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

    use super::Value;

    impl ToSql for Value {
        fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
            match self {
                Self::Null => Ok(IsNull::Yes),
                Self::Int(number) => number.to_sql(ty, out),
                Self::Text(text) => text.to_sql(ty, out),
                Self::Bytes(bytes) => bytes.to_sql(ty, out),
                Self::Uid(uid) => uid.as_bytes().as_slice().to_sql(ty, out),
            }
        }

        fn accepts(ty: &Type) -> bool {
            matches!(*ty, Type::INT8 | Type::TEXT | Type::BYTEA)
        }

        to_sql_checked!();
    }
}
