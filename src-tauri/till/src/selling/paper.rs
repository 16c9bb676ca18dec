//! Printing and rollback compete for one row: a ticket whose paper waits for the hub's verdict is in `waiting_paper`, and
//! whoever takes it out first has won.

use officine_protocol::{Uid, date::Date, entities::SALE, params};
use rusqlite::Connection;

use super::{plan::Plan, receipt::number_text, settlement::STANDS};
use crate::{
    engine::Till,
    error::{Error, Result},
    refuse, settings,
    store::rows,
    sync::shared::lock,
    views::{Network, ReceiptView},
};

/// The paper waits no longer than this for the verdict.
pub const LIVE_MS: i64 = 5_000;

impl Till {
    /// The paper goes out, or comes out again. Refused where the hub's refusal came first: there is no ticket any more.
    pub fn print_ticket(&self, uid: &str) -> Result<ReceiptView> {
        self.session()?;
        let missing = |_| Error::refused("reference_missing", params! { entity: SALE.name, uid: uid });
        let wanted = Uid::try_parse(uid).map_err(missing)?;
        self.store.write(|tx| match rows::id_of(tx, &SALE, wanted)? {
            Some(sale) if !take(tx, sale)? => not_withdrawn(tx, sale),
            _ => Ok(()),
        })?;
        self.receipt(uid)
    }

    /// Whether the hub answers soon: this till asks it by itself, over a good line.
    pub(crate) fn online(&self, connection: &Connection) -> Result<bool> {
        let good = matches!(lock(&self.sync.health).quality(), Network::Excellent | Network::Good);
        Ok(good && settings::local(connection, "autoSync")?.is_none_or(|text| text == "true"))
    }
}

/// Whether some line takes the last boxes that this till knows of. A box in hand is never refused.
pub fn takes_the_last(plan: &Plan, today: Date) -> bool {
    plan.lines.iter().filter(|line| !line.stored.in_hand).any(|line| {
        let lots = plan.lots.get(&line.product.id).into_iter().flatten();
        let sellable = lots.filter(|lot| lot.lot.withheld(today).is_none());
        sellable.map(|lot| lot.lot.quantity.max(0)).sum::<i64>() == 0
    })
}

/// The paper of a ticket waits. Those that no longer have to are forgotten.
pub fn hold(connection: &Connection, sale: i64) -> Result<()> {
    let sql = "DELETE FROM waiting_paper WHERE (SELECT state FROM sale WHERE id = sale_id) <> 'recorded'";
    connection.prepare_cached(sql)?.execute([])?;
    connection.prepare_cached("INSERT INTO waiting_paper (sale_id) VALUES (?1)")?.execute([sale])?;
    Ok(())
}

/// Takes a ticket's paper out of those that wait. False: it was out already.
pub fn take(connection: &Connection, sale: i64) -> Result<bool> {
    let waited = connection.prepare_cached("DELETE FROM waiting_paper WHERE sale_id = ?1")?.execute([sale])?;
    Ok(waited > 0)
}

/// All papers are out: the drawer is counted.
pub fn take_all(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM waiting_paper", [])?;
    Ok(())
}

/// Whether a ticket's paper waits.
pub fn waits(connection: &Connection, sale: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM waiting_paper WHERE sale_id = ?1)";
    Ok(connection.prepare_cached(sql)?.query_row([sale], |row| row.get(0))?)
}

fn not_withdrawn(connection: &Connection, sale: i64) -> Result<()> {
    let sql = format!(
        "SELECT series, number, EXISTS (SELECT 1 FROM sale_settlement t WHERE t.sale_id = s.id \
         AND t.decision = 'withdrawn' AND {STANDS}) FROM sale s WHERE id = ?1"
    );
    let (series, number, withdrawn): (i64, i64, bool) =
        connection.prepare_cached(&sql)?.query_row([sale], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if withdrawn { refuse!("ticket_withdrawn", number: number_text(series, number)) } else { Ok(()) }
}
