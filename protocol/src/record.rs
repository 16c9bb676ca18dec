//! A row with its parts, whatever its entity: the one encoder and the one decoder of the wire.

use serde_json::{Map, Value as Json};

use crate::{
    Uid, check,
    limits::SCHEMA,
    schema::{Class, Column, Entity, Kind, Part},
    value::{FieldError, Value},
};

/// A row and its parts. `values` has a place per declared column, `parts` a list per declared part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name for ever.
    pub uid: Uid,
    /// The hub's name for it.
    pub server_id: Option<i64>,
    /// The revision it was last seen at; 0 before the hub knew it.
    pub rev: i64,
    /// Unix milliseconds of its birth.
    pub created_at: i64,
    /// Unix milliseconds of its archival: a tombstone.
    pub archived_at: Option<i64>,
    /// In the order of the entity's columns.
    pub values: Vec<Value>,
    /// In the order of the entity's parts.
    pub parts: Vec<Vec<Vec<Value>>>,
}

/// The parts of a record on the wire.
pub type WireParts = std::collections::BTreeMap<String, Vec<Map<String, Json>>>;

impl Record {
    /// An empty record of an entity: text empty, flags false, the rest absent.
    pub fn new(entity: &Entity, uid: Uid, created_at: i64) -> Self {
        let values = entity.columns.iter().map(Column::empty).collect();
        Self {
            uid,
            server_id: None,
            rev: 0,
            created_at,
            archived_at: None,
            values,
            parts: vec![Vec::new(); entity.parts.len()],
        }
    }

    /// The value of a column.
    pub fn get(&self, entity: &Entity, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        entity.column(name).and_then(|place| self.values.get(place)).unwrap_or(&NULL)
    }

    /// Sets a declared column; unknown names are ignored by nobody: they fail in tests through the declaration.
    pub fn set(&mut self, entity: &Entity, name: &str, value: impl Into<Value>) -> &mut Self {
        debug_assert!(entity.column(name).is_some(), "{}.{name}", entity.name);
        if let Some(place) = entity.column(name) {
            self.values[place] = value.into();
        }
        self
    }

    /// The rows of a part.
    pub fn part(&self, entity: &Entity, name: &str) -> &[Vec<Value>] {
        entity.part(name).and_then(|place| self.parts.get(place)).map_or(&[], Vec::as_slice)
    }

    /// The rows of a part, to be changed.
    pub fn part_mut(&mut self, entity: &Entity, name: &str) -> Option<&mut Vec<Vec<Value>>> {
        entity.part(name).and_then(|place| self.parts.get_mut(place))
    }

    /// Computes the folds.
    pub fn derive(&mut self, entity: &Entity) {
        for (place, column) in entity.columns.iter().enumerate() {
            let Some(source) = column.fold_of.and_then(|name| entity.column(name)) else { continue };
            let folded = (column.fold)(self.values[source].text().unwrap_or_default());
            self.values[place] = Value::Text(folded);
        }
    }

    /// Whether every value that travels is one its column can hold, and every part is within its bounds.
    pub fn check(&self, entity: &Entity) -> Result<(), FieldError> {
        check::row(entity.columns, &self.values)?;
        entity.parts.iter().zip(&self.parts).try_for_each(|(part, rows)| check::part(part, rows))
    }

    /// Every row this one names: the entity and the uid.
    pub fn references(&self, entity: &'static Entity) -> impl Iterator<Item = (&'static str, Uid)> {
        let own = entity.columns.iter().zip(&self.values);
        let rows = entity.parts.iter().zip(&self.parts);
        let parts = rows.flat_map(|(part, rows)| rows.iter().flat_map(|row| part.columns.iter().zip(row)));
        own.chain(parts).filter_map(|(column, value)| match (column.kind, value) {
            (Kind::Ref(target), Value::Uid(uid)) => Some((target, *uid)),
            _ => None,
        })
    }

    /// The travelling fields, absent values left out.
    pub fn wire_fields(&self, entity: &Entity) -> Map<String, Json> {
        self.fields_as_of(entity, SCHEMA)
    }

