//! « Annuler le dernier »: the last ticket is taken back before its goods have left, and its cart comes back as it was.

use officine_protocol::{Params, date::Date, entities::SALE, params, roles::Permission};
use rusqlite::OptionalExtension;

use super::{
    receipt, refunds,
    returned::SoldTicket,
    returns::{self, Returned},
    reversal,
};
use crate::{
    act::{Act, user_id},
    engine::Till,
    error::{Error, Result},
    money::{
        policy::Policy,
        session::{self, text},
    },
    people::Session,
    refuse,
    store::rows::{self, read_uid},
    views::{CancelledView, DispositionName, Topic},
};

const MINUTE_MS: i64 = 60_000;

impl Till {
    /// Takes back the last ticket of this till, if whoever asks sold it just now: the same day, in the same drawer, and
    /// within the minutes the pharmacy allows. Money goes back the way it came.
    pub fn cancel_last(&self, reason: &str) -> Result<CancelledView> {
        let session = self.allow(Permission::CancelTicket)?;
        self.device()?;
        let reason = text("reason", reason)?;
        let today = self.today();
        let (uid, open) = self.act(Some(session.user), |act| cancel(act, &session, &reason, today))?;
        self.changed(&[Topic::Cart, Topic::Sales, Topic::Stock, Topic::Sync]);
        let receipt = self.store.read(|connection| receipt::read_return(connection, uid, today))?;
        Ok(CancelledView { receipt, held: !open, cart: self.cart()? })
    }
}

fn cancel(act: &mut Act<'_>, session: &Session, reason: &str, today: Date) -> Result<(officine_protocol::Uid, bool)> {
    let policy = Policy::read(act.tx)?;
    let drawer = session::current(act.tx, act.state.series, &policy)?;
    let user = user_id(act.tx, session.user)?;
    let sold = last(act)?;
    may_cancel(act, &sold, user, &policy, today)?;
    if sold.drawer != drawer.map(|drawer| drawer.id) {
        return refuse!("ticket_too_old");
    }
    let returned = Returned {
        sold: &sold,
        kind: "cancellation",
        reason,
        payments: refunds::same(act.tx, sold.id)?,
        drawer: drawer.map(|drawer| drawer.uid),
    };
    let lines = returns::whole(&sold, Some(DispositionName::Shelf));
    let uid = returns::record(act, session.user, &returned, lines)?;
    let missing = || Error::refused("reference_missing", params! { entity: SALE.name, uid: sold.uid.to_string() });
    let (_, sale) = rows::get(act.tx, &SALE, sold.uid)?.ok_or_else(missing)?;
    let (_, open) = reversal::refill(act, &sale, user, true, &Params::new())?;
    Ok((uid, open))
}

fn last(act: &Act<'_>) -> Result<SoldTicket> {
    let sql = "SELECT uid FROM sale WHERE id = ?1";
    let uid = act.tx.prepare_cached(sql)?.query_row([act.state.last_sale], |row| read_uid(row, 0)).optional()?;
    let sold = uid.map(|uid| SoldTicket::load(act.tx, uid)).transpose()?.flatten();
    sold.ok_or_else(|| Error::refused("ticket_none", params!()))
}

fn may_cancel(act: &Act<'_>, sold: &SoldTicket, user: i64, policy: &Policy, today: Date) -> Result<()> {
    sold.stands()?;
    if sold.user != user {
        return refuse!("ticket_not_own");
    }
    if sold.lines.iter().any(|line| line.returned > 0) {
        return refuse!("ticket_returned");
    }
    let allowed = policy.cancel_minutes * MINUTE_MS;
    let late = policy.cancel_minutes > 0 && act.now - sold.occurred_at > allowed;
    if late || Date::of_instant(sold.occurred_at) != today { refuse!("ticket_too_old") } else { Ok(()) }
}
