//! What of a ticket can still come back: its lines less what came back before, and the lots they were taken from.

use officine_protocol::{
    Uid,
    date::Date,
    entities::{PRODUCT_BATCH, SALE, SALE_SETTLEMENT},
    params, refund,
};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    catalogue::lots::cost,
    error::{Error, Result},
    refuse,
    store::{
        ledger,
        rows::{self, read_uid},
    },
};

/// A ticket as those that take it back see it.
#[derive(Clone, Debug)]
pub struct SoldTicket {
    /// Local key.
    pub id: i64,
    /// Identity.
    pub uid: Uid,
    /// Who sold it, by local key.
    pub user: i64,
    /// When.
    pub occurred_at: i64,
    /// Its state.
    pub state: String,
    /// The customer named on it.
    pub customer: Option<Uid>,
    /// Its drawer, by local key.
    pub drawer: Option<i64>,
    /// Its lines, in order.
    pub lines: Vec<SoldLine>,
}

/// A line of it.
#[derive(Clone, Debug)]
pub struct SoldLine {
    /// Its number.
    pub line: i64,
    /// Its product.
    pub product: Uid,
    /// What comes back goes straight to the shelf.
    pub returnable: bool,
    /// As printed.
    pub name: String,
    /// As printed.
    pub unit_name: String,
    /// How many of that unit.
    pub unit_count: i64,
    /// Base units sold.
    pub quantity: i64,
    /// Base units that came back.
    pub returned: i64,
    /// Francs paid for it, its share of what was taken off the ticket included.
    pub share: i64,
    /// What it took from each lot, last taken first.
    pub lots: Vec<SoldLot>,
}

/// What a line took from a lot.
#[derive(Clone, Debug)]
pub struct SoldLot {
    /// The lot.
    pub batch: Uid,
    /// Its number.
    pub number: String,
    /// Its last good day, `yyyymmdd`.
    pub expiry: Option<i64>,
    /// Base units.
    pub quantity: i64,
    /// What they had cost, in francs.
    pub cost: Option<i64>,
}

impl SoldLine {
    /// Base units that can still come back.
    pub fn left(&self) -> i64 {
        self.quantity - self.returned
    }

    /// The lots that `quantity` more base units go back to: what came back before is counted off first.
    pub fn back_to(&self, quantity: i64) -> Vec<SoldLot> {
        let (mut before, mut wanted) = (self.returned, quantity);
        let mut lots = Vec::new();
        for lot in &self.lots {
            let gone = before.min(lot.quantity);
            before -= gone;
            let taken = wanted.min(lot.quantity - gone);
            if taken > 0 {
                wanted -= taken;
                let cost = lot.cost.map(|cost| refund::refund(cost, lot.quantity, gone, taken));
                lots.push(SoldLot { quantity: taken, cost, ..lot.clone() });
            }
        }
        lots
    }
}

impl SoldTicket {
    /// The ticket of that uid.
    pub fn named(connection: &Connection, uid: &str) -> Result<Self> {
        let missing = || Error::refused("reference_missing", params! { entity: SALE.name, uid: uid });
        let uid = Uid::try_parse(uid).map_err(|_| missing())?;
        Self::load(connection, rows::canonical(connection, &SALE, uid)?)?.ok_or_else(missing)
    }

    /// A ticket with all that can be said of its lines.
    pub fn load(connection: &Connection, uid: Uid) -> Result<Option<Self>> {
        let sql = "SELECT s.id, s.user_id, s.occurred_at, s.state, c.uid, s.cash_session_id, s.total FROM sale s \
                   LEFT JOIN customer c ON c.id = s.customer_id WHERE s.uid = ?1";
        let found = connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| {
            let customer = row.get::<_, Option<[u8; 16]>>(4)?.map(Uid::from_bytes);
            let ticket = Self {
                id: row.get(0)?,
                uid,
                user: row.get(1)?,
                occurred_at: row.get(2)?,
                state: row.get(3)?,
                customer,
                drawer: row.get(5)?,
                lines: Vec::new(),
            };
            Ok((ticket, row.get(6)?))
        });
        let Some((mut ticket, total)) = found.optional()? else { return Ok(None) };
        ticket.lines = lines(connection, ticket.id, total)?;
        Ok(Some(ticket))
    }

    /// What was refused is not taken back: the refusal did that.
    pub fn stands(&self) -> Result<()> {
        if self.state == "reversed" { refuse!("ticket_reversed") } else { Ok(()) }
    }

    /// The line of that number.
    pub fn line(&self, line: u32) -> Result<&SoldLine> {
        let found = self.lines.iter().find(|sold| sold.line == i64::from(line));
        found.ok_or_else(|| Error::refused("field_invalid", params! { field: "line" }))
    }
}