    /// The parts, absent values left out.
    pub fn wire_parts(&self, entity: &Entity) -> WireParts {
        self.parts_as_of(entity, SCHEMA)
    }

    /// The travelling fields that a receiver of that schema knows.
    pub fn fields_as_of(&self, entity: &Entity, schema: u32) -> Map<String, Json> {
        encode(entity.columns, &self.values, schema)
    }

    /// The parts that a receiver of that schema knows.
    pub fn parts_as_of(&self, entity: &Entity, schema: u32) -> WireParts {
        let parts = entity.parts.iter().zip(&self.parts).filter(|(part, _)| part.since <= schema);
        let encoded = parts.map(|(part, rows)| {
            (part.name.to_owned(), rows.iter().map(|row| encode(part.columns, row, schema)).collect())
        });
        encoded.collect()
    }
}

fn encode(columns: &[Column], values: &[Value], schema: u32) -> Map<String, Json> {
    let sent = |column: &Column, value: &Value| {
        column.travels() && column.since <= schema && !value.is_null() && !left_out(column, value)
    };
    let travelling = columns.iter().zip(values).filter(|(column, value)| sent(column, value));
    travelling.map(|(column, value)| (column.wire_name(), value.to_json(column))).collect()
}

/// What a later schema added is sent only where it says something: an older receiver understands the rest.
pub(crate) fn left_out(column: &Column, value: &Value) -> bool {
    column.since > 1 && *value == column.empty()
}

/// Reads the fields of a whole row. Unknown names fail; absent ones are absent values, where the column allows.
pub fn decode_fields(entity: &Entity, fields: &Map<String, Json>) -> Result<Vec<Value>, FieldError> {
    let mut record = Record::new(entity, Uid::nil(), 0);
    decode_row(entity.columns, fields, &mut record.values)?;
    record.derive(entity);
    Ok(record.values)
}

/// Reads the changed fields of an update: the place of each column and its new value.
pub fn decode_changes(entity: &Entity, fields: &Map<String, Json>) -> Result<Vec<(usize, Value)>, FieldError> {
    fields
        .iter()
        .map(|(name, json)| {
            let place = entity.columns.iter().position(|column| column.wire_name() == *name);
            let place = place.ok_or_else(|| unknown(name))?;
            let column = &entity.columns[place];
            if column.class != Class::Synced {
                return Err(FieldError { field: name.clone(), why: "not to be changed" });
            }
            Ok((place, Value::from_json(column, json)?))
        })
        .collect()
}

/// Reads the parts of a whole row.
pub fn decode_parts(entity: &Entity, parts: &WireParts) -> Result<Vec<Vec<Vec<Value>>>, FieldError> {
    if let Some(name) = parts.keys().find(|name| entity.part(name).is_none()) {
        return Err(unknown(name));
    }
    entity.parts.iter().map(|part| decode_part(part, parts.get(part.name).map_or(&[], Vec::as_slice))).collect()
}

/// Reads the rows of one part: bounded in number, no two with one key.
pub fn decode_part(part: &Part, rows: &[Map<String, Json>]) -> Result<Vec<Vec<Value>>, FieldError> {
    let decode = |row| {
        let mut values = vec![Value::Null; part.columns.len()];
        decode_row(part.columns, row, &mut values).map(|()| values)
    };
    if rows.len() > part.max_rows {
        return Err(FieldError { field: part.name.to_owned(), why: "too many rows" });
    }
    let decoded = rows.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    check::keys(part, &decoded).map(|()| decoded)
}

fn decode_row(columns: &[Column], fields: &Map<String, Json>, values: &mut [Value]) -> Result<(), FieldError> {
    let mut known = 0;
    for (column, value) in columns.iter().zip(values).filter(|(column, _)| column.travels()) {
        let json = fields.get(&column.wire_name());
        known += usize::from(json.is_some());
        *value = match json {
            None if column.since > 1 && !column.empty().is_null() => column.empty(),
            json => Value::from_json(column, json.unwrap_or(&Json::Null))?,
        };
    }
    if known == fields.len() {
        return Ok(());
    }
    let stranger =
        fields.keys().find(|name| !columns.iter().any(|column| column.travels() && column.wire_name() == **name));
    stranger.map_or(Ok(()), |name| Err(unknown(name)))
}

