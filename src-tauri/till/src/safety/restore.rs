//! « Restaurer »: a backup in place of the till's database, under a till that stays open. What was recorded since and has
//! no verdict goes with it; where the till's series and sequences stand is kept: to the hub it is the till it was. The
//! file that goes is kept beside. What the hub knows comes back with the next sync.

use std::path::Path;

use officine_protocol::{params, roles::Permission};
use rusqlite::Connection;

use super::{
    carry::Found,
    identity, reenrol,
    stamp::Stamp,
    swap,
    verify::{self, Closely},
};
use crate::{
    engine::Till,
    error::{Error, Result},
    refuse,
    store::{self, checks},
    sync::shared::{Trigger, lock},
    views::{RestoreBackupArgs, Topic},
};

/// Views of which nothing is what it was.
const ALL: [Topic; 6] = [Topic::Cart, Topic::Sales, Topic::Stock, Topic::People, Topic::Settings, Topic::Sync];

impl Till {
    /// Restores a backup of this till. Whoever was signed in signs in again.
    pub fn restore_backup(&self, args: &RestoreBackupArgs) -> Result<()> {
        self.allow(Permission::Settings)?;
        let path = Path::new(&args.path);
        let stamp = verify::check(path, Closely::Full)?;
        self.check_own(&stamp, path)?;
        let _backup = lock(&self.backing_up);
        let _run = self.still()?;
        let staged = swap::begin(&self.dir)?;
        swap::copy(path, &staged)?;
        prepare(&staged)?;
        self.store.swap(|| self.put_in_place(&staged))?;
        tracing::warn!(path = args.path, at = stamp.at, "a backup was restored");
        self.set_session(None);
        identity::ask_again(self);
        self.refresh_search()?;
        self.changed(&ALL);
        self.trigger(Trigger::Manual);
        Ok(())
    }

    /// Nobody sells nor reads meanwhile: what is carried over is the last there is.
    fn put_in_place(&self, staged: &Path) -> Result<()> {
        let now = self.clock.now();
        let current = Connection::open(self.store.path())?;
        let found = Found::read(&current)?;
        current.close().map_err(|(_, error)| error)?;
        if swap::is_open_elsewhere(&self.dir) {
            return refuse!("store_busy", path: self.store.path().display().to_string(), detail: "another program");
        }
        let mut fresh = Connection::open(staged)?;
        let tx = fresh.transaction()?;
        found.carry(&tx, now)?;
        tx.commit()?;
        fresh.close().map_err(|(_, error)| error)?;
        swap::keep(&self.dir, "replaced", now)?;
        swap::decide(&self.dir)?;
        swap::finish(&self.dir)
    }

    /// Refused is another till's: with its series two tills would print the same numbers.
    fn check_own(&self, stamp: &Stamp, path: &Path) -> Result<()> {
        let device = self.device()?;
        let former = self.store.read(reenrol::former)?;
        let own = |uid| uid == device.uid || former.contains(&uid);
        if stamp.device.is_some_and(own) {
            return Ok(());
        }
        refuse!("backup_of_another_till", till: stamp.till.as_str(), path: path.display().to_string())
    }
}

/// Brings the staged copy to this version's tables, and reads it through as such.
fn prepare(staged: &Path) -> Result<()> {
    let mut copy = Connection::open(staged)?;
    store::migrate(&mut copy)?;
    Stamp::remove(&copy)?;
    let wrong = checks::quick_check(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    match wrong {
        None => Ok(()),
        Some(detail) => {
            Err(Error::refused("backup_damaged", params! { path: staged.display().to_string(), detail: detail }))
        }
    }
}
