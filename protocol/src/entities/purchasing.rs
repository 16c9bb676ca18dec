//! Orders to suppliers and what goes back to them. What arrives is a stock adjustment of kind `receipt` that names its
//! order: how much of an item came is the sum of its movements.

use super::stock::movements;
use crate::{
    limits::LARGEST,
    roles::Permission,
    schema::{Column, Entity, Index, Twin},
};

/// An order. Its number carries the series of the till that minted it: `2-000014`.
pub const SUPPLIER_ORDER: Entity = Entity::new(
    "supplierOrder",
    "supplier_order",
    &[
        Column::text("number", 32).immutable(),
        Column::refers("supplier", "supplier").immutable(),
        Column::refers("user", "user").immutable(),
        Column::instant("ordered_at").immutable(),
        Column::date("expected_on").nullable(),
        Column::one_of("state", &["open", "closed", "cancelled"]),
        Column::text("note", 240),
    ],
)
.known_by(&["number"], Twin::Never)
.since(2)
.allowed(Permission::Order, Permission::Order);

/// A line of an order: one product, once. Quantities are base units.
pub const SUPPLIER_ORDER_ITEM: Entity = Entity::new(
    "supplierOrderItem",
    "supplier_order_item",
    &[
        Column::refers("order", "supplierOrder").immutable(),
        Column::int("line", 1, 2_000).immutable(),
        Column::refers("product", "product").immutable(),
        Column::int("quantity", 0, LARGEST),
        Column::int("free_quantity", 0, LARGEST),
        Column::money("pack_cost").nullable(),
        Column::int("pack_size", 1, 1_000_000),
    ],
)
.known_by(&["order", "line"], Twin::Never)
.indexes(&[Index::on(&["product"])])
.since(2)
.allowed(Permission::Order, Permission::Order);

/// Goods that go back to a supplier. `credit` is what the supplier is to give back.
pub const SUPPLIER_RETURN: Entity = Entity::new(
    "supplierReturn",
    "supplier_return",
    &[
        Column::refers("supplier", "supplier").immutable(),
        Column::refers("user", "user").immutable(),
        Column::text("reason", 240).immutable(),
        Column::text("reference", 64).nullable().immutable(),
        Column::money("credit").nullable().immutable(),
        Column::instant("occurred_at").immutable(),
    ],
)
.parts(&[movements(4)])
.document()
.since(2)
.allowed(Permission::ReturnToSupplier, Permission::ReturnToSupplier);