fn unknown(name: &str) -> FieldError {
    FieldError { field: name.chars().take(64).collect(), why: "unknown" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::entities::{PRODUCT, PRODUCT_BATCH, USER};

    fn batch() -> Record {
        let mut batch = Record::new(&PRODUCT_BATCH, Uid::from_u128(1), 0);
        batch
            .set(&PRODUCT_BATCH, "product", Uid::from_u128(2))
            .set(&PRODUCT_BATCH, "lot_number", "DL4417")
            .set(&PRODUCT_BATCH, "expiry", 20_280_331)
            .set(&PRODUCT_BATCH, "pack_size", 16)
            .set(&PRODUCT_BATCH, "received_at", 5)
            .derive(&PRODUCT_BATCH);
        batch
    }

    #[test]
    fn a_row_comes_back_from_the_wire_as_it_went() {
        let batch = batch();
        let wire = batch.wire_fields(&PRODUCT_BATCH);
        assert_eq!(wire["expiry"], json!("2028-03-31"));
        assert_eq!(wire["recountOpen"], json!(false));
        assert!(!wire.contains_key("quantity"), "derived columns stay at home");
        assert_eq!(decode_fields(&PRODUCT_BATCH, &wire).unwrap(), batch.values);
    }

    #[test]
    fn local_only_columns_do_not_travel() {
        let user = Record::new(&USER, Uid::from_u128(1), 0);
        assert!(!user.wire_fields(&USER).contains_key("failedPins"));
    }

    #[test]
    fn what_the_declaration_does_not_know_is_refused_by_name() {
        let mut wire = batch().wire_fields(&PRODUCT_BATCH);
        wire.insert("colour".into(), json!("red"));
        assert_eq!(decode_fields(&PRODUCT_BATCH, &wire).unwrap_err().field, "colour");
        let parts = WireParts::from([("wheels".to_owned(), vec![])]);
        assert_eq!(decode_parts(&PRODUCT, &parts).unwrap_err().field, "wheels");
    }

    #[test]
    fn values_out_of_bounds_are_refused() {
        let cases = [
            ("packSize", json!(0)),
            ("expiry", json!("2027-02-30")),
            ("lotNumber", json!("x\0")),
            ("lotNumber", json!("x".repeat(65))),
            ("product", json!("p")),
            ("recountOpen", json!(1)),
            ("receivedAt", json!(1.5)),
        ];
        for (field, json) in cases {
            let mut wire = batch().wire_fields(&PRODUCT_BATCH);
            wire.insert(field.into(), json);
            assert_eq!(decode_fields(&PRODUCT_BATCH, &wire).unwrap_err().field, field);
        }
    }

    #[test]
    fn an_older_receiver_is_sent_what_it_knows_and_sends_what_it_knew() {
        let mut batch = batch();
        batch.set(&PRODUCT_BATCH, "quarantine", true);
        assert_eq!(batch.wire_fields(&PRODUCT_BATCH)["quarantine"], json!(true));
        let before = batch.fields_as_of(&PRODUCT_BATCH, 1);
        assert!(!before.contains_key("quarantine"));
        let read = decode_fields(&PRODUCT_BATCH, &before).unwrap();
        assert_eq!(read[PRODUCT_BATCH.column("quarantine").unwrap()].int(), Some(0));
    }

    #[test]
    fn folds_are_computed_on_arrival() {
        let mut product = Record::new(&PRODUCT, Uid::from_u128(1), 0);
        product.set(&PRODUCT, "name", "Érythromycine");
        let values = decode_fields(&PRODUCT, &product.wire_fields(&PRODUCT)).unwrap();
        assert_eq!(values[PRODUCT.column("name_fold").unwrap()].text(), Some("erythromycine"));
    }

    #[test]
    fn two_rows_of_a_part_with_one_key_are_refused() {
        let unit = json!({"position": 0, "name": "boîte", "factor": 1}).as_object().unwrap().clone();
        assert_eq!(decode_part(&PRODUCT.parts[0], &[unit.clone(), unit]).unwrap_err().why, "two rows with one key");
    }
}
