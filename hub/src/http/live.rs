//! A held pull: where nothing is newer than the cursor, the answer waits until something is. While it waits it has no
//! connection of the database and no place among the requests worked on. A revocation and the hub's end cut it short.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, StatusCode};
use officine_protocol::{Uid, params};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::timeout,
};

use super::{App, Problem, auth};
use crate::{
    decide::Device,
    store::{Ask, Page},
};

/// For how long a till without a place is told to do without.
const FULL_SECONDS: u32 = 60;

/// The place of a request among those worked on. A held pull leaves it, and takes one again before it looks.
#[derive(Clone)]
pub(crate) struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Place {
    pub fn of(permit: Option<OwnedSemaphorePermit>) -> Self {
        Self(Arc::new(Mutex::new(permit)))
    }

    fn leave(&self) {
        self.put(None);
    }

    async fn take(&self, places: &Arc<Semaphore>) {
        let permit = Arc::clone(places).acquire_owned().await.ok();
        self.put(permit);
    }

    fn put(&self, permit: Option<OwnedSemaphorePermit>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = permit;
    }
}

/// How long a request waited for news: no part of the work done for it.
#[derive(Clone, Copy)]
pub(crate) struct Waited(pub Duration);

/// Pulls held: so many in all, one a device.
pub(crate) struct Held {
    most: usize,
    number: AtomicU64,
    devices: Mutex<HashMap<Uid, (u64, oneshot::Sender<()>)>>,
}

/// One held pull. Dropped, its place is free.
struct Turn<'a> {
    held: &'a Held,
    device: Uid,
    number: u64,
    ended: oneshot::Receiver<()>,
}

impl Held {
    pub fn at_most(most: usize) -> Self {
        Self { most, number: AtomicU64::default(), devices: Mutex::default() }
    }

    fn devices(&self) -> MutexGuard<'_, HashMap<Uid, (u64, oneshot::Sender<()>)>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many wait now.
    pub fn count(&self) -> usize {
        self.devices().len()
    }

    /// The newest of a device wins: the one before it ends.
    fn enter(&self, device: Uid) -> Result<Turn<'_>, Problem> {
        let (end, ended) = oneshot::channel();
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let mut devices = self.devices();
        if devices.len() >= self.most && !devices.contains_key(&device) {
            let params = params! { seconds: FULL_SECONDS };
            return Err(Problem::with(StatusCode::SERVICE_UNAVAILABLE, "hub_busy", params));
        }
        devices.insert(device, (number, end));
        Ok(Turn { held: self, device, number, ended })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut devices = self.held.devices();
        if devices.get(&self.device).is_some_and(|(number, _)| *number == self.number) {
            devices.remove(&self.device);
        }
    }
}

/// Who asks, with what, and how long the answer may wait.
pub(crate) struct Waiting<'a> {
    pub device: &'a Device,
    pub headers: &'a HeaderMap,
    pub place: &'a Place,
    pub ask: Ask,
    /// The epoch the till knows; 0 for none.
    pub epoch: i64,
    pub wait: Duration,
}

/// A page: at once if it has news or must not wait, else as soon as it has, or the time is over.
pub(crate) async fn page(app: &App, waiting: Waiting<'_>) -> Result<(Page, Waited), Problem> {
    let Waiting { device, ask, .. } = &waiting;
    let mut moved = app.store.wakes().subscribe(device.pharmacy);
    let mut page = app.store.page(device, ask.clone()).await?;
    let (started, mut waited) = (Instant::now(), Duration::ZERO);
    if waiting.wait.is_zero() || waiting.is_news(&page) {
        return Ok((page, Waited(waited)));
    }
    let mut turn = app.held.enter(device.uid)?;
    while !app.leaving.load(Ordering::SeqCst) {
        waiting.place.leave();
        let (since, left) = (Instant::now(), waiting.wait.saturating_sub(started.elapsed()));
        let woken = tokio::select! {
            woken = timeout(left, moved.changed()) => woken.is_ok(),
            _ = &mut turn.ended => false,
        };
        waited += since.elapsed();
        waiting.place.take(&app.places).await;
        auth::still_good(app, waiting.headers).await?;
        page = app.store.page(device, ask.clone()).await?;
        if !woken || waiting.is_news(&page) {
            break;
        }
    }
    Ok((page, Waited(waited)))
}

impl Waiting<'_> {
    fn is_news(&self, page: &Page) -> bool {
        let other_epoch = self.epoch != 0 && self.epoch != page.epoch;
        page.other_history || other_epoch || page.revision > self.ask.cursor.rev
    }
}
