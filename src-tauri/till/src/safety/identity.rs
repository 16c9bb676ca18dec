//! Whether this till is the one that the hub knows. The hub decides: it is asked before the first request of an opened
//! till, and says it with every push. A till never forgets a sequence that it sent: one that is behind what the hub has of
//! it is an older file than the one that sent it. A hub that was restored is behind, and says nothing of the till.
//!
//! A till that is not known goes on selling. It sends nothing and reads nothing until it enrols anew.

use std::sync::atomic::Ordering;

use officine_protocol::{Uid, params};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{reenrol, unsent};
use crate::{
    device::Device,
    engine::Till,
    error::{Error, Result},
    settings,
    store::Store,
    sync::run::Run,
    views::{IdentityState, IdentityView, Notice, Topic},
};

const SETTING: &str = "identity";
/// The last sequence given when the till was first opened since the hub last knew it: what was recorded after that hides
/// nothing of how far an older file was behind.
const OPENED: &str = "identity.opened";

/// What is kept. It is about one incarnation: a database that came from elsewhere says nothing of this one.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    incarnation: Uid,
    state: IdentityState,
    since: i64,
}

fn kept(connection: &Connection, device: &Device) -> Result<Option<Kept>> {
    let kept: Option<Kept> = settings::local(connection, SETTING)?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(kept.filter(|kept| kept.incarnation == device.incarnation && kept.state != IdentityState::Known))
}

/// What this till is to the hub, as a view; none where it is the one it was.
pub fn view(connection: &Connection, device: &Device) -> Result<Option<IdentityView>> {
    let Some(Kept { state, since, .. }) = kept(connection, device)? else { return Ok(None) };
    let (tickets, others) = unsent::counts(connection)?;
    let (till, series) = (device.name.clone(), device.series);
    Ok(Some(IdentityView { state, since: Some(since), tickets, others, till, series }))
}

impl Till {
    /// Who this till is to the hub.
    pub fn identity(&self) -> Result<IdentityView> {
        let device = self.device()?;
        self.store.read(|connection| {
            if let Some(view) = view(connection, &device)? {
                return Ok(view);
            }
            let (tickets, others) = unsent::counts(connection)?;
            let (till, series) = (device.name.clone(), device.series);
            Ok(IdentityView { state: IdentityState::Known, since: None, tickets, others, till, series })
        })
    }

    /// Refused while the hub does not know this till as the one it was.
    pub(crate) fn check_known(&self) -> Result<()> {
        let device = self.device()?;
        let kept = self.store.read(|connection| kept(connection, &device))?;
        kept.map_or(Ok(()), |kept| Err(refusal(kept.state, &device)))
    }

    /// Remembers what it is, and tells the window once. Gives why nothing is sent.
    fn becomes(&self, device: &Device, state: IdentityState) -> Result<Error> {
        let kept = Kept { incarnation: device.incarnation, state, since: self.clock.now() };
        let told = self.store.write(|tx| {
            let before = self::kept(tx, device)?;
            if before.is_some_and(|before| before.state == state) {
                return Ok(None);
            }
            settings::set_local(tx, SETTING, &serde_json::to_string(&kept)?)?;
            view(tx, device)
        })?;
        if let Some(identity) = told {
            tracing::error!(?state, "the hub does not know this till as the one it was");
            self.tell(&Notice::Identity { identity: Box::new(identity) });
            self.changed(&[Topic::Sync]);
        }
        Ok(refusal(state, device))
    }
}

/// The till is open: nothing of what it records from now on is sent before the hub was asked.
pub fn opened(store: &Store) -> Result<()> {
    if store.read(|connection| settings::local(connection, OPENED))?.is_some() {
        return Ok(());
    }
    store.write(|tx| settings::set_local(tx, OPENED, &given(tx)?.to_string()))
}

/// The last sequence given.
fn given(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT last_seq FROM till_state", [], |row| row.get(0))?)
}

/// The next run asks the hub again.
pub fn ask_again(till: &Till) {
    till.sync.vouched.store(false, Ordering::Relaxed);
}

/// Before a run does anything.
pub fn vouch(run: &mut Run<'_>) -> Result<()> {
    reenrol::resume(run)?;
    let kept = run.till.store.read(|connection| kept(connection, &run.device))?;
    match kept.map(|kept| kept.state) {
        // What it sold since only hides how far it was behind.
        Some(state @ IdentityState::Restored) => return Err(refusal(state, &run.device)),
        Some(_) => {}
        None if run.till.sync.vouched.load(Ordering::Relaxed) => return Ok(()),
        None => {}
    }
    let asked = run.timed(|transport, device| transport.status(device));
    // That this was answered says nothing of a larger request.
    run.patience = 0;
    match asked {
        Ok(status) => {
            heard(run, status.last_seq)?;
            if status.quarantined_at.is_some() {
                return Err(run.till.becomes(&run.device, IdentityState::Copied)?);
            }
            run.till.store.write(|tx| forget(tx))?;
        }
        // A hub of an older version, which knows nothing of it.
        Err(Error::Hub { code, .. }) if code == "not_found" => run.till.store.write(|tx| forget(tx))?,
        Err(error) => return Err(error),
    }
    run.till.sync.vouched.store(true, Ordering::Relaxed);
    Ok(())
}

/// The hub says how many sequences of this till it has answered.
pub fn heard(run: &Run<'_>, last_seq: i64) -> Result<()> {
    let own = run.till.store.read(|connection| {
        let opened = settings::local(connection, OPENED)?.and_then(|text| text.parse().ok());
        opened.map_or_else(|| given(connection), Ok)
    })?;
    if last_seq > own {
        tracing::error!(last_seq, own, "the hub has more of this till than the till has");
        return Err(run.till.becomes(&run.device, IdentityState::Restored)?);
    }
    Ok(())
}

/// What a refusal says of it: kept, and worded as such.
pub fn judged(till: &Till, device: &Device, error: Error) -> Result<Error> {
    match error.code().as_str() {
        "device_quarantined" => till.becomes(device, IdentityState::Copied),
        "device_revoked" => till.becomes(device, IdentityState::Revoked),
        _ => Ok(error),
    }
}

fn forget(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM local_setting WHERE name IN (?1, ?2)", [SETTING, OPENED])?;
    Ok(())
}

/// A till whose standing could not be read sells under numbers that may be given: it is treated as restored.
pub fn unreadable(connection: &Connection, device: &Device, now: i64) -> Result<()> {
    let kept = Kept { incarnation: device.incarnation, state: IdentityState::Restored, since: now };
    settings::set_local(connection, SETTING, &serde_json::to_string(&kept)?)
}

fn refusal(state: IdentityState, device: &Device) -> Error {
    let code = match state {
        IdentityState::Restored => "till_restored",
        IdentityState::Copied => "till_copied",
        IdentityState::Known | IdentityState::Revoked => "device_revoked",
    };
    Error::hub(code, params! { till: device.name })
}
