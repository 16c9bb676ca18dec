//! The ledger's rows, and the documents that move stock without selling it.

use crate::{
    limits::{DOCUMENT_LINES, DOCUMENT_MOVEMENTS, LARGEST},
    roles::Permission,
    schema::{Column, Entity, Index, LEDGER, Part},
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

/// The movements of the documents that bear this number in the ledger.
pub(super) const fn movements(kind: i64) -> Part {
    Part {
        kind: Some(("document_kind", kind)),
        ..Part::new("movements", LEDGER, "document_id", &["line", "step", "batch"], MOVEMENT, 2 * DOCUMENT_MOVEMENTS)
    }
}

/// What a movement of stock that is no sale may be.
pub const ADJUSTMENTS: &[&str] = &["opening", "receipt", "correction", "destruction", "transfer", "conversion"];

/// A movement of stock that is no sale. `kind`: `opening`, `receipt` (of an order or without one), `correction`,
/// `destruction`, `transfer` (between lots of one product: lots made known later, a release from quarantine),
/// `conversion` (of one product into another: packs split).
pub const STOCK_ADJUSTMENT: Entity = Entity::new(
    "stockAdjustment",
    "stock_adjustment",
    &[
        Column::one_of("kind", ADJUSTMENTS).immutable(),
        Column::text("reason", 240).immutable(),
        Column::refers("user", "user").nullable().immutable(),
        Column::instant("occurred_at").immutable(),
        Column::refers("order", "supplierOrder").nullable().immutable().since(2),
        Column::refers("supplier", "supplier").nullable().immutable().since(2),
        Column::text("reference", 64).nullable().immutable().since(2),
    ],
)
.parts(&[movements(2)])
.document()
.indexes(&[Index::on(&["order"]).where_present("order").everywhere().since(2)])
.allowed(Permission::AdjustStock, Permission::AdjustStock);

const COUNTS: Part = Part::new(
    "counts",
    "stocktake_count",
    "stocktake_id",
    &["line"],
    &[
        Column::int("line", 1, DOCUMENT_LINES as i64),
        Column::refers("batch", "productBatch"),
        Column::text("zone", 40),
        Column::int("counted", 0, LARGEST),
        Column::instant("counted_at"),
        Column::refers("user", "user"),
        Column::bool("complete").since(2),
    ],
    DOCUMENT_LINES,
)
.found_by("batch");

/// A count of lots, zone by zone: zones add up, over stocktakes too ([`crate::tally`]); `complete` says that no other zone
/// held some. It is a checkpoint: the lot holds what was counted and what has happened since. Its movements are the
/// differences, as of the count; those of a later step take back what turned out to have happened before it.
/// `till`: the series of the till that closed it; `clock_offset`: milliseconds by which that till's clock was ahead of the
/// hub's when it was handed over.
pub const STOCKTAKE: Entity = Entity::new(
    "stocktake",
    "stocktake",
    &[
        Column::refers("user", "user").immutable(),
        Column::instant("started_at").immutable(),
        Column::instant("occurred_at").immutable(),
        Column::text("note", 240).immutable(),
        Column::bool("flagged").hub_only(),
        Column::int("till", 0, LARGEST).nullable().hub_only(),
        Column::int("clock_offset", -LARGEST, LARGEST).nullable().hub_only(),
    ],
)
.parts(&[COUNTS, movements(5)])
.document()
.since(2)
.allowed(Permission::CloseStocktake, Permission::CloseStocktake);

/// Lots a maker or an authority calls back. Without a lot, every lot of the product with that number.
pub const RECALL: Entity = Entity::new(
    "recall",
    "recall",
    &[
        Column::refers("product", "product").immutable(),
        Column::refers("batch", "productBatch").nullable().immutable(),
        Column::text("lot_number", 64).immutable(),
        Column::lot_fold("lot_fold", "lot_number"),
        Column::text("reason", 240),
        Column::text("reference", 64),
        Column::refers("user", "user").immutable(),
        Column::instant("issued_at").immutable(),
        Column::instant("closed_at").nullable(),
    ],
)
.indexes(&[Index::on(&["product"])])
.since(2)
.allowed(Permission::Recall, Permission::Recall);
