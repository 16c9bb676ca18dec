//! Who buys on credit, and how it is paid back.

use super::selling::MEANS;
use crate::{
    roles::Permission,
    schema::{Column, Entity, Index, Twin},
};

/// A customer. What is owed is derived from tickets, returns and repayments. `credit_ceiling` 0: no credit.
pub const CUSTOMER: Entity = Entity::new(
    "customer",
    "customer",
    &[
        Column::text("name", 160),
        Column::fold("name_fold", "name"),
        Column::text("phone", 40),
        Column::text("address", 240),
        Column::money("credit_ceiling"),
    ],
)
.known_by(&["phone"], Twin::Propose)
.since(2)
.allowed(Permission::EditCustomer, Permission::EditCustomer);

/// A repayment. The customer of a repayment that names its ticket is the ticket's.
pub const CREDIT_PAYMENT: Entity = Entity::new(
    "creditPayment",
    "credit_payment",
    &[
        Column::refers("customer", "customer").immutable().through("sale"),
        Column::refers("sale", "sale").nullable().immutable(),
        Column::refers("user", "user").immutable(),
        Column::refers("cash_session", "cashSession").nullable().immutable(),
        Column::money("amount").immutable(),
        Column::one_of("means", MEANS).immutable(),
        Column::text("reference", 64).nullable().immutable(),
        Column::instant("occurred_at").immutable(),
        Column::bool("flagged").hub_only(),
    ],
)
.document()
.indexes(&[Index::on(&["customer"]).everywhere(), Index::on(&["reference"]).where_present("reference")])
.since(2)
.allowed(Permission::Credit, Permission::Credit);
