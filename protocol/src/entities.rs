//! Every entity of a pharmacy, declared once as plain data.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    limits::{DOCUMENT_LINES, DOCUMENT_MOVEMENTS, LARGEST},
    schema::{Column, Entity, NaturalKey, Part, Twin},
};

/// A policy, a threshold, the pharmacy's own particulars: one row per name, its value a JSON document.
pub const SETTING: Entity = Entity {
    name: "setting",
    table: "setting",
    columns: &[Column::text("name", 64).immutable(), Column::json("value", 16_384)],
    parts: &[],
    natural: Some(NaturalKey { columns: &["name"], twin: Twin::Merge }),
    document: false,
};

/// Somebody who signs in.
pub const USER: Entity = Entity {
    name: "user",
    table: "user",
    columns: &[
        Column::text("login", 32),
        Column::text("name", 80),
        Column::text("role", 16),
        Column::text("pin_hash", 256).secret(),
        Column::int("failed_pins", 0, 1_000_000).local(),
        Column::instant("locked_until").nullable().local(),
    ],
    parts: &[],
    natural: Some(NaturalKey { columns: &["login"], twin: Twin::Propose }),
    document: false,
};

/// A wholesaler.
pub const SUPPLIER: Entity = Entity {
    name: "supplier",
    table: "supplier",
    columns: &[
        Column::text("name", 160),
        Column::fold("name_fold", "name"),
        Column::text("phone", 40),
        Column::text("address", 240),
    ],
    parts: &[],
    natural: Some(NaturalKey { columns: &["name_fold"], twin: Twin::Merge }),
    document: false,
};

/// A product with the units it is sold in and the codes it is found by.
pub const PRODUCT: Entity = Entity {
    name: "product",
    table: "product",
    columns: &[
        Column::text("name", 512),
        Column::fold("name_fold", "name"),
        Column::text("dci", 2_048),
        Column::text("form", 255),
        Column::text("strength", 1_024),
        Column::text("maker", 255),
        Column::text("tax_class", 16),
        Column::int("min_stock", 0, LARGEST),
    ],
    parts: &[
        Part {
            name: "units",
            table: "product_unit",
            owner: "product_id",
            kind: None,
            key: &["position"],
            columns: &[
                Column::int("position", 0, 15),
                Column::text("name", 40),
                Column::int("factor", 1, 1_000_000),
                Column::money("price").nullable().manual(),
            ],
            max_rows: 16,
        },
        Part {
            name: "codes",
            table: "product_code",
            owner: "product_id",
            kind: None,
            key: &["position"],
            columns: &[
                Column::int("position", 0, 63),
                Column::text("code", 64),
                Column::text("kind", 16),
                Column::int("unit", 0, 15),
                Column::refers("supplier", "supplier").nullable(),
            ],
            max_rows: 64,
        },
    ],
    natural: Some(NaturalKey { columns: &["codes", "name_fold"], twin: Twin::Merge }),
    document: false,
};

/// A lot of a product. Goods without lots have one, nameless and without expiry.
pub const PRODUCT_BATCH: Entity = Entity {
    name: "productBatch",
    table: "product_batch",
    columns: &[
        Column::refers("product", "product").immutable(),
        Column::text("lot_number", 64).manual(),
        Column::date("expiry").nullable().manual(),
        Column::refers("supplier", "supplier").nullable(),
        Column::money("pack_cost").nullable(),
        Column::int("pack_size", 1, 1_000_000),
        Column::instant("received_at").immutable(),
        Column::text("blocked_reason", 240).nullable(),
        Column::bool("recount_open").hub_only(),
        Column::int("quantity", -LARGEST, LARGEST).derived(),
    ],
    parts: &[],
    natural: Some(NaturalKey { columns: &["product", "lot_number", "expiry"], twin: Twin::Merge }),
    document: false,
};

/// What a document does to lots. `step` 0 is the document's own; later steps undo, re-allocate or regularise it.
/// `cost` is what the quantity moved had cost, in francs, frozen when it moved.
const MOVEMENT: &[Column] = &[
    Column::int("line", 1, DOCUMENT_LINES as i64),
    Column::int("step", 0, 1_000),
    Column::refers("batch", "productBatch"),
    Column::int("delta", -LARGEST, LARGEST),
    Column::text("source", 16),
    Column::text("lot_number", 64),
    Column::date("expiry").nullable(),
    Column::money("cost").nullable(),
    Column::text("reason", 240).nullable(),
];

