//! The tickets by which a recalled lot was sold: certain where the lot was scanned or chosen, possible where the till
//! assumed it or the hub moved the line onto it.

use officine_protocol::{entities::RECALL, roles::Permission};
use rusqlite::{Connection, Row};
use serde_json::{Value as Json, json};

use crate::{editing, engine::Till, error::Result, selling::receipt, store::rows};

/// The lot as it is called now, or as it was printed.
const SQL: &str = "SELECT s.uid, s.series, s.number, s.occurred_at, s.state, b.lot_number, -sum(m.delta) AS sold, \
    max(m.source IN ('scanned', 'chosen')) AS certain, c.name, c.phone \
    FROM recall r JOIN product_batch b ON b.product_id = r.product_id \
    JOIN stock_movement m ON m.batch_id = b.id AND m.document_kind = 1 AND m.source <> 'reversal' \
    JOIN sale s ON s.id = m.document_id LEFT JOIN customer c ON c.id = s.customer_id \
    WHERE r.uid = ?1 AND s.state <> 'reversed' AND (r.batch_id = b.id OR (r.batch_id IS NULL AND r.lot_fold \
    IN (b.lot_fold, replace(replace(lower(m.lot_number), ' ', ''), '-', '')))) \
    GROUP BY s.id, b.id HAVING sold > 0 ORDER BY certain DESC, s.occurred_at, s.id";

impl Till {
    /// `certain` and `possible` tickets of a recall, oldest first, with whom to call where that is known.
    pub fn recalled_tickets(&self, recall: &str) -> Result<Json> {
        self.allow(Permission::Recall)?;
        let tickets = self.store.read(|connection| {
            let uid = editing::known(connection, &RECALL, recall)?;
            tickets(connection, uid)
        })?;
        let (certain, possible): (Vec<_>, Vec<_>) = tickets.into_iter().partition(|(certain, _)| *certain);
        let rows = |tickets: Vec<(bool, Json)>| tickets.into_iter().map(|(_, ticket)| ticket).collect::<Vec<_>>();
        Ok(json!({ "certain": rows(certain), "possible": rows(possible) }))
    }
}

fn tickets(connection: &Connection, recall: officine_protocol::Uid) -> Result<Vec<(bool, Json)>> {
    let mut statement = connection.prepare_cached(SQL)?;
    let found = statement.query_map([recall.as_bytes()], ticket)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn ticket(row: &Row<'_>) -> rusqlite::Result<(bool, Json)> {
    let (lot, quantity, at): (String, i64, i64) = (row.get(5)?, row.get(6)?, row.get(3)?);
    let (state, customer, phone): (String, Option<String>, Option<String>) = (row.get(4)?, row.get(8)?, row.get(9)?);
    let ticket = json!({
        "sale": rows::read_uid(row, 0)?.to_string(), "number": receipt::number_text(row.get(1)?, row.get(2)?),
        "occurredAt": at, "state": state, "lotNumber": lot, "quantity": quantity, "customer": customer, "phone": phone,
    });
    Ok((row.get(7)?, ticket))
}
