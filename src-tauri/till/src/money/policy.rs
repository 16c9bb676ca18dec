//! What the pharmacy has decided about money, read in one query.

use officine_protocol::roles::Role;
use rusqlite::Connection;
use serde_json::Value as Json;

use crate::{error::Result, settings};

/// The rules in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Francs to which totals are rounded, half up; 0 and 1: not at all.
    pub rounding_step: i64,
    /// The most percent a role may take off; none where nothing is said of it.
    discounts: Json,
    /// Minutes within which the last ticket may be cancelled; 0: all day.
    pub cancel_minutes: i64,
    /// Nothing is sold while no drawer is open.
    pub session_required: bool,
    /// `ceiling`, `manager` or `none`.
    credit: Json,
}

impl Policy {
    /// Reads it.
    pub fn read(connection: &Connection) -> Result<Self> {
        let names =
            ["sale.roundingStep", "sale.discountPercent", "sale.cancelMinutes", "cash.sessionRequired", "sale.credit"];
        let [step, discounts, minutes, required, credit] = settings::values(connection, names)?;
        Ok(Self {
            rounding_step: step.as_i64().unwrap_or(0),
            discounts,
            cancel_minutes: minutes.as_i64().unwrap_or(0),
            session_required: required == Json::Bool(true),
            credit,
        })
    }

    /// The most percent a role may take off.
    pub fn discount_limit(&self, role: Role) -> i64 {
        self.discounts[role.name()].as_i64().unwrap_or(0)
    }

    /// Whether sales on a customer's account are made at all.
    pub fn credit_given(&self) -> bool {
        self.credit != "none"
    }

    /// Whether a role may sell beyond a customer's ceiling.
    pub fn may_exceed(&self, role: Role) -> bool {
        self.credit == "manager" && role >= Role::Manager
    }
}