const fn movements(kind: i64) -> Part {
    Part {
        name: "movements",
        table: "stock_movement",
        owner: "document_id",
        kind: Some(("document_kind", kind)),
        key: &["line", "step", "batch"],
        columns: MOVEMENT,
        max_rows: 2 * DOCUMENT_MOVEMENTS,
    }
}

/// A movement of stock that is not a sale: opening, correction, destruction, transfer.
pub const STOCK_ADJUSTMENT: Entity = Entity {
    name: "stockAdjustment",
    table: "stock_adjustment",
    columns: &[
        Column::text("kind", 16).immutable(),
        Column::text("reason", 240).immutable(),
        Column::refers("user", "user").nullable().immutable(),
        Column::instant("occurred_at").immutable(),
    ],
    parts: &[movements(2)],
    natural: None,
    document: true,
};

/// A ticket.
pub const SALE: Entity = Entity {
    name: "sale",
    table: "sale",
    columns: &[
        Column::int("series", 1, 9_999).immutable(),
        Column::int("number", 1, LARGEST).immutable(),
        Column::refers("user", "user").immutable(),
        Column::instant("occurred_at").immutable(),
        Column::money("total").immutable(),
        Column::money("tendered").immutable(),
        Column::int("chain_version", 1, 1_000).immutable(),
        Column::bytes("previous_hash", 32).immutable(),
        Column::bytes("hash", 32).immutable(),
        Column::text("state", 16).hub_only(),
        Column::text("reason_code", 64).nullable().hub_only(),
        Column::json("reason_params", 2_048).nullable().hub_only(),
        Column::bool("flagged").hub_only(),
    ],
    parts: &[
        Part {
            name: "items",
            table: "sale_item",
            owner: "sale_id",
            kind: None,
            key: &["line"],
            columns: &[
                Column::int("line", 1, DOCUMENT_LINES as i64),
                Column::refers("product", "product"),
                Column::text("name", 512),
                Column::text("unit_name", 40),
                Column::int("unit_count", 1, LARGEST),
                Column::money("unit_price"),
                Column::int("quantity", 1, LARGEST),
                Column::money("amount"),
                Column::text("tax_class", 16),
                Column::bool("in_hand"),
            ],
            max_rows: DOCUMENT_LINES,
        },
        movements(1),
        Part {
            name: "payments",
            table: "sale_payment",
            owner: "sale_id",
            kind: None,
            key: &["position"],
            columns: &[
                Column::int("position", 1, 16),
                Column::text("means", 16),
                Column::money("amount"),
                Column::text("reference", 64).nullable(),
            ],
            max_rows: 16,
        },
    ],
    natural: None,
    document: true,
};

/// All of them. The order here means nothing: see [`in_order`].
pub const ENTITIES: &[&Entity] = &[&SETTING, &USER, &SUPPLIER, &PRODUCT, &PRODUCT_BATCH, &STOCK_ADJUSTMENT, &SALE];

/// Tables that hold no entity, on the till.
pub const TILL_INFRASTRUCTURE: &[&str] = &[
    "outbox",
    "sync_state",
    "sync_run",
    "change_log",
    "uid_map",
    "held_row",
    "till_state",
    "cart",
    "cart_line",
    "local_setting",
    "refinery_schema_history",
];

/// Tables that hold no entity, on the hub.
pub const HUB_INFRASTRUCTURE: &[&str] = &[
    "pharmacy",
    "device",
    "enrolment_code",
    "idempotency",
    "commit_log",
    "change_log",
    "uid_map",
    "refinery_schema_history",
];

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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::schema::{Class, Kind};

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
    }

    #[test]
    fn names_are_unique_and_keys_name_columns() {
        let mut tables = HashSet::new();
        for owner in ENTITIES {
            assert!(tables.insert(owner.table));
            let columns: HashSet<_> = owner.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), owner.columns.len(), "{}", owner.name);
            for key in owner.natural.iter().flat_map(|key| key.columns) {
                assert!(columns.contains(key) || owner.part(key).is_some(), "{}.{key}", owner.name);
            }
            for part in owner.parts {
                let columns: Vec<_> = part.columns.iter().map(|column| column.name).collect();
                assert!(part.key.iter().all(|key| columns.contains(key)), "{}", part.table);
                assert!(part.columns.iter().all(|column| column.class == Class::Synced), "{}", part.table);
            }
        }
    }

    #[test]
    fn secrets_are_text_and_folds_follow_text() {
        for owner in ENTITIES {
            for column in owner.columns {
                if let Some(source) = column.fold_of {
                    let source = owner.columns[owner.column(source).unwrap()];
                    assert!(matches!(source.kind, Kind::Text(_)));
                }
            }
        }
    }
}
