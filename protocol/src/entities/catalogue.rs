//! What is sold, where it comes from, which lots there are, what was asked for in vain.

use crate::{
    limits::LARGEST,
    roles::Permission,
    schema::{Column, Entity, Index, Part, Twin},
};

/// A wholesaler.
pub const SUPPLIER: Entity = Entity::new(
    "supplier",
    "supplier",
    &[
        Column::text("name", 160),
        Column::fold("name_fold", "name"),
        Column::text("phone", 40),
        Column::text("address", 240),
    ],
)
.known_by(&["name_fold"], Twin::Merge)
.allowed(Permission::EditCatalogue, Permission::EditCatalogue);

const UNITS: Part = Part::new(
    "units",
    "product_unit",
    "product_id",
    &["position"],
    &[
        Column::int("position", 0, 15),
        Column::text("name", 40),
        Column::int("factor", 1, 1_000_000),
        Column::money("price").nullable().manual(),
    ],
    16,
);

const CODES: Part = Part::new(
    "codes",
    "product_code",
    "product_id",
    &["position"],
    &[
        Column::int("position", 0, 63),
        Column::text("code", 64),
        Column::text("kind", 16),
        Column::int("unit", 0, 15),
        Column::refers("supplier", "supplier").nullable(),
    ],
    64,
)
.identified_by(&["code"]);

/// A product with the units it is sold in and the codes it is found by. `returnable`: what comes back goes straight to
/// the shelf; a medicine goes to quarantine.
pub const PRODUCT: Entity = Entity::new(
    "product",
    "product",
    &[
        Column::text("name", 512),
        Column::fold("name_fold", "name"),
        Column::text("dci", 2_048),
        Column::text("form", 255),
        Column::text("strength", 1_024),
        Column::text("maker", 255),
        Column::text("tax_class", 16),
        Column::int("min_stock", 0, LARGEST),
        Column::bool("returnable").since(2),
    ],
)
.parts(&[UNITS, CODES])
.known_by(&["codes.code", "name_fold"], Twin::Merge)
.allowed(Permission::EditProduct, Permission::SetPrice);

/// What a supplier calls a product and asks for it.
pub const PRODUCT_SUPPLIER: Entity = Entity::new(
    "productSupplier",
    "product_supplier",
    &[
        Column::refers("product", "product").immutable(),
        Column::refers("supplier", "supplier").immutable(),
        Column::text("reference", 64),
        Column::money("pack_cost").nullable(),
        Column::int("pack_size", 1, 1_000_000),
        Column::bool("preferred"),
    ],
)
.known_by(&["product", "supplier"], Twin::Merge)
.since(2)
.allowed(Permission::EditCatalogue, Permission::EditCatalogue);

/// A lot of a product. Goods without lots have one, nameless and without expiry. Boxes that came back wait in a lot of
/// their own, `quarantine`, which is blocked for as long as it exists. `counted_at` is the lot's checkpoint: what
/// happened before the last count is in that count.
pub const PRODUCT_BATCH: Entity = Entity::new(
    "productBatch",
    "product_batch",
    &[
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
        Column::refers("order", "supplierOrder").nullable().immutable().since(2),
        Column::bool("quarantine").immutable().since(2),
        Column::instant("counted_at").nullable().hub_only().since(2),
        Column::lot_fold("lot_fold", "lot_number").since(2),
    ],
)
.known_by(&["product", "lot_fold", "expiry", "quarantine"], Twin::Merge)
.allowed(Permission::Sell, Permission::EditCatalogue);

/// Something a customer asked for and the shelf did not have.
pub const REQUESTED_PRODUCT: Entity = Entity::new(
    "requestedProduct",
    "requested_product",
    &[
        Column::text("label", 160),
        Column::refers("product", "product").nullable(),
        Column::refers("batch", "productBatch").nullable(),
        Column::int("quantity", 1, LARGEST),
        Column::text("contact", 80),
        Column::refers("user", "user").immutable(),
        Column::instant("requested_at").immutable(),
        Column::one_of("state", &["open", "ordered", "served", "dropped"]),
    ],
)
.indexes(&[Index::on(&["state"])])
.since(2)
.allowed(Permission::RequestProduct, Permission::RequestProduct);
