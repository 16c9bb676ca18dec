//! Tickets, and the tickets that take them back.

use super::stock::movements;
use crate::{
    limits::{DOCUMENT_LINES, LARGEST},
    roles::Permission,
    schema::{Column, Entity, Index, Part},
};

/// How money changes hands. `credit` is the customer's account.
pub const MEANS: &[&str] = &["cash", "orange_money", "mtn_momo", "credit"];

const PAYMENT: &[Column] = &[
    Column::int("position", 1, 16),
    Column::text("means", 16),
    Column::money("amount"),
    Column::text("reference", 64).nullable(),
];

const ITEMS: Part = Part::new(
    "items",
    "sale_item",
    "sale_id",
    &["line"],
    &[
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
        Column::money("discount").since(2),
    ],
    DOCUMENT_LINES,
);

/// A ticket. A line's amount is count × unit price − its discount; the total is the sum of the amounts − the ticket's
/// discount + the rounding to the shop's step.
pub const SALE: Entity = Entity::new(
    "sale",
    "sale",
    &[
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
        Column::refers("customer", "customer").nullable().immutable().since(2),
        Column::refers("cash_session", "cashSession").nullable().immutable().since(2),
        Column::money("discount").immutable().since(2),
        Column::int("rounding", -LARGEST, LARGEST).immutable().since(2),
    ],
)
.parts(&[ITEMS, movements(1), Part::new("payments", "sale_payment", "sale_id", &["position"], PAYMENT, 16)])
.document()
.indexes(&[Index::on(&["customer"]).where_present("customer").everywhere().since(2)])
.allowed(Permission::Sell, Permission::Sell);

/// What comes back, line by line of the ticket. `disposition` says where the goods go: back to the lot they came from, to
/// the quarantine lot of the same number and expiry, or nowhere: what is destroyed at the counter never joins the stock
/// again and has no movement. `unit_count` is 0 where the quantity is no whole number of the ticket's unit.
const RETURNED: Part = Part::new(
    "items",
    "sale_return_item",
    "sale_return_id",
    &["line"],
    &[
        Column::int("line", 1, DOCUMENT_LINES as i64),
        Column::int("sale_line", 1, DOCUMENT_LINES as i64),
        Column::refers("product", "product"),
        Column::text("name", 512),
        Column::text("unit_name", 40),
        Column::int("unit_count", 0, LARGEST),
        Column::int("quantity", 1, LARGEST),
        Column::money("amount"),
        Column::one_of("disposition", &["shelf", "quarantine", "destroyed"]),
    ],
    DOCUMENT_LINES,
);

/// A ticket that takes another back, whole or in part. It bears the next number of the series that records it and is a
/// link of the same chain. `kind`: `cancellation` takes back a whole ticket whose goods have not left. Its total is what is
/// given back, the sum of its lines (see `refund`) and of its payments. Printed, it bears no tendered sum, no unit price,
/// no discount and no rounding; the lots of a line are printed as a sale's are, earliest expiry first.
pub const SALE_RETURN: Entity = Entity::new(
    "saleReturn",
    "sale_return",
    &[
        Column::int("series", 1, 9_999).immutable(),
        Column::int("number", 1, LARGEST).immutable(),
        Column::refers("sale", "sale").immutable(),
        Column::refers("user", "user").immutable(),
        Column::refers("customer", "customer").nullable().immutable().through("sale"),
        Column::refers("cash_session", "cashSession").nullable().immutable(),
        Column::instant("occurred_at").immutable(),
        Column::one_of("kind", &["return", "cancellation"]).immutable(),
        Column::text("reason", 240).immutable(),
        Column::money("total").immutable(),
        Column::int("chain_version", 1, 1_000).immutable(),
        Column::bytes("previous_hash", 32).immutable(),
        Column::bytes("hash", 32).immutable(),
        Column::bool("flagged").hub_only(),
    ],
)
.parts(&[
    RETURNED,
    movements(3),
    Part::new("payments", "sale_return_payment", "sale_return_id", &["position"], PAYMENT, 16),
])
.document()
.indexes(&[
    Index::on(&["sale"]).everywhere(),
    Index::on(&["customer"]).where_present("customer").everywhere(),
    Index::on(&["series", "number"]).everywhere(),
])
.since(2)
.allowed(Permission::CancelTicket, Permission::ReturnSale);

/// What becomes of a refused ticket. `withdrawn`: its paper was not out, the cart went back to the counter and no money was
/// taken. `cancelled`: goods and money come back. `kept`: the goods have left and the money stays.
pub const DECISIONS: &[&str] = &["withdrawn", "cancelled", "kept"];

/// The decision on a refused ticket: a ticket of its own, the next number of the series that records it and a link of the
/// same chain. Its movements, those of a ticket that is kept, count from the ticket's own instant: they take again what
/// the refusal gave back. Its payments and its total are what is given back. The first decision to reach the hub stands;
/// a later one is superseded: it moves no stock. Printed, it has no lines, and its kind is its decision.
pub const SALE_SETTLEMENT: Entity = Entity::new(
    "saleSettlement",
    "sale_settlement",
    &[
        Column::int("series", 1, 9_999).immutable(),
        Column::int("number", 1, LARGEST).immutable(),
        Column::refers("sale", "sale").immutable(),
        Column::refers("user", "user").immutable(),
        Column::refers("customer", "customer").nullable().immutable().through("sale"),
        Column::refers("cash_session", "cashSession").nullable().immutable(),
        Column::instant("occurred_at").immutable(),
        Column::instant("sold_at").immutable(),
        Column::one_of("decision", DECISIONS).immutable(),
        Column::text("reason", 240).immutable(),
        Column::money("total").immutable(),
        Column::int("chain_version", 1, 1_000).immutable(),
        Column::bytes("previous_hash", 32).immutable(),
        Column::bytes("hash", 32).immutable(),
        Column::bool("flagged").hub_only(),
        Column::bool("superseded").hub_only(),
    ],
)
.parts(&[
    movements(6),
    Part::new("payments", "sale_settlement_payment", "sale_settlement_id", &["position"], PAYMENT, 16),
])
.document()
.moves_at("sold_at")
.indexes(&[Index::on(&["sale"]).everywhere(), Index::on(&["series", "number"]).everywhere()])
.since(2)
.allowed(Permission::SettleSale, Permission::SettleSale);
