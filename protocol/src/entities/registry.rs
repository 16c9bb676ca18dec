//! The entities by name and in the order of their references.

use std::{collections::HashMap, sync::LazyLock};

use super::{CUSTOMER, ENTITIES, PRODUCT, PRODUCT_BATCH, RECALL, SETTING, USER};
use crate::schema::Entity;

static BY_NAME: LazyLock<HashMap<&'static str, &'static Entity>> =
    LazyLock::new(|| ENTITIES.iter().map(|entity| (entity.name, *entity)).collect());

static IN_ORDER: LazyLock<Vec<&'static Entity>> = LazyLock::new(|| {
    let mut sorted: Vec<&'static Entity> = Vec::new();
    while sorted.len() < ENTITIES.len() {
        let known = |name: &str| sorted.iter().any(|entity| entity.name == name);
        let next = ENTITIES.iter().find(|entity| !known(entity.name) && entity.references().all(known));
        match next {
            Some(entity) => sorted.push(entity),
            None => break,
        }
    }
    sorted
});

/// The entity of that name on the wire.
pub fn entity(name: &str) -> Option<&'static Entity> {
    BY_NAME.get(name).copied()
}

/// Every entity, parents first: derived from the references. Shorter than [`ENTITIES`] only if they form a cycle.
pub fn in_order() -> &'static [&'static Entity] {
    &IN_ORDER
}

/// What selling needs, beside what these refer to.
const SELLING: &[&Entity] = &[&SETTING, &USER, &PRODUCT, &PRODUCT_BATCH, &CUSTOMER, &RECALL];

static WALKED_FIRST: LazyLock<Vec<&'static Entity>> = LazyLock::new(|| {
    let needed = |entity: &&Entity| SELLING.iter().any(|needed| needed.name == entity.name);
    in_order().iter().copied().filter(needed).collect()
});

/// The entities that a first sync brings before all others, parents first: with them a till sells.
pub fn walked_first() -> &'static [&'static Entity] {
    &WALKED_FIRST
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::schema::{Class, Column, Kind, LEDGER};

    #[test]
    fn references_name_entities_and_form_no_cycle() {
        for owner in ENTITIES {
            for name in owner.references() {
                assert!(entity(name).is_some(), "{} refers to unknown {name}", owner.name);
            }
        }
        assert_eq!(in_order().len(), ENTITIES.len());
        let place = |name| in_order().iter().position(|entity| entity.name == name).unwrap();
        assert!(place("product") < place("productBatch") && place("productBatch") < place("sale"));
        assert!(place("sale") < place("saleReturn") && place("supplierOrder") < place("productBatch"));
    }

    #[test]
    fn names_are_unique_and_keys_name_columns() {
        let mut tables = HashSet::new();
        for owner in ENTITIES {
            assert!(tables.insert(owner.table));
            let columns: HashSet<_> = owner.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), owner.columns.len(), "{}", owner.name);
            for key in owner.natural.iter().flat_map(|key| key.columns) {
                let listed =
                    key.split_once('.').and_then(|(part, column)| owner.parts[owner.part(part)?].column(column));
                assert!(columns.contains(key) || listed.is_some(), "{}.{key}", owner.name);
            }
            for column in owner.columns {
                let way = column.through.map(|name| owner.columns[owner.column(name).unwrap()].kind);
                let Some(Kind::Ref(target)) = way else { continue };
                let same = entity(target).unwrap().columns.iter().find(|other| other.name == column.name);
                assert_eq!(same.map(|same| same.kind), Some(column.kind), "{}.{}", owner.name, column.name);
            }
            assert!(owner.closed.is_none_or(|(column, _)| columns.contains(column)), "{}", owner.name);
            for index in owner.indexes {
                let named = index.columns.iter().chain(&index.present);
                named.for_each(|name| assert!(columns.contains(name), "{}.{name}", owner.name));
            }
            for part in owner.parts {
                assert!(part.key.iter().all(|key| part.column(key).is_some()), "{}", part.table);
                assert!(part.columns.iter().all(|column| column.class == Class::Synced), "{}", part.table);
            }
        }
    }

    #[test]
    fn folds_follow_text() {
        for owner in ENTITIES {
            for column in owner.columns {
                if let Some(source) = column.fold_of {
                    let source = owner.columns[owner.column(source).unwrap()];
                    assert!(matches!(source.kind, Kind::Text(_)));
                }
            }
        }
    }

    #[test]
    fn each_document_has_its_own_number_in_the_ledger_and_says_when_it_happened() {
        let mut numbers = HashMap::new();
        for owner in ENTITIES.iter().filter(|owner| owner.document) {
            assert!(owner.column("occurred_at").is_some(), "{}", owner.name);
            let moves_at = owner.column(owner.moves_at).map(|place| owner.columns[place].kind);
            assert_eq!(moves_at, Some(Kind::Instant), "{}", owner.name);
        }
        for owner in ENTITIES {
            let Some(part) = owner.movements() else { continue };
            assert!(owner.document, "{} moves stock and is edited", owner.name);
            assert_eq!(part.table, LEDGER);
            assert!(numbers.insert(part.kind.unwrap().1, owner.name).is_none(), "{}", owner.name);
        }
    }

    #[test]
    fn what_came_later_has_something_to_say_for_the_rows_before_it() {
        let later = |column: &&Column| column.since > 1;
        for owner in ENTITIES {
            let parts = owner.parts.iter().flat_map(|part| part.columns);
            for column in owner.columns.iter().chain(parts).filter(later) {
                let silent = column.empty().is_null() && !column.nullable;
                assert!(!silent, "{}.{} has no value for older rows", owner.name, column.name);
            }
        }
    }
}
