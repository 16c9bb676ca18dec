//! Who wrote the fields of edited rows since the editors last saw them, by one statement per entity. Where nothing came
//! between, nothing is asked.

use std::collections::BTreeMap;

use officine_protocol::{Uid, hlc::Hlc};

use super::session::{Affinity, Param, Session};
use super::text;
use crate::{
    StoreError,
    decide::{Edit, Needs, WorkingSet},
};

pub(crate) async fn load(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    for (entity, rows) in &needs.edited {
        edits_of(session, working, entity, rows).await?;
    }
    Ok(())
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
        "SELECT row_id, field, rev, hlc, device_id FROM change_log \
         WHERE pharmacy_id = {pharmacy} AND entity = {name} AND rev > {after} AND kind = 'edit' AND {}",
        text::any(dialect, "row_id", 4, Affinity::Int)
    );
    let ids = rows.into_iter().map(|(id, _)| id).collect();
    let params = [working.pharmacy.id.into(), entity.into(), since.into(), Param::Ints(ids)];
    for row in session.query(&sql, &params).await? {
        let hlc = Hlc::parse(row.text(3)?).ok_or_else(|| StoreError::shape("hlc"))?;
        let edit = Edit { rev: row.int(2)?, hlc, device: row.int(4)? };
        working.edited(entity, row.int(0)?, row.text(1)?, edit);
    }
    Ok(())
}