fn lines(connection: &Connection, sale: i64, total: i64) -> Result<Vec<SoldLine>> {
    let sql = "SELECT i.line, p.uid, p.returnable, i.name, i.unit_name, i.unit_count, i.quantity, i.amount, \
               coalesce((SELECT sum(b.quantity) FROM sale_return r JOIN sale_return_item b ON b.sale_return_id = r.id \
                 WHERE r.sale_id = i.sale_id AND r.archived_at IS NULL AND b.sale_line = i.line), 0) \
               FROM sale_item i JOIN product p ON p.id = i.product_id WHERE i.sale_id = ?1 ORDER BY i.line";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([sale], |row| {
        let line = SoldLine {
            line: row.get(0)?,
            product: read_uid(row, 1)?,
            returnable: row.get(2)?,
            name: row.get(3)?,
            unit_name: row.get(4)?,
            unit_count: row.get(5)?,
            quantity: row.get(6)?,
            returned: row.get(8)?,
            share: 0,
            lots: Vec::new(),
        };
        Ok((line, row.get::<_, i64>(7)?))
    })?;
    let (mut lines, amounts): (Vec<_>, Vec<_>) = rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().unzip();
    for (line, share) in lines.iter_mut().zip(refund::shares(&amounts, total)) {
        line.share = share;
        line.lots = lots(connection, sale, line.line)?;
    }
    Ok(lines)
}

/// What a line took from its lots, whatever the hub made of it since, and took again where it was refused and kept: in the
/// opposite order of printing. What the hub moved in or out for a document that came late is no part of it. Boxes cost what
/// the ticket froze for that lot; where the hub took them from another, what that lot had cost.
fn lots(connection: &Connection, sale: i64, line: i64) -> Result<Vec<SoldLot>> {
    let kept = ledger::number_of(&SALE_SETTLEMENT);
    let sql = format!(
        "SELECT b.uid, b.lot_number, b.expiry, -sum(m.delta) AS taken, max(m.cost) FILTER (WHERE m.step = 0), \
         -sum(m.delta) FILTER (WHERE m.step = 0 AND m.document_kind = 1), b.pack_cost, b.pack_size FROM stock_movement m \
         JOIN \"{}\" b ON b.id = m.batch_id WHERE m.line = ?2 AND (m.document_kind = 1 AND m.document_id = ?1 \
         AND m.source <> 'late' OR m.document_kind = {kept} AND m.source IN ('regularised', 'reversal') \
         AND m.document_id IN (SELECT id FROM sale_settlement WHERE sale_id = ?1 AND archived_at IS NULL)) GROUP BY b.id HAVING taken > 0",
        PRODUCT_BATCH.table
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((sale, line), |row| {
        let quantity = row.get(3)?;
        let frozen = row.get::<_, Option<i64>>(4)?.zip(row.get::<_, Option<i64>>(5)?);
        let pack = row.get::<_, Option<i64>>(6)?.zip(row.get::<_, Option<i64>>(7)?);
        Ok(SoldLot {
            batch: read_uid(row, 0)?,
            number: row.get(1)?,
            expiry: row.get(2)?,
            quantity,
            cost: frozen.or(pack).and_then(|(francs, of)| cost(francs, of, quantity)),
        })
    })?;
    let mut lots: Vec<SoldLot> = rows.collect::<rusqlite::Result<_>>()?;
    let day = |lot: &SoldLot| lot.expiry.and_then(Date::from_number);
    lots.sort_by_key(|lot| std::cmp::Reverse((lot.expiry.is_none(), day(lot), lot.number.clone(), lot.batch)));
    Ok(lots)
}
