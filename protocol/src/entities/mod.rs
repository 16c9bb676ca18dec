//! Every entity of a pharmacy, declared once as plain data. Wire form, tables, statements, order and coverage follow.

mod cash;
mod catalogue;
mod conflicts;
mod customers;
mod people;
mod purchasing;
mod registry;
mod selling;
mod stock;

pub use cash::{CASH_SESSION, EXPENSE};
pub use catalogue::{PRODUCT, PRODUCT_BATCH, PRODUCT_SUPPLIER, REQUESTED_PRODUCT, SUPPLIER};
pub use conflicts::CONFLICT;
pub use customers::{CREDIT_PAYMENT, CUSTOMER};
pub use people::{SETTING, USER};
pub use purchasing::{SUPPLIER_ORDER, SUPPLIER_ORDER_ITEM, SUPPLIER_RETURN};
pub use registry::{entity, in_order, walked_first};
pub use selling::{DECISIONS, MEANS, SALE, SALE_RETURN, SALE_SETTLEMENT};
pub use stock::{ADJUSTMENTS, RECALL, STOCK_ADJUSTMENT, STOCKTAKE};

use crate::schema::Entity;

/// All of them. The order here means nothing: see [`in_order`].
pub const ENTITIES: &[&Entity] = &[
    &SETTING,
    &USER,
    &SUPPLIER,
    &PRODUCT,
    &PRODUCT_SUPPLIER,
    &PRODUCT_BATCH,
    &REQUESTED_PRODUCT,
    &CUSTOMER,
    &CREDIT_PAYMENT,
    &SUPPLIER_ORDER,
    &SUPPLIER_ORDER_ITEM,
    &SUPPLIER_RETURN,
    &CASH_SESSION,
    &EXPENSE,
    &SALE,
    &SALE_RETURN,
    &SALE_SETTLEMENT,
    &STOCK_ADJUSTMENT,
    &STOCKTAKE,
    &RECALL,
    &CONFLICT,
];

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
    "waiting_paper",
    "forestalled_told",
    "drawer_span",
    "stocktake_draft",
    "stocktake_draft_count",
    "walk",
    "walk_stood",
    "walk_seen",
    "row_aside",
    "repair_run",
    "repair_line",
    "integrity_run",
    "certificate",
    "passed",
    "looked",
    "digest_range",
    "refinery_schema_history",
];

/// Tables that hold no entity, on the hub.
pub const HUB_INFRASTRUCTURE: &[&str] = &[
    "pharmacy",
    "device",
    "enrolment_code",
    "idempotency",
    "answered",
    "quarantined_operation",
    "commit_log",
    "lost_history",
    "lost_return",
    "change_log",
    "uid_map",
    "digest_range",
    "refinery_schema_history",
];
