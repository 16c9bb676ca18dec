//! What the books say beyond the rows a batch names, each by one statement over all that may say it.

use std::collections::BTreeSet;

use officine_protocol::{
    entities::{CUSTOMER, ENTITIES, PRODUCT_BATCH, SALE},
    schema::{Entity, LEDGER, pays},
    tally::tally,
};

use super::{
    pick::{Picker, moving},
    session::{Param, Session},
    text,
};
use crate::{
    StoreError,
    decide::{Counted, Lots, Moved, Named, Needs, WorkingSet},
};

/// Tickets that were paid: those refused and those cancelled were paid by nobody.
const STANDS: &str = " AND d.state <> 'reversed' AND NOT EXISTS (SELECT 1 FROM sale_return r \
                      WHERE r.pharmacy_id = d.pharmacy_id AND r.sale_id = d.id AND r.kind = 'cancellation')";

/// Loads what a batch asks of the books. Most ask nothing.
pub(crate) async fn load(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    counted(session, working, needs).await?;
    moved(session, working, needs).await?;
    owed(session, working, needs).await?;
    paid(session, working, needs).await
}

/// The counts of lots that may be in force, and what has moved since the earliest that stands. Gives the lots that were counted.
pub(crate) async fn counts(
    session: &mut dyn Session,
    working: &mut WorkingSet,
    lots: &BTreeSet<i64>,
) -> Result<Vec<i64>, StoreError> {
    let named = Named { ids: lots.clone(), ..Named::default() };
    let mut needs = Needs { counted: Lots { since: Some(i64::MAX), lots: named }, ..Needs::default() };
    counted(session, working, &needs).await?;
    let tallies: Vec<_> =
        lots.iter().filter_map(|lot| Some((*lot, tally(working.books.counts(*lot))?.as_of))).collect();
    needs.counted.since = tallies.iter().map(|(_, as_of)| *as_of).min();
    moved(session, working, &needs).await?;
    Ok(tallies.into_iter().map(|(lot, _)| lot).collect())
}

/// The earliest count of a lot's other zones that may stand beside what the batch counted of it: what came in since matters.
fn zones_since(working: &WorkingSet, needs: &Needs) -> Option<i64> {
    let others = needs.zones.iter().filter_map(|(lot, zones)| {
        let counts = working.books.counts(working.id_of(PRODUCT_BATCH.name, *lot)?);
        counts.filter(|count| !zones.contains(count.zone)).map(|count| count.counted_at).min()
    });
    others.min()
}

/// What has moved of counted lots since the earliest count, and as far as clocks are apart before it. What was taken back
/// on the document itself is not there: the rule weighs it anew.
async fn moved(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    let Some(since) = needs.counted.since else { return Ok(()) };
    let since = zones_since(working, needs).map_or(since, |other| other.min(since));
    let mut picker = Picker::new(session.dialect(), working.pharmacy.id);
    let lots = picker.named(&PRODUCT_BATCH, &needs.counted.lots);
    let (one, since) = (session.dialect().parameter(1), picker.one(since));
    let apart = text::clocks_apart(&one);
    let documents = moving().map(|(entity, kind)| {
        let (table, at) = (entity.table, entity.moves_at);
        let series =
            if entity.numbered() && entity.moves_at == "occurred_at" { "series" } else { "CAST(NULL AS BIGINT)" };
        format!(
            "SELECT {kind} AS kind, id, {at} AS moved_at, {series} AS series FROM {table} WHERE pharmacy_id = {one} \
             AND {at} > {since} - ({apart})"
        )
    });
    let sql = format!(
        "SELECT m.batch_id, d.moved_at, CAST(sum(m.delta) AS BIGINT), d.series, \
         (SELECT v.clock_offset FROM device v WHERE v.pharmacy_id = {one} AND v.series = d.series) FROM ({}) d \
         JOIN {LEDGER} m ON m.pharmacy_id = {one} AND m.document_kind = d.kind AND m.document_id = d.id \
         WHERE m.batch_id IN ({lots}) AND m.source <> 'late' GROUP BY m.batch_id, d.moved_at, d.series",
        documents.collect::<Vec<_>>().join(" UNION ALL ")
    );
    for row in session.query(&sql, &picker.params).await? {
        let till = row.maybe_int(3).zip(row.maybe_int(4));
        working.books.moved(row.int(0)?, Moved { at: row.int(1)?, delta: row.int(2)?, till });
    }
    Ok(())
}

