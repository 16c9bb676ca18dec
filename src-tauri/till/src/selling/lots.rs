//! F6: another lot, for a reason; and the limit of « boîte en main ».

use officine_protocol::{
    date::Date,
    fefo::{self, Withheld},
    params,
    roles::{Permission, Role},
};
use rusqlite::Connection;

use super::{
    cart::{self, StoredCart, StoredLine},
    plan::Plan,
};
use crate::{
    act::user_id,
    catalogue::lots as stored_lots,
    engine::Till,
    error::{Error, Result},
    people::Session,
    refuse, settings,
    views::{CartView, ChooseLotArgs, LotChoice, Problem},
};

/// The shortest reason accepted.
const REASON_CHARS: usize = 3;

impl Till {
    /// The lots of a line's product: what each holds, what the line takes of it, and why it may not be sold.
    pub fn list_lots(&self, line: u32) -> Result<Vec<LotChoice>> {
        let session = self.session()?;
        let today = self.today();
        self.store.read(|connection| {
            let user = user_id(connection, session.user)?;
            let open = cart::open_of(connection, user)?;
            let cart = open.ok_or_else(|| Error::refused("cart_empty", params!()))?;
            choices(connection, &cart, cart.line(line)?, today)
        })
    }

    /// Takes another lot than FEFO would, or goes back to FEFO.
    pub fn choose_lot(&self, args: &ChooseLotArgs) -> Result<CartView> {
        self.allow(Permission::ChooseLot)?;
        let today = self.today();
        self.edit_cart(|act, cart| {
            let line = cart.line(args.line)?;
            let Some(wanted) = &args.batch else {
                let back = StoredLine { batch: None, source: None, reason: None, ..line.clone() };
                return cart::put_line(act.tx, cart.id, &back);
            };
            let choice = choices(act.tx, cart, line, today)?.into_iter().find(|choice| choice.batch == *wanted);
            let choice = choice.ok_or_else(|| Error::refused("field_invalid", params! { field: "batch" }))?;
            if let Some(Problem { code, params }) = choice.refused {
                return Err(Error::refused(&code, params));
            }
            let reason = args.reason.trim();
            if !choice.first && reason.chars().count() < REASON_CHARS {
                return refuse!("reason_missing");
            }
            let lots = stored_lots::of_product(act.tx, line.product)?;
            let batch = lots.iter().find(|lot| lot.uid().to_string() == *wanted).map(|lot| lot.id);
            let reason = (!reason.is_empty()).then(|| reason.chars().take(240).collect());
            let chosen = StoredLine {
                batch,
                source: Some("chosen".to_owned()),
                reason,
                refused_available: None,
                ..line.clone()
            };
            cart::put_line(act.tx, cart.id, &chosen)
        })
    }
}

fn choices(connection: &Connection, cart: &StoredCart, line: &StoredLine, today: Date) -> Result<Vec<LotChoice>> {
    let plan = Plan::of(connection, cart, today)?;
    let mut lots = stored_lots::of_product(connection, line.product)?;
    lots.sort_by_key(|lot| (lot.lot.expiry.is_none(), lot.lot.expiry, lot.lot.received_at, lot.lot.uid));
    let first = fefo::order(&stored_lots::rule_view(&lots), today).first().map(|place| lots[*place].id);
    let planned = plan.lines.iter().find(|planned| planned.stored.line == line.line);
    let taken = |id: i64| {
        let lots = plan.lots.get(&line.product)?;
        planned?.takes.iter().find(|taken| lots[taken.lot].id == id).map(|taken| taken.quantity)
    };
    Ok(lots
        .iter()
        .map(|stored| LotChoice {
            batch: stored.uid().to_string(),
            lot_number: stored.number.clone(),
            expiry: stored.expiry_text(),
            days_left: stored.lot.expiry.map(|expiry| expiry.days_from(today)),
            quantity: stored.lot.quantity,
            taken: taken(stored.id).unwrap_or(0),
            first: Some(stored.id) == first,
            refused: refused(stored, today),
        })
        .collect())
}

fn refused(stored: &stored_lots::StoredLot, today: Date) -> Option<Problem> {
    let why: Option<Withheld> = stored.lot.withheld(today);
    match why {
        Some(why) => Some(stored_lots::withheld_problem(stored, why).problem()),
        None if stored.lot.quantity <= 0 => Some(Error::refused("lot_empty", params! { lot: stored.number }).problem()),
        None => None,
    }
}

/// A cashier may sell only so many lines in hand a day; pharmacists and above as many as they need.
/// `marked` lines of the open cart come on top of those sold.
pub fn check_in_hand_limit(connection: &Connection, session: &Session, marked: usize, today: Date) -> Result<()> {
    if marked == 0 || session.role > Role::Cashier {
        return Ok(());
    }
    let limit = i64::from(settings::read(connection)?.in_hand_per_day);
    if marked as i64 + sold_in_hand(connection, session, today)? > limit {
        return refuse!("in_hand_limit", limit: limit);
    }
    Ok(())
}

fn sold_in_hand(connection: &Connection, session: &Session, today: Date) -> Result<i64> {
    let sql = "SELECT s.occurred_at FROM sale s JOIN sale_item i ON i.sale_id = s.id WHERE i.in_hand = 1 AND s.user_id = ?1 \
               AND s.uid >= ?2 AND s.state <> 'reversed'";
    let since = super::history::first_uid_of(today);
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map((user_id(connection, session.user)?, since.as_bytes()), |row| row.get::<_, i64>(0))?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().filter(|at| Date::of_instant(*at) == today).count()
        as i64)
}
