//! Who waits for a pharmacy to move, and who is to be told that it did. A wake says only that it is worth looking
//! again: one too many costs a look, one lost costs the time until the held pull ends by itself.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, watch};

/// Where processes on one PostgreSQL tell each other, and how: the pharmacies that moved.
pub(crate) const CHANNEL: &str = "officine_hub";
pub(crate) const TELL: &str =
    "SELECT 1::bigint FROM (SELECT pg_notify('officine_hub', p::text) FROM unnest($1::bigint[]) AS p) told";

/// A cheap handle.
#[derive(Clone, Default)]
pub struct Wakes(Arc<Shared>);

#[derive(Default)]
struct Shared {
    pharmacies: Mutex<HashMap<i64, Watch>>,
    untold: Mutex<BTreeSet<i64>>,
    more: Notify,
}

#[derive(Default)]
struct Watch {
    tell: watch::Sender<()>,
    /// The revision that this process reached last.
    revision: i64,
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "watches of {} pharmacies", self.pharmacies().len())
    }
}

impl Wakes {
    fn pharmacies(&self) -> MutexGuard<'_, HashMap<i64, Watch>> {
        self.0.pharmacies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn untold(&self) -> MutexGuard<'_, BTreeSet<i64>> {
        self.0.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Is told of every move from now on. Look after this, and none is missed.
    pub fn subscribe(&self, pharmacy: i64) -> watch::Receiver<()> {
        self.pharmacies().entry(pharmacy).or_default().tell.subscribe()
    }

    /// This process committed: its own are woken, and other processes are to be told.
    pub fn moved(&self, pharmacy: i64, revision: i64) {
        {
            let mut pharmacies = self.pharmacies();
            let watch = pharmacies.entry(pharmacy).or_default();
            if watch.revision == revision {
                return;
            }
            watch.revision = revision;
            watch.tell.send_replace(());
        }
        self.tell_again([pharmacy]);
    }

    /// Another process says that it committed.
    pub fn heard(&self, pharmacy: i64) {
        if let Some(watch) = self.pharmacies().get(&pharmacy) {
            watch.tell.send_replace(());
        }
    }

    /// Wakes all: something may have been missed, a device was revoked, the hub stops.
    pub fn everyone(&self) {
        self.pharmacies().values().for_each(|watch| {
            watch.tell.send_replace(());
        });
    }

    /// The pharmacies to tell other processes of, as soon as there are any.
    pub(crate) async fn to_tell(&self) -> Vec<i64> {
        loop {
            let untold = std::mem::take(&mut *self.untold());
            if !untold.is_empty() {
                return untold.into_iter().collect();
            }
            self.0.more.notified().await;
        }
    }

    /// Of these the others do not know yet.
    pub(crate) fn tell_again(&self, pharmacies: impl IntoIterator<Item = i64>) {
        self.untold().extend(pharmacies);
        self.0.more.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_wakes_once_and_the_same_revision_nobody() {
        let wakes = Wakes::default();
        let mut waiting = wakes.subscribe(1);
        let mut other = wakes.subscribe(2);
        wakes.moved(1, 5);
        assert!(waiting.has_changed().unwrap() && !other.has_changed().unwrap());
        waiting.mark_unchanged();
        wakes.moved(1, 5);
        assert!(!waiting.has_changed().unwrap(), "a push that moved nothing");
        wakes.heard(1);
        assert!(waiting.has_changed().unwrap(), "what another process did");
        wakes.everyone();
        assert!(other.has_changed().unwrap());
        other.mark_unchanged();
    }

    #[tokio::test]
    async fn what_could_not_be_told_is_told_again() {
        let wakes = Wakes::default();
        wakes.moved(2, 1);
        wakes.moved(1, 1);
        let untold = wakes.to_tell().await;
        assert_eq!(untold, [1, 2]);
        wakes.tell_again(untold);
        assert_eq!(wakes.to_tell().await, [1, 2]);
    }
}
