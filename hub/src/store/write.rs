//! Writing what was decided: one statement per table, parents first, the lots' quantities after the lots; but what rises
//! in lots that were there before them: a recount that is closed finds its lot above zero.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, in_order},
    fault::{Fault, armed},
    schema::{Column, Entity, LEDGER, Part},
    sql::{Dialect, written},
    value::Value,
};

use super::{
    session::{Affinity, Bulk, Session},
    text,
};
use crate::{
    StoreError,
    decide::{Changes, Corrected, Device, PartsWrite, Written},
};

/// Who writes, and when.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    /// The hub's clock.
    pub now: i64,
    /// Name of the commit.
    pub commit: Uid,
}

/// What was decided for one device, on the rows that were decided on before.
pub(crate) type Decided<'a> = (&'a Device, Changes);

/// Writes what was decided, whole, and names the commit if there is one. The pharmacy's row lock is held.
pub(crate) async fn write(
    session: &mut dyn Session,
    pharmacy: i64,
    stamp: &Stamp,
    decided: &mut [Decided<'_>],
    committed: bool,
) -> Result<(), StoreError> {
    let mut merged = Changes::default();
    decided.iter_mut().for_each(|(_, changes)| merged.absorb(changes));
    let (dialect, mut bulks) = (session.dialect(), Vec::new());
    let lots = merged.rows.get(PRODUCT_BATCH.name);
    let born = |lot: &i64| {
        lots.and_then(|lots| lots.get(lot))
            .is_some_and(|row| matches!(row.parts, PartsWrite::Insert | PartsWrite::Mend))
    };
    let early = |lot: &i64, delta: i64| delta > 0 && !born(lot);
    bulks.push(moves(dialect, pharmacy, &merged, early));
    for entity in in_order() {
        if let Some(rows) = merged.rows.get(entity.name) {
            let rows: Vec<(&i64, &Written)> = rows.iter().collect();
            bulks.push(rows_of(dialect, pharmacy, entity, &rows));
            bulks.extend(super::recast::bulks(dialect, pharmacy, entity, &rows));
            parts_of(dialect, pharmacy, entity, &rows, &mut bulks);
        }
    }
    bulks.extend(merged.corrected.iter().map(|row| corrected(dialect, pharmacy, row)));
    bulks.push(moves(dialect, pharmacy, &merged, |lot, delta| !early(lot, delta)));
    bulks.extend(super::journal::bulks(dialect, pharmacy, stamp, &merged, decided)?);
    bulks.extend(super::join::bulks(dialect, pharmacy, &merged.joins));
    if committed {
        bulks.push(super::journal::commit(dialect, pharmacy, merged.revision, stamp));
    }
    bulks.retain(|bulk| !bulk.rows.is_empty());
    session.write_all(bulks).await
}

/// A row's values at once: a reference that names nothing must not stand beside one that was just written.
fn corrected(dialect: Dialect, pharmacy: i64, Corrected { entity, row, values }: &Corrected) -> Bulk {
    let columns: Vec<&Column> = values.iter().map(|(column, _)| *column).collect();
    let written = values.iter().map(|(_, value)| value.clone());
    let (sql, columns) = text::correct(dialect, entity, &columns);
    Bulk { sql, columns, rows: vec![[pharmacy.into(), (*row).into()].into_iter().chain(written).collect()] }
}

fn moves(dialect: Dialect, pharmacy: i64, changes: &Changes, wanted: impl Fn(&i64, i64) -> bool) -> Bulk {
    let moved = changes.deltas.iter().filter(|(lot, delta)| **delta != 0 && wanted(lot, **delta));
    let rows = moved.map(|(lot, delta)| vec![pharmacy.into(), (*lot).into(), (*delta).into()]).collect();
    Bulk { sql: text::move_stock(dialect), columns: vec![Affinity::Int; 3], rows }
}

fn rows_of(dialect: Dialect, pharmacy: i64, entity: &Entity, rows: &[(&i64, &Written)]) -> Bulk {
    let (sql, columns) = text::write_rows(dialect, entity);
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
    Bulk { sql, columns, rows: rows.iter().map(row).collect() }
}

fn parts_of(dialect: Dialect, pharmacy: i64, entity: &Entity, rows: &[(&i64, &Written)], bulks: &mut Vec<Bulk>) {
    for (place, part) in entity.parts.iter().enumerate() {
        let replaced = rows.iter().filter(|(_, row)| row.parts == PartsWrite::Replace);
        let owners = replaced.map(|(id, _)| vec![pharmacy.into(), (**id).into()]).collect();
        bulks.push(Bulk { sql: text::clear_part(dialect, part), columns: vec![Affinity::Int; 2], rows: owners });
        let (sql, columns) = text::write_part(dialect, part);
        let (mended, added): (Vec<_>, Vec<_>) = rows.iter().partition(|(_, row)| row.parts == PartsWrite::Mend);
        let lines =
            |rows: &[&(&i64, &Written)]| rows.iter().flat_map(|row| fresh(pharmacy, (place, part), row)).collect();
        let mending = format!("{sql} ON CONFLICT DO NOTHING");
        bulks.push(Bulk { sql: mending, columns: columns.clone(), rows: lines(&mended) });
        bulks.push(Bulk { sql, columns, rows: lines(&added) });
    }
}

/// The rows of a part that are to be added: the pharmacy, the owner, then the part's columns.
fn fresh(pharmacy: i64, (place, part): (usize, &Part), (id, row): &(&i64, &Written)) -> Vec<Vec<Value>> {
    let lines = row.record.parts.get(place).map_or(&[][..], Vec::as_slice);
    let known = match row.parts {
        PartsWrite::Insert | PartsWrite::Replace | PartsWrite::Mend | PartsWrite::Recast => 0,
        PartsWrite::Extend(known) if part.table == LEDGER => known,
        PartsWrite::Fill(known) => known.get(place).copied().unwrap_or(lines.len()),
        PartsWrite::Keep | PartsWrite::Extend(_) => lines.len(),
    };
    let known = known + usize::from(armed(Fault::HalfDocument) && part.table == LEDGER && lines.len() > 1);
    let owned = |line: &Vec<Value>| {
        let owner: [Value; 2] = [pharmacy.into(), (**id).into()];
        owner.into_iter().chain(line.iter().cloned()).collect()
    };
    lines.iter().skip(known).map(owned).collect()
}
