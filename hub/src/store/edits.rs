//! Who wrote the fields of edited rows since the editors last saw them, by one statement per entity, and the names that
//! the log will tell. Where nothing came between, nothing is asked.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::{CONFLICT, entity},
    hlc::Hlc,
    record::Record,
    schema::{Column, Entity, Kind},
    value::Value,
};

use super::{
    load::insert_aliases,
    session::{Affinity, Cells, Param, Query, Session},
    text,
};
use crate::{
    StoreError,
    decide::{Edit, Needs, WorkingSet},
};

pub(crate) async fn load(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    for (entity, rows) in &needs.edited {
        edits_of(session, working, entity, rows).await?;
    }
    about(session, working).await?;
    names(session, working, needs).await
}

/// The rows that loaded conflicts are about, where they are another row's by now.
async fn about(session: &mut dyn Session, working: &mut WorkingSet) -> Result<(), StoreError> {
    let of = |conflict: &Record, name| conflict.get(&CONFLICT, name).text().map(str::to_owned);
    let named = working.rows(CONFLICT.name).filter_map(|(_, conflict)| {
        let (entity, uid) = (entity(&of(conflict, "entity")?)?, Uid::parse_str(&of(conflict, "row")?).ok()?);
        working.id_of(entity.name, uid).is_none().then_some((entity.name, uid))
    });
    let named: BTreeSet<_> = named.collect();
    if named.is_empty() {
        return Ok(());
    }
    let dialect = session.dialect();
    let sql = format!(
        "SELECT entity, alias, id FROM uid_map WHERE pharmacy_id = {} AND {} AND {}",
        dialect.parameter(1),
        text::any(dialect, "entity", 2, Affinity::Text),
        text::any(dialect, "alias", 3, Affinity::Blob)
    );
    let entities: BTreeSet<_> = named.iter().map(|(entity, _)| (*entity).to_owned()).collect();
    let uids: BTreeSet<Uid> = named.iter().map(|(_, uid)| *uid).collect();
    let params = [working.pharmacy.id.into(), Param::Texts(entities.into_iter().collect()), Param::uids(&uids)];
    let rows = session.query(&sql, &params).await?;
    insert_aliases(working, &rows)
}

async fn edits_of(
    session: &mut dyn Session,
    working: &mut WorkingSet,
    entity: &'static str,
    rows: &BTreeMap<Uid, i64>,
) -> Result<(), StoreError> {
    let newer = |(uid, base): (&Uid, &i64)| {
        let id = working.id_of(entity, *uid)?;
        working.row(entity, id).is_some_and(|row| row.rev > *base).then_some((id, *base))
    };
    let rows: Vec<(i64, i64)> = rows.iter().filter_map(newer).collect();
    let Some(since) = rows.iter().map(|(_, base)| *base).min() else { return Ok(()) };
    let dialect = session.dialect();
    let [pharmacy, name, after] = [1, 2, 3].map(|n| dialect.parameter(n));
    let sql = format!(
        "SELECT l.row_id, l.field, l.rev, l.hlc, l.at, l.doubtful, l.device_id, \
         (SELECT u.id FROM \"user\" u WHERE u.pharmacy_id = l.pharmacy_id AND u.uid = l.user_uid), l.old_value, l.new_value \
         FROM change_log l WHERE l.pharmacy_id = {pharmacy} AND l.entity = {name} AND l.rev > {after} AND l.applied = 1 \
         AND l.kind IN ('edit', 'archive', 'conflict', 'resolution') AND {} ORDER BY l.rev",
        text::any(dialect, "l.row_id", 4, Affinity::Int)
    );
    let ids = rows.into_iter().map(|(id, _)| id).collect();
    let params = [working.pharmacy.id.into(), entity.into(), since.into(), Param::Ints(ids)];
    for row in session.query(&sql, &params).await? {
        working.edited(entity, row.int(0)?, row.text(1)?, edit(&row)?);
    }
    Ok(())
}

fn edit(row: &Cells) -> Result<Edit, StoreError> {
    let text = |place: usize| row.0.get(place).and_then(Value::text).map(str::to_owned);
    Ok(Edit {
        rev: row.int(2)?,
        hlc: Hlc::parse(row.text(3)?).ok_or_else(|| StoreError::shape("hlc"))?,
        at: row.int(4)?,
        doubtful: row.int(5)? != 0,
        device: row.int(6)?,
        user: row.maybe_int(7),
        old: text(8),
        new: text(9),
    })
}

/// How devices are called, and the uids of what edited rows refer to.
async fn names(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    let mut wanted: BTreeMap<&'static str, BTreeSet<i64>> = BTreeMap::new();
    for entity in needs.told.iter().filter_map(|name| entity(name)) {
        let referred = working.rows(entity.name).flat_map(|(_, record)| referred(entity, record));
        let strangers = referred.filter(|(target, id)| working.row(target, *id).is_none());
        strangers.for_each(|(target, id)| _ = wanted.entry(target).or_default().insert(id));
    }
    let (dialect, pharmacy) = (session.dialect(), working.pharmacy.id);
    let one = dialect.parameter(1);
    let called = format!("SELECT id, name FROM device WHERE pharmacy_id = {one}");
    let mut asked: Vec<Query> =
        needs.devices.then(|| Query { sql: called, params: vec![pharmacy.into()] }).into_iter().collect();
    for (target, ids) in &wanted {
        let table = entity(target).map_or("", |entity| entity.table);
        let list = text::any(dialect, "id", 2, Affinity::Int);
        let sql = format!("SELECT id, uid FROM \"{table}\" WHERE pharmacy_id = {one} AND {list}");
        asked.push(Query { sql, params: vec![pharmacy.into(), Param::Ints(ids.iter().copied().collect())] });
    }
    if asked.is_empty() {
        return Ok(());
    }
    let mut found = session.query_all(asked).await?.into_iter();
    if needs.devices {
        let devices = found.next().unwrap_or_default();
        working.devices =
            devices.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).collect::<Result<_, _>>()?;
    }
    for (target, rows) in wanted.keys().zip(found) {
        for row in rows {
            working.named(target, row.int(0)?, row.uid(1)?);
        }
    }
    Ok(())
}

/// What a stored row refers to.
fn referred(entity: &'static Entity, record: &Record) -> Vec<(&'static str, i64)> {
    let own = entity.columns.iter().zip(&record.values);
    let rows = entity.parts.iter().zip(&record.parts);
    let parts = rows.flat_map(|(part, rows)| rows.iter().flat_map(|row| part.columns.iter().zip(row)));
    let named = |(column, value): (&Column, &Value)| match (column.kind, value) {
        (Kind::Ref(target), Value::Int(id)) => Some((target, *id)),
        _ => None,
    };
    own.chain(parts).filter_map(named).collect()
}
