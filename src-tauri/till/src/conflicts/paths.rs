//! Places of a row as people see and change them: what the declaration hides has none.

use officine_protocol::{
    merge::Path,
    record::Record,
    schema::{Class, Entity, Kind, Part, Rule},
};
use serde_json::Value as Json;

/// The place that a path names; nothing where the declaration does not know it, or lets nobody change it.
pub fn open(entity: &Entity, text: &str) -> Option<Path> {
    let path = Path::parse(entity, text)?;
    let hidden = path
        .column(entity)
        .is_some_and(|column| column.class != Class::Synced || column.rule == Rule::HubOnly || column.secret);
    (!hidden).then_some(path)
}

/// The part a place is in, and the row of it.
pub fn row(entity: &'static Entity, path: &Path) -> Option<(&'static Part, Path)> {
    let (Path::Row { part, key } | Path::Cell { part, key, .. }) = path else { return None };
    Some((entity.parts.get(*part)?, Path::Row { part: *part, key: key.clone() }))
}

/// What a row of a part is called in one of these records: its first text.
pub fn called(entity: &'static Entity, path: &Path, records: &[&Record]) -> Option<String> {
    let (part, row) = self::row(entity, path)?;
    let mut rows = records.iter().map(|record| row.read(entity, record));
    rows.find_map(|json| first_text(part, &json))
}

/// The first text of a row of a part.
pub fn first_text(part: &Part, row: &Json) -> Option<String> {
    let name = part.columns.iter().find(|column| matches!(column.kind, Kind::Text(_)))?;
    row.get(name.wire_name()).map(plain).filter(|text| !text.is_empty())
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
        entities::{PRODUCT, PRODUCT_BATCH, USER},
        record::Record,
        value::Value,
    };
    use serde_json::json;

    use super::open;

    #[test]
    fn a_code_is_found_by_itself_wherever_it_stands() {
        let mut record = Record::new(&PRODUCT, Uid::from_u128(1), 0);
        let code = |place: i64, code: &str| vec![place.into(), code.into(), "ean13".into(), 0.into(), Value::Null];
        record.parts[1] = vec![code(0, "A"), code(1, "B/2")];
        let place = open(&PRODUCT, "codes/B~12/kind").unwrap();
        place.write(&PRODUCT, &mut record, &json!("gtin")).unwrap();
        assert_eq!((place.read(&PRODUCT, &record), record.parts[1][1][2].text()), (json!("gtin"), Some("gtin")));
    }

    #[test]
    fn what_nobody_may_change_has_no_place() {
        for (entity, path) in [(&USER, "pinHash"), (&PRODUCT, "nameFold"), (&PRODUCT, "wheels/0/price")] {
            assert_eq!(open(entity, path), None, "{path}");
        }
        assert_eq!(open(&PRODUCT_BATCH, "recountOpen"), None);
        assert!(["name", "units/0/price", "units/3", "archivedAt"].iter().all(|path| open(&PRODUCT, path).is_some()));
    }
}
