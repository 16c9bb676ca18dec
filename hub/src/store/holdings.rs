//! What lots hold by their counts, once rows have come back: the lots that these are, move or count, with all that was ever
//! counted of them and what has moved since.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    entities::{PRODUCT_BATCH, STOCKTAKE, entity},
    schema::{Entity, LEDGER},
};

use super::{
    books,
    load::begin,
    scan,
    session::{Affinity, Param, Session},
    text,
    write::{Stamp, write},
};
use crate::{
    StoreError,
    decide::{Device, Lots, Named, Need, Needs, check, holdings},
};

/// Rows by entity and server id.
pub(crate) type Rows = BTreeMap<&'static str, Vec<i64>>;

/// Squares lots that came back, and those of documents that did, with the ledger and with their counts. Gives the revision that was reached, if any was.
pub(crate) async fn squared(
    session: &mut dyn Session,
    device: &Device,
    back: Rows,
    stamp: &Stamp,
) -> Result<Option<i64>, StoreError> {
    let lots = touched(session, device.pharmacy, back).await?;
    if lots.is_empty() {
        return Ok(None);
    }
    let (mut working, _) = begin(session, &[], std::slice::from_ref(device), &needs(&lots)).await?;
    let before = working.pharmacy.revision;
    let counted = books::counts(session, &mut working, &lots).await?;
    let booked = scan::of_them_off_the_ledger(session, device.pharmacy, lots.into_iter().collect()).await?;
    check::lots(&mut working, &booked, stamp.now);
    holdings::square(&mut working, &counted, stamp.now);
    let changes = working.take();
    let reached = changes.revision;
    if reached == before {
        return Ok(None);
    }
    write(session, device.pharmacy, stamp, &mut [(device, changes)], false).await?;
    Ok(Some(reached))
}

/// Lots, and those that documents move or count.
async fn touched(session: &mut dyn Session, pharmacy: i64, back: Rows) -> Result<BTreeSet<i64>, StoreError> {
    let (dialect, mut lots) = (session.dialect(), BTreeSet::new());
    let one = dialect.parameter(1);
    for (name, ids) in back {
        if name == PRODUCT_BATCH.name {
            lots.extend(ids);
            continue;
        }
        let Some(kind) = entity(name).and_then(Entity::movements).and_then(|part| part.kind) else { continue };
        let list = text::any(dialect, "document_id", 2, Affinity::Int);
        let mut sql = format!(
            "SELECT batch_id FROM {LEDGER} WHERE pharmacy_id = {one} AND document_kind = {} AND {list}",
            kind.1
        );
        if name == STOCKTAKE.name {
            let list = text::any(dialect, "stocktake_id", 2, Affinity::Int);
            sql += &format!(" UNION SELECT batch_id FROM stocktake_count WHERE pharmacy_id = {one} AND {list}");
        }
        for row in session.query(&sql, &[pharmacy.into(), Param::Ints(ids)]).await? {
            lots.extend(row.maybe_int(0));
        }
    }
    Ok(lots)
}

/// The lots and every stocktake that counted one of them.
fn needs(lots: &BTreeSet<i64>) -> Needs {
    let named = Named { ids: lots.clone(), ..Named::default() };
    let mut needs = Needs { moved: Lots { since: Some(0), lots: named.clone() }, ..Needs::default() };
    needs.entities.insert(PRODUCT_BATCH.name, Need { named, ..Need::default() });
    needs.entities.insert(STOCKTAKE.name, Need { parts: true, ..Need::default() });
    needs
}
