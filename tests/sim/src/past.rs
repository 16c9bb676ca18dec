//! Copies that somebody makes in the course of a year, and puts back later: what happened in between only others know.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use officine_hub::Place;
use officine_protocol::entities::entity;
use rusqlite::Connection;

use crate::{
    station::Station,
    world::{Promise, World},
};

/// Copies, and what was put back.
#[derive(Default)]
pub struct Past {
    hub: Option<HubCopy>,
    tills: BTreeMap<usize, PathBuf>,
    made: usize,
    /// The hub has been put back: tills may be ahead of it until they have heard so.
    pub hub_went_back: bool,
}

/// A backup of the hub.
struct HubCopy {
    file: PathBuf,
    /// How many operations it had applied by then.
    applied: usize,
    /// How many tills were enrolled by then.
    enrolled: usize,
}

impl World {
    fn enrolled(&self) -> usize {
        self.stations.iter().filter(|station| station.enrolled()).count()
    }

    /// Somebody backs the hub up. On PostgreSQL `./test chaos` does.
    pub(crate) fn back_up_hub(&mut self) -> String {
        if !matches!(self.hub().place, Place::Folder(_)) {
            return "not on PostgreSQL".to_owned();
        }
        self.past.made += 1;
        let file = self.folder.path().join(format!("backup-{}", self.past.made));
        self.hub().back_up(&file);
        self.past.hub = Some(HubCopy { file, applied: self.applied.len(), enrolled: self.enrolled() });
        "backed up".to_owned()
    }

    /// The hub is what it was when it was last backed up; `swapped`: nobody told it so. A till that was enrolled since would
    /// be nobody's then, and its series given again: a restore hands it on, so that is what happens instead.
    pub(crate) fn hub_goes_back(&mut self, swapped: bool) -> String {
        let Some(copy) = self.past.hub.take() else { return "no backup".to_owned() };
        let swapped = swapped && copy.enrolled == self.enrolled();
        {
            let mut hub = self.hub();
            if swapped { hub.swap(&copy.file) } else { hub.restore(&copy.file) }
        }
        let place = self.hub().place.clone();
        self.hub_file.reopen(&place);
        // What it took since is in its log no more.
        self.applied.truncate(copy.applied);
        self.past.hub_went_back = true;
        self.lived.went_back += 1;
        self.begin_watching_hub();
        self.past.hub = Some(copy);
        if swapped { "swapped" } else { "restored" }.to_owned()
    }

    /// Somebody copies a till's file.
    pub(crate) fn copy_till(&mut self, who: usize) -> String {
        if !self.stations[who].enrolled() {
            return "not enrolled yet".to_owned();
        }
        self.past.made += 1;
        let file = self.folder.path().join(format!("copy-{}", self.past.made));
        self.till_file(who).execute("VACUUM INTO ?1", [file.to_string_lossy()]).expect("a copy");
        self.past.tills.insert(who, file);
        "copied".to_owned()
    }

    /// A till's file is what it was when it was last copied: what had not left it by then is lost with it.
    pub(crate) fn till_goes_back(&mut self, who: usize) -> String {
        let Some(file) = self.past.tills.get(&who).cloned() else { return "no copy".to_owned() };
        self.close_file(who);
        self.stations[who].put_back(&file);
        self.stations[who].strange = true;
        self.lived.went_back += 1;
        let (here, hub) = (self.till_file(who), self.hub_file());
        let known = |promise: &Promise| promise.station != who || is_in(&here, promise) || is_in(&hub, promise);
        self.promises.retain(known);
        self.begin_watching(who);
        "what it was".to_owned()
    }

    /// A till's disk is copied, once: another machine begins with what it holds, and both are what they were.
    pub(crate) fn clone_till(&mut self, who: usize) -> String {
        let station = &mut self.stations[who];
        if !station.enrolled() || station.strange {
            return "not copied".to_owned();
        }
        station.strange = true;
        let (name, pharmacy, origin) = (format!("{} bis", station.name), station.pharmacy, station.origin);
        let folder = self.folder.path().join(&name);
        self.close_file(who);
        self.stations[who].copied(&folder);
        let mut clone = Station::open(&folder, &name, pharmacy, &self.time, &Arc::clone(&self.hub));
        (clone.strange, clone.origin) = (true, origin);
        self.stations.push(clone);
        self.lived.went_back += 1;
        self.begin_watching(self.stations.len() - 1);
        "copied, and both go on".to_owned()
    }

    /// Which of two machines somebody stands at that began as one.
    pub(crate) fn either(&self, who: usize, chance: u64) -> usize {
        let mut bis = (self.late + 1..self.stations.len()).filter(|place| self.stations[*place].origin == who);
        bis.next().filter(|_| chance.is_multiple_of(2)).unwrap_or(who)
    }
}

/// Whether a ticket is in a book.
fn is_in(book: &Connection, promise: &Promise) -> bool {
    let table = entity(promise.entity).expect("a ticket").table;
    let sql = format!("SELECT EXISTS (SELECT 1 FROM \"{table}\" WHERE uid = ?1)");
    book.query_row(&sql, [promise.uid.as_bytes()], |row| row.get(0)).expect("a book")
}
