//! The drawer: sessions with what is put in and taken out, and what the shop spends.

use super::selling::MEANS;
use crate::{
    limits::LARGEST,
    roles::Permission,
    schema::{Column, Entity, Index, Part},
};

const FLOWS: Part = Part::new(
    "flows",
    "cash_flow",
    "cash_session_id",
    &["position"],
    &[
        Column::int("position", 1, 500),
        Column::one_of("direction", &["in", "out"]),
        Column::money("amount"),
        Column::text("reason", 240),
        Column::refers("user", "user"),
        Column::instant("occurred_at"),
    ],
    500,
);

/// A drawer from its opening to its count, with what was put in and taken out. `expected` is what the book says must be
/// in it when it is closed, `counted` what was; `count` tells the notes and coins (a JSON map of value to number).
/// Closed, it never changes.
pub const CASH_SESSION: Entity = Entity::new(
    "cashSession",
    "cash_session",
    &[
        Column::int("series", 1, 9_999).immutable(),
        Column::refers("user", "user").immutable(),
        Column::instant("opened_at").immutable(),
        Column::money("opening_float").immutable(),
        Column::refers("closed_by", "user").nullable(),
        Column::instant("closed_at").nullable(),
        Column::int("expected", -LARGEST, LARGEST).nullable(),
        Column::money("counted").nullable(),
        Column::json("count", 2_048).nullable(),
        Column::text("note", 240),
    ],
)
.parts(&[FLOWS])
.closed_by("closed_at", "session_closed")
.indexes(&[Index::on(&["opened_at"])])
.since(2)
.allowed(Permission::CashSession, Permission::CashSession);

/// Money that left the shop for something else than goods.
pub const EXPENSE: Entity = Entity::new(
    "expense",
    "expense",
    &[
        Column::refers("user", "user").immutable(),
        Column::refers("cash_session", "cashSession").nullable().immutable(),
        Column::money("amount").immutable(),
        Column::text("category", 40).immutable(),
        Column::text("label", 240).immutable(),
        Column::one_of("means", MEANS).immutable(),
        Column::text("reference", 64).nullable().immutable(),
        Column::instant("occurred_at").immutable(),
    ],
)
.document()
.indexes(&[Index::on(&["cash_session"]), Index::on(&["occurred_at"])])
.since(2)
.allowed(Permission::Expense, Permission::Expense);
