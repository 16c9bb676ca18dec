//! Where a till's history and the pharmacy's part, and new epochs: the hub's database was restored or swapped behind its
//! back, and a till knows more than it does. The new epoch's revisions lie above all that were ever given; a till that
//! lies costs the pharmacy an epoch a minute at most, and never the last ones, which are the owner's.

use officine_protocol::{
    Uid,
    fault::{Fault, armed},
    limits::EPOCH_LEAP,
    messages::Cursor,
};

use super::{
    journal,
    load::lock,
    lost,
    pull::other_history,
    session::{Param, Session},
    write::Stamp,
};
use crate::{StoreError, decide::Pharmacy};

/// Server ids hold an epoch in 13 bits.
pub(crate) const LAST_EPOCH: i64 = (1 << 13) - 1;
/// Epochs that no till begins: they are left for the owner's restores.
const RESERVED: i64 = 1_000;
/// By so many epochs a till may be ahead: so many restores were lost with the database.
const AHEAD: i64 = 16;
/// Milliseconds between two epochs that tills begin.
const APART: i64 = 60_000;

/// Where a till stands that was told of another history.
#[derive(Clone, Debug)]
pub struct HistoryAsk {
    /// The hub's epoch as it knows it.
    pub epoch: i64,
    /// How far it has read, and places it passed before, newest first.
    pub passed: Vec<Cursor>,
    /// The hub's clock.
    pub now: i64,
    /// Name of the commit that begins an epoch, should one begin.
    pub commit: Uid,
}

/// Where both stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The hub's epoch now.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The last of the places passed that is of this history; revision 0 where none is.
    pub common: Cursor,
    /// An epoch began with this answer.
    pub began: bool,
}

/// An epoch that begins.
pub(crate) struct Beginning {
    /// Its number.
    pub epoch: i64,
    /// The last revision shared with the history before.
    pub common: i64,
    /// The highest revision that was ever given, as far as it is known.
    pub reached: i64,
    /// The hub's clock.
    pub now: i64,
    /// Name of its first commit.
    pub commit: Uid,
}

pub(crate) async fn history(
    session: &mut dyn Session,
    (pharmacy, device): (i64, i64),
    ask: &HistoryAsk,
) -> Result<History, StoreError> {
    let standing = lock(session, pharmacy).await?;
    let common = common(session, &standing, &ask.passed).await?;
    let here = ask.passed.first().copied().unwrap_or_default();
    let (epoch, revision) = (standing.epoch, standing.revision);
    let parted = ask.epoch == epoch && here != common;
    if !parted && ask.epoch <= epoch || armed(Fault::EpochKept) {
        return Ok(History { epoch, revision, common, began: false });
    }
    let reached = believed(&standing, ask.epoch, here.rev)?;
    let young = ask.now.saturating_sub(began(session, pharmacy).await?);
    if (0..APART).contains(&young) {
        return Err(StoreError::EpochYoung((APART - young + 999) / 1_000));
    }
    let (now, commit) = (ask.now, ask.commit);
    let shared = common.rev.max(heard(session, pharmacy, device).await?);
    let beginning = Beginning { epoch: epoch.max(ask.epoch) + 1, common: shared, reached, now, commit };
    let revision = begin(session, pharmacy, &beginning).await?;
    Ok(History { epoch: beginning.epoch, revision, common, began: true })
}

/// The newest of the places that is of this history.
async fn common(session: &mut dyn Session, standing: &Pharmacy, passed: &[Cursor]) -> Result<Cursor, StoreError> {
    for place in passed.iter().filter(|place| place.rev > 0 && place.commit.is_some()) {
        if !other_history(session, standing.id, standing.revision, *place).await? {
            return Ok(*place);
        }
    }
    Ok(Cursor::default())
}

/// How far the device had said that it has read of this history: nothing up to there was lost, whatever it says now.
async fn heard(session: &mut dyn Session, pharmacy: i64, device: i64) -> Result<i64, StoreError> {
    let [one, two] = [1, 2].map(|n| session.dialect().parameter(n));
    let sql = format!("SELECT cursor_rev FROM device WHERE pharmacy_id = {one} AND id = {two}");
    let rows = session.query(&sql, &[pharmacy.into(), device.into()]).await?;
    Ok(rows.first().and_then(|row| row.maybe_int(0)).unwrap_or(0))
}

/// The highest revision ever given, if what a till says of its own can be: an epoch leaps once and gives fewer revisions
/// than it leaps over, wherever this database stands, whose counter may have been set back.
fn believed(standing: &Pharmacy, epoch: i64, rev: i64) -> Result<i64, StoreError> {
    let ahead = epoch.saturating_sub(standing.epoch).max(0);
    let latest = epoch.max(standing.epoch);
    let here = standing.revision.saturating_add((2 * ahead.min(AHEAD) + 1).saturating_mul(EPOCH_LEAP));
    let highest = here.max((2 * latest.min(LAST_EPOCH) - 1).saturating_mul(EPOCH_LEAP));
    let known = latest < LAST_EPOCH - RESERVED;
    if ahead <= AHEAD && rev <= highest && known {
        Ok(rev.max(standing.revision))
    } else {
        Err(StoreError::HistoryRefused)
    }
}

async fn began(session: &mut dyn Session, pharmacy: i64) -> Result<i64, StoreError> {
    let sql = format!("SELECT epoch_began FROM pharmacy WHERE id = {}", session.dialect().parameter(1));
    session.query(&sql, &[pharmacy.into()]).await?.first().map_or(Ok(0), |row| row.int(0))
}

/// Begins an epoch, and says its first revision. The pharmacy's row lock is held.
pub(crate) async fn begin(session: &mut dyn Session, pharmacy: i64, beginning: &Beginning) -> Result<i64, StoreError> {
    let Beginning { epoch, common, reached, now, commit } = beginning;
    if *epoch > LAST_EPOCH {
        return Err(StoreError::HistoryRefused);
    }
    let base = reached.saturating_add(EPOCH_LEAP);
    let [id, new, first, at] = std::array::from_fn(|i| session.dialect().parameter(i + 1));
    let sql = format!("UPDATE pharmacy SET epoch = {new}, epoch_began = {at}, revision = {first} WHERE id = {id}");
    let params: [Param; 4] = [pharmacy.into(), (*epoch).into(), base.into(), (*now).into()];
    session.execute(&sql, &params).await?;
    lost::note(session, pharmacy, (*common, base)).await?;
    let stamp = Stamp { now: *now, commit: *commit };
    session.write(journal::commit(session.dialect(), pharmacy, base, &stamp)).await?;
    Ok(base)
}
