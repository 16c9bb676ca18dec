//! The stock journal: every movement of a product or a lot, newest first, with what there was after it. It only reads.

use std::sync::LazyLock;

use officine_protocol::{date::Date, entities::ENTITIES, schema::Entity, sql::Place};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::{
    catalogue::{lots, products::Product},
    engine::Till,
    error::Result,
    refuse,
    store::{ledger, rows},
    views::{JournalArgs, JournalPage, JournalRow},
};

const MOST_ROWS: u32 = 500;

/// Derived from the declaration: a new document that moves stock is in the journal by itself.
static ROWS: LazyLock<String> = LazyLock::new(|| {
    let names = moving().map(|entity| format!("WHEN {} THEN '{}'", ledger::number_of(entity), entity.name));
    let joins = moving().map(|entity| {
        let (table, number) = (entity.table, ledger::number_of(entity));
        format!("LEFT JOIN \"{table}\" ON m.document_kind = {number} AND \"{table}\".id = m.document_id")
    });
    let at = of_document("occurred_at");
    let order = |way: &str| {
        let keys = [at.as_str(), "m.document_kind", "m.document_id", "m.step", "m.line", "m.batch_id"];
        keys.map(|key| format!("{key} {way}")).join(", ")
    };
    format!(
        "SELECT {at}, CASE m.document_kind {names} END, coalesce({kind}, ''), {uid}, coalesce(u.name, ''), b.uid, m.lot_number, \
         m.expiry, m.delta, sum(m.delta) OVER (ORDER BY {first} ROWS UNBOUNDED PRECEDING), m.cost, m.source, \
         coalesce(m.reason, {reason}, ''), count(*) OVER () \
         FROM stock_movement m JOIN product_batch b ON b.id = m.batch_id {joins} LEFT JOIN \"user\" u ON u.id = {user} \
         WHERE m.batch_id IN (SELECT id FROM product_batch WHERE product_id = ?1 AND (?2 IS NULL OR id = ?2)) \
         ORDER BY {last} LIMIT ?3 OFFSET ?4",
        kind = of_document("kind"),
        uid = of_document("uid"),
        user = of_document("user_id"),
        reason = of_document("reason"),
        names = names.collect::<Vec<_>>().join(" "),
        joins = joins.collect::<Vec<_>>().join(" "),
        first = order("ASC"),
        last = order("DESC"),
    )
});

fn moving() -> impl Iterator<Item = &'static Entity> {
    ENTITIES.iter().copied().filter(|entity| entity.movements().is_some())
}

/// A column of whichever document a movement belongs to; nothing where none has it.
fn of_document(name: &str) -> String {
    let has = |entity: &&Entity| {
        let standard = Place::Till.standard().contains(&name);
        standard || entity.columns.iter().any(|column| column.sql_name() == name)
    };
    let columns = moving().filter(has).map(|entity| format!("\"{}\".\"{name}\"", entity.table));
    format!("coalesce({}, NULL)", columns.collect::<Vec<_>>().join(", "))
}

impl Till {
    /// Movements of a product, or of one of its lots; costs only where they may be seen.
    pub fn journal(&self, args: &JournalArgs) -> Result<JournalPage> {
        self.session()?;
        let costs = self.sees_costs();
        let mut page = self.store.read(|connection| read(connection, args))?;
        page.rows.iter_mut().filter(|_| !costs).for_each(|row| row.cost = None);
        Ok(page)
    }
}

fn read(connection: &Connection, args: &JournalArgs) -> Result<JournalPage> {
    let product = Product::by_uid(connection, &args.product)?.id;
    let lot = args.batch.as_deref().map(|uid| lots::by_uid(connection, uid)).transpose()?;
    if lot.as_ref().is_some_and(|lot| lot.product != product) {
        return refuse!("field_invalid", field: "batch");
    }
    let mut statement = connection.prepare_cached(&ROWS)?;
    let page = (product, lot.map(|lot| lot.id), args.limit.clamp(1, MOST_ROWS), args.offset);
    let found = statement.query_map(page, |row| Ok((journal_row(row)?, row.get::<_, u32>(13)?)))?;
    let found: Vec<(JournalRow, u32)> = found.collect::<rusqlite::Result<_>>()?;
    let total = match found.first() {
        Some((_, total)) => *total,
        None => statement.query_row((page.0, page.1, 1, 0), |row| row.get(13)).optional()?.unwrap_or(0),
    };
    Ok(JournalPage { rows: found.into_iter().map(|(row, _)| row).collect(), total })
}

fn journal_row(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    Ok(JournalRow {
        occurred_at: row.get(0)?,
        entity: row.get(1)?,
        kind: row.get(2)?,
        document: rows::read_uid(row, 3)?.to_string(),
        user: row.get(4)?,
        batch: rows::read_uid(row, 5)?.to_string(),
        lot_number: row.get(6)?,
        expiry: row.get::<_, Option<i64>>(7)?.and_then(Date::from_number).map(|day| day.to_string()),
        delta: row.get(8)?,
        quantity: row.get(9)?,
        cost: row.get(10)?,
        source: row.get(11)?,
        reason: row.get(12)?,
    })
}
