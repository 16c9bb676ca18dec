//! The till as its callers hold it: the window, the command line and the tests call the same functions.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64},
    },
};

use officine_protocol::{
    Uid,
    clock::{Clock, Entropy},
    date::Date,
    fault::{Fault, armed},
    params,
    roles::Permission,
};

use crate::{
    act::Act,
    catalogue::search::SearchIndex,
    device::{self, Device},
    error::{Error, Result},
    people::Session,
    store::{Store, outbox},
    sync::{
        jumps::Jumps,
        shared::{SyncShared, Trigger},
    },
    views::{Notice, StartView, Topic},
};

type Listener = Box<dyn Fn(&Notice) + Send + Sync>;

/// The open till.
pub struct Till {
    pub(crate) dir: PathBuf,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) search: SearchIndex,
    pub(crate) sync: SyncShared,
    pub(crate) jumps: Jumps,
    pub(crate) import_cancelled: AtomicBool,
    pub(crate) resolving_stopped: AtomicBool,
    pub(crate) import_running: AtomicBool,
    pub(crate) backing_up: Mutex<()>,
    /// The day as last looked at, `yyyymmdd`.
    pub(crate) day: AtomicI64,
    device: RwLock<Option<Device>>,
    session: Mutex<Option<Session>>,
    listeners: RwLock<Vec<Listener>>,
}

impl Till {
    /// Opens the till in its data folder, creating it where there is none.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Arc<Self>> {
        std::fs::create_dir_all(dir)?;
        crate::safety::finish_swap(dir)?;
        let store = Store::open(&dir.join("officine.db"))?;
        let device = device::load(dir)?;
        crate::repair::standing::opened(&store, device.as_ref(), clock.as_ref())?;
        if let Err(error) = crate::safety::identity::opened(&store) {
            tracing::warn!(%error, "where the till stood when it was opened is not kept");
        }
        let till = Self {
            search: SearchIndex::open(&dir.join("search.db"))?,
            sync: SyncShared::of(dir),
            jumps: Jumps::default(),
            import_cancelled: AtomicBool::new(false),
            resolving_stopped: AtomicBool::new(false),
            import_running: AtomicBool::new(false),
            backing_up: Mutex::new(()),
            day: AtomicI64::new(Date::of_instant(clock.now()).number()),
            device: RwLock::new(device),
            session: Mutex::new(None),
            listeners: RwLock::default(),
            dir: dir.to_owned(),
            store,
            clock,
            entropy,
        };
        Ok(Arc::new(till))
    }

    /// What the window shows first.
    pub fn start(&self) -> Result<StartView> {
        let device = self.device().ok();
        let people = self.people()?;
        let settings = self.settings()?;
        Ok(StartView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            enrolled: device.is_some(),
            needs_owner: device.is_some() && people.is_empty(),
            pharmacy: settings.pharmacy,
            till: device.map(|device| device.name).unwrap_or_default(),
            people,
            session: self.session().ok().map(|session| session.view()),
            today: self.today().to_string(),
            problem: None,
        })
    }

    /// Today, by this till's clock.
    pub fn today(&self) -> Date {
        Date::of_instant(self.clock.now())
    }

    /// One act of `user`, in one transaction. What it queued goes up by itself.
    pub(crate) fn act<T>(&self, user: Option<Uid>, act: impl FnOnce(&mut Act<'_>) -> Result<T>) -> Result<T> {
        let (value, queued) = self.store.write(|tx| {
            self.jumps.look(tx, self.clock.as_ref())?;
            let mut begun = Act::begin(tx, self.clock.as_ref(), self.entropy.as_ref(), user)?;
            let before = begun.state.last_seq;
            let value = act(&mut begun)?;
            let queued = begun.state.last_seq > before;
            if queued {
                begun.finish()?;
                if armed(Fault::OutboxLate) && begun.now % 7 == 0 {
                    tx.execute("DELETE FROM outbox WHERE seq > ?1", [before])?;
                }
            }
            Ok((value, queued))
        })?;
        if queued {
            tracing::debug!(?user, "recorded, to be sent");
            self.trigger(Trigger::Change);
        }
        Ok(value)
    }

    /// What this till is; refused before enrolment.
    pub fn device(&self) -> Result<Device> {
        let device = self.device.read().unwrap_or_else(PoisonError::into_inner).clone();
        device.ok_or_else(|| Error::refused("not_enrolled", params!()))
    }

    pub(crate) fn set_device(&self, device: Device) {
        *self.device.write().unwrap_or_else(PoisonError::into_inner) = Some(device);
    }

    /// Who is signed in; refused if nobody is.
    pub fn session(&self) -> Result<Session> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        session.ok_or_else(|| Error::refused("not_signed_in", params!()))
    }

    pub(crate) fn set_session(&self, session: Option<Session>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// Who is signed in, if they may: by the role they have now, which another till may have changed.
    pub fn allow(&self, permission: Permission) -> Result<Session> {
        let session = self.session()?;
        let Some(role) = self.store.read(|connection| crate::people::role_now(connection, session.user))? else {
            self.sign_out();
            return crate::refuse!("not_signed_in");
        };
        if role.may(permission) {
            return Ok(Session { role, ..session });
        }
        crate::refuse!("forbidden", permission: permission.name())
    }

    /// Whether whoever is signed in may see what things had cost.
    pub(crate) fn sees_costs(&self) -> bool {
        self.allow(Permission::SeeCost).is_ok()
    }

    /// Hears what happens.
    pub fn listen(&self, listener: impl Fn(&Notice) + Send + Sync + 'static) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(Box::new(listener));
    }

    pub(crate) fn tell(&self, notice: &Notice) {
        for listener in self.listeners.read().unwrap_or_else(PoisonError::into_inner).iter() {
            listener(notice);
        }
    }

    pub(crate) fn changed(&self, topics: &[Topic]) {
        self.tell(&Notice::Changed { topics: topics.to_vec() });
    }

    /// Forgets operations settled long ago, and moves the log into the file, off the sale's path.
    pub fn maintain(&self) -> Result<()> {
        self.store.write(|tx| outbox::prune(tx, self.clock.now()))?;
        self.store.checkpoint().map(|_| ())
    }

    /// What `quick_check` finds wrong with the file, if anything.
    pub fn check(&self) -> Result<Option<String>> {
        self.store.read(crate::store::checks::quick_check)
    }

    /// How many lots hold another quantity than their movements say; none while movements are still missing here.
    pub fn ledger_differences(&self) -> Result<usize> {
        self.store.read(|connection| match crate::sync::walk::exact(connection)? {
            true => Ok(crate::store::checks::ledger_differences(connection)?.len()),
            false => Ok(0),
        })
    }
}
