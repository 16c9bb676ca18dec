//! How a stranger would try what gives rows by name, takes them back, and checks the books.

use officine_protocol::{Uid, entities::ENTITIES, value::Value};
use serde_json::{Value as Json, json};

use super::OWN;
use crate::{
    shop::NOON,
    specimen::{Names, specimen},
};

type Tries = Vec<(String, Option<Json>)>;

fn body(rest: Json) -> Option<Json> {
    let mut body = json!({ "protocol": 1, "schema": 2, "incarnation": Uid::from_u128(9), "epoch": 1, "sentAt": NOON });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    Some(body)
}

pub fn checks() -> Tries {
    vec![("as it is".to_owned(), body(json!({})))]
}

/// Every row by either uid.
pub fn named(targets: &Names) -> Tries {
    let rows = |entity: &'static str| {
        let asked = [targets.uid(entity), targets.alias(entity)].map(|uid| json!({ "entity": entity, "uid": uid }));
        (entity.to_owned(), body(json!({ "withReferences": true, "rows": asked })))
    };
    ENTITIES.iter().map(|entity| rows(entity.name)).collect()
}

/// Rows under the names and the server ids of what is there, and rows that refer to it.
pub fn offers(targets: &Names) -> Tries {
    let mut tries = Vec::new();
    for entity in ENTITIES {
        let row = |uid: Uid, aliases: &[Uid], refers: &Names, mark: &str| {
            let record = specimen(entity, uid, mark, &|target| Value::Uid(refers.uid(target)));
            json!({ "entity": entity.name, "uid": uid, "serverId": targets.id(entity.name), "rev": 1, "createdAt": NOON,
                    "aliases": aliases, "fields": record.wire_fields(entity), "parts": record.wire_parts(entity) })
        };
        let rows = [
            row(targets.fresh(entity.name, 0), &[], targets, "child"),
            row(targets.fresh(entity.name, 1), &[targets.alias(entity.name)], &OWN, targets.mark),
            row(targets.uid(entity.name), &[], &OWN, "the same uid"),
        ];
        tries.push((entity.name.to_owned(), body(json!({ "rows": rows }))));
    }
    tries
}
