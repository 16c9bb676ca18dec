//! Writing what was decided: one statement per table, parents first, the lots' quantities after the lots; but what rises
//! in lots that were there before them: a recount that is closed finds its lot above zero.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, in_order},
    schema::{Entity, LEDGER},
    sql::{Dialect, written},
    value::Value,
};

use super::{
    session::{Affinity, Bulk, Session},
    text,
};
use crate::{
    StoreError,
    decide::{Changes, Device, PartsWrite, Written},
};

/// Who writes, and when.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    /// The hub's clock.
    pub now: i64,
    /// Name of the commit.
    pub commit: Uid,
}

/// Writes a batch whole. The pharmacy's row lock is held.
pub(crate) async fn write(
    session: &mut dyn Session,
    device: &Device,
    stamp: &Stamp,
    changes: &Changes,
) -> Result<(), StoreError> {
    let lots = changes.rows.get(PRODUCT_BATCH.name);
    let born = |lot: &i64| lots.and_then(|lots| lots.get(lot)).is_some_and(|row| row.parts == PartsWrite::Insert);
    let early = |lot: &i64, delta: i64| delta > 0 && !born(lot);
    move_stock(session, device, changes, early).await?;
    for entity in in_order() {
        if let Some(rows) = changes.rows.get(entity.name) {
            let rows: Vec<(&i64, &Written)> = rows.iter().collect();
            write_rows(session, device.pharmacy, entity, &rows).await?;
            write_parts(session, device.pharmacy, entity, &rows).await?;
        }
    }
    move_stock(session, device, changes, |lot, delta| !early(lot, delta)).await?;
    super::journal::write(session, device, stamp, changes).await
}

async fn move_stock(
    session: &mut dyn Session,
    device: &Device,
    changes: &Changes,
    wanted: impl Fn(&i64, i64) -> bool,
) -> Result<(), StoreError> {
    let moved = changes.deltas.iter().filter(|(lot, delta)| **delta != 0 && wanted(lot, **delta));
    let rows = moved.map(|(lot, delta)| vec![device.pharmacy.into(), (*lot).into(), (*delta).into()]).collect();
    let sql = text::move_stock(session.dialect());
    bulk(session, sql, vec![Affinity::Int; 3], rows).await
}

/// Runs a statement over rows, if there are any.
pub(crate) async fn bulk(
    session: &mut dyn Session,
    sql: String,
    columns: Vec<Affinity>,
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    session.write(Bulk { sql, columns, rows }).await
}

async fn write_rows(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &Entity,
    rows: &[(&i64, &Written)],
) -> Result<(), StoreError> {
    let (sql, columns) = text::write_rows(session.dialect(), entity);
    let row = |(id, written_row): &(&i64, &Written)| {
        let record = &written_row.record;
        let standard: [Value; 6] = [
            pharmacy.into(),
            (**id).into(),
            record.uid.into(),
            record.rev.into(),
            record.created_at.into(),
            record.archived_at.into(),
        ];
        let declared = written(entity).map(|(place, _)| record.values.get(place).cloned().unwrap_or_default());
        standard.into_iter().chain(declared).collect()
    };
    bulk(session, sql, columns, rows.iter().map(row).collect()).await
}

async fn write_parts(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &Entity,
    rows: &[(&i64, &Written)],
) -> Result<(), StoreError> {
    let dialect: Dialect = session.dialect();
    for (place, part) in entity.parts.iter().enumerate() {
        let replaced = rows.iter().filter(|(_, row)| row.parts == PartsWrite::Replace);
        let owners = replaced.map(|(id, _)| vec![pharmacy.into(), (**id).into()]).collect();
        bulk(session, text::clear_part(dialect, part), vec![Affinity::Int; 2], owners).await?;
        let lines = rows.iter().flat_map(|(id, row)| {
            let lines = row.record.parts.get(place).map_or(&[][..], Vec::as_slice);
            let known = match row.parts {
                PartsWrite::Insert | PartsWrite::Replace => 0,
                PartsWrite::Extend(known) if part.table == LEDGER => known,
                PartsWrite::Keep | PartsWrite::Extend(_) => lines.len(),
            };
            lines.iter().skip(known).map(move |line| {
                let owner: [Value; 2] = [pharmacy.into(), (**id).into()];
                owner.into_iter().chain(line.iter().cloned()).collect()
            })
        });
        let (sql, columns) = text::write_part(dialect, part);
        bulk(session, sql, columns, lines.collect()).await?;
    }
    Ok(())
}
