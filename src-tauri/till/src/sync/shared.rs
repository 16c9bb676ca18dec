//! What the parts of the sync share while the till is open.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, atomic::AtomicBool, mpsc::Sender},
};

use super::{
    bounds::Bounds,
    live::Live,
    transport::{HttpTransport, Transport},
};
use crate::{
    repair::orphans::Marks,
    views::{Network, RepairProgress, SyncProgress},
};

/// What asks for a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trigger {
    /// The hub had something new: no run, the answer to a held pull.
    Live,
    /// A minute has passed.
    Background,
    /// A row changed.
    Change,
    /// The hub answers again.
    Reconnect,
    /// A sale.
    Sale,
    /// « Synchroniser maintenant ».
    Manual,
}

impl Trigger {
    /// Its name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Background => "background",
            Self::Change => "change",
            Self::Reconnect => "reconnect",
            Self::Sale => "sale",
            Self::Manual => "manual",
        }
    }
}

const REMEMBERED: usize = 12;
const EXCELLENT_MS: i64 = 150;
const GOOD_MS: i64 = 600;

/// The link, from real round trips.
#[derive(Debug, Default)]
pub struct Health {
    trips: VecDeque<Option<i64>>,
}

impl Health {
    /// Remembers a round trip in milliseconds, or its failure.
    pub fn remember(&mut self, trip: Option<i64>) {
        self.trips.push_back(trip);
        if self.trips.len() > REMEMBERED {
            self.trips.pop_front();
        }
    }

    /// The last round trip that succeeded.
    pub fn last(&self) -> Option<i64> {
        self.trips.iter().rev().find_map(|trip| *trip)
    }

    /// How good the link is. The last failure means offline; one failure in three means poor.
    pub fn quality(&self) -> Network {
        match self.trips.back() {
            None => return Network::Unknown,
            Some(None) => return Network::Offline,
            Some(Some(_)) => {}
        }
        let failed = self.trips.iter().filter(|trip| trip.is_none()).count();
        let mut times: Vec<i64> = self.trips.iter().flatten().copied().collect();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or(0);
        match median {
            _ if failed * 3 >= self.trips.len() => Network::Poor,
            median if median <= EXCELLENT_MS => Network::Excellent,
            median if median <= GOOD_MS => Network::Good,
            _ => Network::Poor,
        }
    }
}

/// The shared state.
pub struct SyncShared {
    pub(crate) run: Mutex<()>,
    pub(crate) wake: Mutex<Option<Sender<Trigger>>>,
    pub(crate) cancelled: AtomicBool,
    pub(crate) progress: Mutex<Option<SyncProgress>>,
    /// A repair is under way.
    pub(crate) repair: Mutex<Option<RepairProgress>>,
    /// The comparison under way, by its number in the journal.
    pub(crate) integrity: Mutex<Option<i64>>,
    /// Up to where documents were looked at.
    pub(crate) looked: Mutex<Marks>,
    pub(crate) health: Mutex<Health>,
    pub(crate) live: Live,
    pub(crate) bounds: Mutex<Bounds>,
    /// The hub was asked whether it knows this till as the one it was.
    pub(crate) vouched: AtomicBool,
    /// The last run ended before its way down.
    pub(crate) pull_owed: AtomicBool,
    pub(crate) transport: RwLock<Arc<dyn Transport>>,
}

impl SyncShared {
    /// Of the till whose data is in this folder.
    pub fn of(dir: &Path) -> Self {
        Self {
            run: Mutex::default(),
            wake: Mutex::default(),
            cancelled: AtomicBool::default(),
            progress: Mutex::default(),
            repair: Mutex::default(),
            integrity: Mutex::default(),
            looked: Mutex::default(),
            health: Mutex::default(),
            live: Live::default(),
            bounds: Mutex::default(),
            vouched: AtomicBool::default(),
            pull_owed: AtomicBool::default(),
            transport: RwLock::new(Arc::new(HttpTransport::trusting(dir))),
        }
    }
}

/// A lock that a panic elsewhere does not poison.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_round_trip_tells_offline_and_the_median_tells_the_rest() {
        let mut health = Health::default();
        assert_eq!(health.quality(), Network::Unknown);
        health.remember(Some(20));
        assert_eq!(health.quality(), Network::Excellent);
        health.remember(None);
        assert_eq!(health.quality(), Network::Offline);
        health.remember(Some(20));
        assert_eq!(health.quality(), Network::Poor, "one in three failed");
        for _ in 0..REMEMBERED {
            health.remember(Some(400));
        }
        assert_eq!(health.quality(), Network::Good);
        for _ in 0..REMEMBERED {
            health.remember(Some(2_000));
        }
        assert_eq!(health.quality(), Network::Poor);
    }
}
