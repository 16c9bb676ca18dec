//! A till and the machine it runs on: its folder, its clock, its wire. The power can be cut, and comes back.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, atomic::AtomicI64},
};

use officine_till::{Till, views::SignInArgs};

use crate::{
    clocks::{Chance, Killed, WrongClock},
    hub::Hub,
    link::Link,
    template::{OWNER, PIN},
};

/// How the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// In order: its connections were closed.
    Closed,
    /// At once: the files are what they were.
    Cut,
}

/// A till's machine.
pub struct Station {
    /// How the till is called.
    pub name: String,
    /// Place of its pharmacy.
    pub pharmacy: usize,
    /// Its clock.
    pub clock: Arc<WrongClock>,
    /// Its chance.
    pub chance: Arc<Chance>,
    /// Its wire.
    pub link: Arc<Link>,
    /// Its file was damaged, and not repaired since.
    pub scarred: bool,
    /// Its wire leads nowhere for now.
    pub away: bool,
    /// Its file is an older one, or its disk a copied one: the hub may say so.
    pub strange: bool,
    /// The place of the till whose file it began with.
    pub origin: usize,
    folder: PathBuf,
    lives: u32,
    till: Option<Arc<Till>>,
}

impl Station {
    /// A till in a folder, which is created if need be.
    pub fn open(folder: &Path, name: &str, pharmacy: usize, world: &Arc<AtomicI64>, hub: &Arc<Mutex<Hub>>) -> Self {
        let clock = Arc::new(WrongClock::new(world));
        let link = Arc::new(Link::new(hub, &clock));
        let (name, chance) = (name.to_owned(), Arc::new(Chance::new(0)));
        let (folder, [scarred, away, strange]) = (folder.to_owned(), [false; 3]);
        let (origin, lives, till) = (usize::MAX, 0, None);
        let mut station =
            Self { name, pharmacy, clock, chance, link, scarred, away, strange, origin, folder, lives, till };
        station.start();
        station
    }

    /// The till.
    pub fn till(&self) -> &Till {
        self.till.as_deref().expect("the till runs")
    }

    /// Whether it is enrolled.
    pub fn enrolled(&self) -> bool {
        self.till().device().is_ok()
    }

    /// Its file.
    pub fn file(&self) -> PathBuf {
        self.folder.join("officine.db")
    }

    /// How often it was started.
    pub fn lives(&self) -> u32 {
        self.lives
    }

    fn start(&mut self) {
        let (clock, chance) = (Arc::clone(&self.clock) as _, Arc::clone(&self.chance) as _);
        let till = Till::open(&self.folder, clock, chance).expect("the till opens");
        till.set_transport(Arc::clone(&self.link) as _);
        self.link.join(&till);
        self.lives += 1;
        self.till = Some(till);
    }

    /// The power goes and comes back.
    pub fn restart(&mut self, death: Death) {
        self.clock.fuse.set(0);
        if death == Death::Cut {
            let left = self.folder.with_extension(self.lives.to_string());
            copy(&self.folder, &left);
            self.till = None;
            let _ = fs::remove_dir_all(&self.folder);
            fs::rename(&left, &self.folder).expect("the till's folder");
        }
        self.till = None;
        self.start();
    }

    /// Its database is an older one; what lies beside it is what it was.
    pub fn put_back(&mut self, file: &Path) {
        self.till = None;
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(self.folder.join(format!("officine.db{ending}")));
        }
        fs::copy(file, self.file()).expect("the till's file");
        self.start();
    }

    /// Its disk is copied, while it stands still, into another folder: that of the machine that is made of it.
    pub fn copied(&mut self, to: &Path) {
        self.till = None;
        copy(&self.folder, to);
        self.start();
    }

    /// Lets the till do something, its power cut at the n-th look at the clock or the wire (0: never). Nothing where it
    /// was: it is running again then.
    pub fn attempt<T>(&mut self, cut: u32, death: Death, act: impl FnOnce(&Till) -> T) -> Result<Option<T>, String> {
        self.clock.fuse.set(0);
        sign_in(self.till());
        self.clock.fuse.set(cut);
        let done = catch_unwind(AssertUnwindSafe(|| act(self.till())));
        self.clock.fuse.set(0);
        match done {
            Ok(value) => Ok(Some(value)),
            Err(thrown) if thrown.is::<Killed>() => {
                self.restart(death);
                Ok(None)
            }
            Err(thrown) => {
                let said = thrown.downcast_ref::<String>().cloned();
                let said = said.or_else(|| thrown.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                Err(said.unwrap_or_else(|| "panicked".to_owned()))
            }
        }
    }
}

/// Signs the owner in, where the till knows one and nobody stands there.
pub fn sign_in(till: &Till) {
    if till.session().is_ok() {
        return;
    }
    let people = till.people().expect("people");
    if let Some(owner) = people.into_iter().find(|person| person.login == OWNER) {
        till.sign_in(&SignInArgs { uid: owner.uid, pin: PIN.to_owned() }).expect("the owner's PIN");
    }
}

/// Copies a folder, without its folders.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() && path.extension().is_none_or(|ending| ending != "lock") {
            fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
}
