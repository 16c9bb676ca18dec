//! The books of a pharmacy, checked by the hub itself: kind by kind, each in a transaction of its own under the pharmacy's
//! row lock, so that no upload waits for all of them. What can be set right is; what cannot is said.

mod place;

use std::sync::Arc;

use officine_protocol::{Uid, limits::FINDINGS, messages::Finding, schema::Entity};

pub use self::place::Place;

use super::{
    Database, journal,
    load::{lock, record},
    scan,
    session::{Affinity, Job, Param, Scope, Session},
    text, twins,
    write::{Stamp, write},
};
use crate::{
    StoreError,
    decide::{Device, Pharmacy, WorkingSet, check as decide},
};

/// Who has the books checked.
#[derive(Clone, Debug)]
pub struct CheckAsk {
    /// The device; the owner's command is none, and its number is 0.
    pub device: Device,
    /// The hub's epoch as it knows it.
    pub epoch: Option<i64>,
    /// The hub's clock.
    pub now: i64,
    /// Names of the commits, should there be any: [`MENDING`].
    pub commits: [Uid; MENDING],
    /// Only this part of the books; all of them where absent.
    pub place: Option<Place>,
}

/// Kinds of what a check looks for that it may mend: the first of [`CHECKED`](officine_protocol::messages::CHECKED), in
/// their order, which is that of `mended`.
pub const MENDING: usize = 6;
const FOLDS: usize = 3;

/// What was found.
#[derive(Debug, Default)]
pub struct Checked {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// Rows of the pharmacy.
    pub rows: u64,
    /// What was wrong.
    pub findings: Vec<Finding>,
    /// There was more to mend.
    pub more: bool,
    /// The part that comes next, where one was asked for: the same one where there was more to mend.
    pub next: Option<Place>,
}

/// Looks for one kind after the other, what can be mended first; or for what one part of the books is looked at.
pub(crate) async fn check<D: Database>(database: &D, ask: CheckAsk) -> Result<Checked, StoreError> {
    let (pharmacy, ask) = (ask.device.pharmacy, Arc::new(ask));
    let places = match ask.place {
        Some(place) => vec![place],
        None => (0..=MENDING).map(|step| Place { step, entity: None }).collect(),
    };
    let mut told = Checked::default();
    for place in places {
        let (ask, room) = (Arc::clone(&ask), FINDINGS.saturating_sub(told.findings.len()));
        let job: Job<Checked> = Box::new(move |s| Box::pin(async move { portion(s, &ask, place, room).await }));
        let part = database.write(Scope::Pharmacy(pharmacy), job).await?;
        (told.epoch, told.revision) = (part.epoch, part.revision);
        told.rows += part.rows;
        let more = place.step < MENDING && part.findings.len() >= room;
        told.more |= more;
        told.next = if more { Some(place) } else { place.next() };
        told.findings.extend(part.findings);
    }
    told.next = told.next.filter(|_| ask.place.is_some());
    database.wakes().moved(pharmacy, told.revision);
    Ok(told)
}

async fn portion(session: &mut dyn Session, ask: &CheckAsk, place: Place, room: usize) -> Result<Checked, StoreError> {
    let standing = lock(session, ask.device.pharmacy).await?;
    if let Some(known) = ask.epoch.filter(|known| *known != standing.epoch) {
        return Err(StoreError::OtherHistory { known, found: standing.epoch });
    }
    let (epoch, before) = (standing.epoch, standing.revision);
    let mut told = Checked { epoch, revision: before, ..Checked::default() };
    let Some(commit) = ask.commits.get(place.step) else {
        told.rows = scan::rows(session, ask.device.pharmacy, &place.entities()).await?;
        told.findings = scan::left(session, ask.device.pharmacy, &place.entities(), room).await?;
        return Ok(told);
    };
    let mut working = WorkingSet::new(standing, ask.device.clone());
    told.findings = mended(session, &mut working, place, (room, ask.now, *commit)).await?;
    told.revision = working.pharmacy.revision;
    if !told.findings.is_empty() {
        let stamp = Stamp { now: ask.now, commit: *commit };
        let pharmacy = ask.device.pharmacy;
        write(session, pharmacy, &stamp, &mut [(&ask.device, working.take())], false).await?;
    }
    if told.revision != before {
        let stamp = Stamp { now: ask.now, commit: *commit };
        session.write(journal::commit(session.dialect(), ask.device.pharmacy, told.revision, &stamp)).await?;
    }
    Ok(told)
}

/// How rows of an entity are set right: the working set, the entity, its rows, the hub's clock.
type Mend = fn(&mut WorkingSet, &'static Entity, &[i64], i64) -> Vec<Finding>;

async fn mended(
    session: &mut dyn Session,
    working: &mut WorkingSet,
    place: Place,
    (room, now, commit): (usize, i64, Uid),
) -> Result<Vec<Finding>, StoreError> {
    let Pharmacy { id: pharmacy, revision, .. } = working.pharmacy;
    let lots = &officine_protocol::entities::PRODUCT_BATCH;
    match place.step {
        0 => {
            let last = scan::last_name(session, pharmacy).await?;
            Ok(decide::counter(working, last).into_iter().collect())
        }
        1 => {
            let ids = scan::closed_below_zero(session, pharmacy, room).await?;
            load(session, working, lots, &ids).await?;
            Ok(decide::recounts(working, &ids, now))
        }
        2 => {
            let books = scan::off_the_ledger(session, pharmacy, room).await?;
            load(session, working, lots, &books.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
            Ok(decide::lots(working, &books, now))
        }
        5 => twins::settled(session, working, &place.entities(), (room, now, commit)).await,
        _ => {
            let mut findings = Vec::new();
            for entity in place.entities() {
                let room = room.saturating_sub(findings.len());
                let (ids, mend): (_, Mend) = if place.step == FOLDS {
                    (scan::misfolded(session, pharmacy, entity, room).await?, decide::folds)
                } else {
                    (scan::beyond(session, pharmacy, entity, (revision, room)).await?, decide::revisions)
                };
                load(session, working, entity, &ids).await?;
                findings.extend(mend(working, entity, &ids, now));
            }
            Ok(findings)
        }
    }
}

async fn load(
    session: &mut dyn Session,
    working: &mut WorkingSet,
    entity: &'static Entity,
    ids: &[i64],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let dialect = session.dialect();
    let list = text::any(dialect, "t.id", 2, Affinity::Int);
    let (columns, table, one) = (text::stored(entity), entity.table, dialect.parameter(1));
    let sql = format!("SELECT {columns} FROM \"{table}\" t WHERE t.pharmacy_id = {one} AND {list}");
    for row in session.query(&sql, &[working.pharmacy.id.into(), Param::Ints(ids.to_vec())]).await? {
        let (id, record) = record(entity, row)?;
        working.insert(entity, id, record);
    }
    Ok(())
}
