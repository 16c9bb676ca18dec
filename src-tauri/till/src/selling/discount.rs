//! Discounts on the open cart: kept on disk as they were given, limited by role.

use officine_protocol::{
    params,
    roles::{Permission, Role},
};

use super::{
    cart::{self, StoredLine},
    plan::Plan,
};
use crate::{
    engine::Till,
    error::{Error, Result},
    refuse,
    views::{CartView, DiscountLineArgs, DiscountTicketArgs, DiscountView, Problem},
};

impl Till {
    /// Takes something off a line of the open cart, or no longer.
    pub fn discount_line(&self, args: &DiscountLineArgs) -> Result<CartView> {
        let session = self.allow(Permission::Discount)?;
        let today = self.today();
        self.edit_cart(|act, cart| {
            let line = cart.line(args.line)?;
            check_form(args.discount)?;
            let line = StoredLine { discount: args.discount, ..line.clone() };
            cart::put_line(act.tx, cart.id, &line)?;
            check_cart(act.tx, cart.id, session.role, today)
        })
    }

    /// Takes something off the open cart as a whole, or no longer.
    pub fn discount_ticket(&self, args: &DiscountTicketArgs) -> Result<CartView> {
        let session = self.allow(Permission::Discount)?;
        let today = self.today();
        self.edit_cart(|act, cart| {
            check_form(args.discount)?;
            if cart.lines.is_empty() {
                return refuse!("cart_empty");
            }
            cart::set_discount(act.tx, cart.id, args.discount)?;
            check_cart(act.tx, cart.id, session.role, today)
        })
    }
}

fn check_form(discount: Option<DiscountView>) -> Result<()> {
    let sensible = match discount {
        None => true,
        Some(DiscountView::Percent { percent }) => (1..=100).contains(&percent),
        Some(DiscountView::Francs { amount }) => (1..=officine_protocol::limits::LARGEST).contains(&amount),
    };
    if sensible { Ok(()) } else { refuse!("field_invalid", field: "discount") }
}

fn check_cart(
    connection: &rusqlite::Connection,
    cart: i64,
    role: Role,
    today: officine_protocol::date::Date,
) -> Result<()> {
    let Some(cart) = cart::by_id(connection, cart)? else { return Ok(()) };
    match excess(&Plan::of(connection, &cart, today)?, role) {
        Some(Problem { code, params }) => Err(Error::refused(&code, params)),
        None => Ok(()),
    }
}

/// Why a role may not take that much off: no line, nor all together, by more than its share.
pub fn excess(plan: &Plan, role: Role) -> Option<Problem> {
    if !plan.discounted() {
        return None;
    }
    let limit = plan.policy.discount_limit(role);
    let beyond = |off: i64, of: i64| i128::from(off) * 100 > i128::from(of) * i128::from(limit);
    let gross: i64 = plan.lines.iter().map(super::plan::PlannedLine::gross).fold(0, i64::saturating_add);
    let all = gross - plan.sums.lines + plan.sums.discount;
    let lines = plan.lines.iter().any(|line| beyond(line.discount(), line.gross()));
    let most = i64::try_from(i128::from(gross) * i128::from(limit) / 100).unwrap_or(0);
    (lines || beyond(all, gross))
        .then(|| Error::refused("discount_too_large", params! { limit: limit, most: most }).problem())
}