/// The counts of counted lots that may be in force: the latest of each zone, and the last complete one whole.
async fn counted(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    if needs.counted.since.is_none() {
        return Ok(());
    }
    let mut picker = Picker::new(session.dialect(), working.pharmacy.id);
    let lots = picker.named(&PRODUCT_BATCH, &needs.counted.lots);
    let one = session.dialect().parameter(1);
    let sql = format!(
        "SELECT batch_id, zone, counted, at, complete, stocktake_id, line FROM (SELECT k.*, \
         row_number() OVER (PARTITION BY batch_id, zone ORDER BY at DESC, stocktake_id, line DESC) AS n, \
         first_value(stocktake_id) OVER (PARTITION BY batch_id ORDER BY complete DESC, at DESC, stocktake_id) AS last \
         FROM (SELECT c.batch_id, c.zone, c.counted, c.complete, c.stocktake_id, c.line, \
         CASE WHEN c.counted_at < d.occurred_at THEN c.counted_at ELSE d.occurred_at END AS at \
         FROM stocktake_count c JOIN stocktake d ON d.pharmacy_id = c.pharmacy_id AND d.id = c.stocktake_id \
         WHERE c.pharmacy_id = {one} AND c.batch_id IN ({lots})) k) r WHERE n = 1 OR stocktake_id = last"
    );
    for row in session.query(&sql, &picker.params).await? {
        let (zone, complete) = (row.text(1)?.to_owned(), row.int(4)? == 1);
        let (counted, counted_at) = (row.int(2)?, row.int(3)?);
        let count = Counted { zone, counted, counted_at, complete, document: row.int(5)?, line: row.int(6)? };
        working.books.counted(row.int(0)?, count);
    }
    Ok(())
}

/// What customers owe: what was put on their account by tickets that stand, less what came back and what was repaid. A
/// repayment of a ticket that was refused is an advance.
async fn owed(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    if needs.owing.uids.is_empty() {
        return Ok(());
    }
    let mut picker = Picker::new(session.dialect(), working.pharmacy.id);
    let customers = picker.named(&CUSTOMER, &needs.owing);
    let sql = owing(&session.dialect().parameter(1), &format!("c.id IN ({customers})"));
    for row in session.query(&sql, &picker.params).await? {
        working.books.owe(row.int(0)?, row.int(1)?);
    }
    Ok(())
}

/// Selects server id and debt of the customers `c` that a condition names; the pharmacy is the parameter `one`.
pub(crate) fn owing(one: &str, which: &str) -> String {
    format!(
        "SELECT c.id, CAST(coalesce((SELECT sum(p.amount) FROM sale s JOIN sale_payment p \
         ON p.pharmacy_id = s.pharmacy_id AND p.sale_id = s.id WHERE s.pharmacy_id = {one} AND s.customer_id = c.id \
         AND s.state <> 'reversed' AND p.means = 'credit'), 0) \
         - coalesce((SELECT sum(p.amount) FROM sale_return r JOIN sale s ON s.pharmacy_id = r.pharmacy_id \
         AND s.id = r.sale_id JOIN sale_return_payment p ON p.pharmacy_id = r.pharmacy_id AND p.sale_return_id = r.id \
         WHERE r.pharmacy_id = {one} AND r.customer_id = c.id AND s.state <> 'reversed' AND p.means = 'credit'), 0) \
         - coalesce((SELECT sum(y.amount) FROM credit_payment y WHERE y.pharmacy_id = {one} \
         AND y.customer_id = c.id), 0) AS BIGINT) FROM customer c WHERE c.pharmacy_id = {one} AND {which}"
    )
}

/// Who bears payment references, wherever payments are recorded. What is given back pays nothing.
async fn paid(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    if needs.references.is_empty() {
        return Ok(());
    }
    let mut picker = Picker::new(session.dialect(), working.pharmacy.id);
    let listed = picker.list("t.reference", Param::Texts(needs.references.iter().cloned().collect()));
    let one = session.dialect().parameter(1);
    let mut selects = Vec::new();
    let gives_back = |entity: &Entity| entity.numbered() && entity.name != SALE.name;
    for entity in ENTITIES.iter().filter(|entity| !gives_back(entity)) {
        let stands = if entity.name == SALE.name { STANDS } else { "" };
        let condition = format!("WHERE t.pharmacy_id = {one} AND {listed}");
        if pays(entity.columns) {
            selects.push(format!("SELECT t.means, t.reference, t.uid FROM \"{}\" t {condition}", entity.table));
        }
        for part in entity.parts.iter().filter(|part| pays(part.columns)) {
            selects.push(format!(
                "SELECT t.means, t.reference, d.uid FROM \"{}\" t JOIN \"{}\" d ON d.pharmacy_id = t.pharmacy_id \
                 AND d.id = t.{} {condition}{stands}",
                part.table, entity.table, part.owner
            ));
        }
    }
    for row in session.query(&selects.join(" UNION ALL "), &picker.params).await? {
        working.books.pay(row.text(0)?, row.text(1)?, row.uid(2)?);
    }
    Ok(())
}
