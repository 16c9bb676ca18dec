//! Running the hub: the database by place, the door, the jobs beside it, an orderly end.

use std::{
    future::Future,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use officine_protocol::limits::VERDICT_KEPT_MS;
use tokio::{net::TcpListener, sync::watch, time};

use crate::{
    App, StoreError,
    connections::{Bounds, receive},
    router,
    settings::Settings,
    store::{Postgres, Sqlite, Store},
    tls::{Tls, TlsError},
};

const PRUNE_EVERY: Duration = Duration::from_secs(3600);
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Where a hub keeps its data.
#[derive(Clone)]
pub enum Place {
    /// In a SQLite file of its own, in this folder.
    Folder(PathBuf),
    /// In a PostgreSQL database, by URL.
    Url {
        /// For the role that serves: it owns nothing, and row-level security binds it.
        app: String,
        /// For the role that owns the tables and migrates; absent where somebody else brings them up to date.
        owner: Option<String>,
    },
}

/// Why a hub does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The storage.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Plain HTTP beyond this machine.
    #[error(
        "{0} is not a loopback address, and without TLS tokens would travel readable: set tls_cert and tls_key, \
         or insecure_plain_http where a TLS proxy stands before the hub"
    )]
    Insecure(SocketAddr),
    /// The certificate or its key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The network.
    #[error("the network failed: {0}")]
    Network(std::io::Error),
}

/// Opens the storage and brings its tables up to date.
pub async fn open(place: &Place) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match place {
        Place::Folder(folder) => Arc::new(Sqlite::open(folder)?),
        Place::Url { app, owner } => Arc::new(Postgres::open(app, owner.as_deref()).await?),
    })
}

/// Brings the tables up to date and ends: with the owner's role where there is one.
pub async fn migrate(place: &Place) -> Result<(), StoreError> {
    match place {
        Place::Folder(folder) => Sqlite::open(folder).map(drop),
        Place::Url { app, owner } => Postgres::open(app, owner.as_deref()).await.map(drop),
    }
}

/// Where tills come in: an address, TLS if there is a certificate, and bounds.
pub struct Door {
    listener: TcpListener,
    tls: Option<Tls>,
    bounds: Bounds,
}

impl Door {
    /// Listens. Beyond loopback only with TLS, or where plain HTTP is meant.
    pub async fn open(settings: &Settings) -> Result<Self, ServeError> {
        let address = settings.listen;
        let tls = match (&settings.tls_cert, &settings.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
            _ => None,
        };
        if !address.ip().is_loopback() && tls.is_none() && !settings.insecure_plain_http {
            return Err(ServeError::Insecure(address));
        }
        let listener = TcpListener::bind(address).await.map_err(|error| ServeError::Listen(address, error))?;
        Ok(Self { listener, tls, bounds: settings.into() })
    }

    /// Where it listens.
    pub fn address(&self) -> Result<SocketAddr, ServeError> {
        self.listener.local_addr().map_err(ServeError::Network)
    }
}

/// Serves until `stop` resolves, then takes nothing new and finishes what it took.
pub async fn serve(app: App, door: Door, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
    let (tell, told) = watch::channel(false);
    let (leaving, store) = (Arc::clone(&app.leaving), Arc::clone(&app.store));
    let signal = tokio::spawn(async move {
        stop.await;
        leaving.store(true, Ordering::SeqCst);
        store.wakes().everyone();
        let _ = tell.send(true);
    });
    let mut beside = vec![
        signal,
        tokio::spawn(prune(app.clone())),
        tokio::spawn(forget(app.clone())),
        tokio::spawn(hear(app.clone())),
    ];
    if let Some(tls) = &door.tls {
        beside.push(tokio::spawn(tls.clone().reload_when_asked()));
    }
    receive(door.listener, door.tls, router(app), door.bounds, told).await;
    for job in beside {
        job.abort();
    }
    Ok(())
}

/// Forgets old answers, now and then.
async fn prune(app: App) {
    let mut ticks = time::interval(PRUNE_EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        match app.store.prune(app.clock.now() - VERDICT_KEPT_MS).await {
            Ok(0) => {}
            Ok(pruned) => tracing::info!(pruned, "old answers forgotten"),
            Err(error) => tracing::warn!(%error, "old answers not forgotten"),
        }
    }
}

/// Hears of what other processes wrote, and tells them of what this one did.
async fn hear(app: App) {
    app.store.listen().await;
}

/// Forgets whom the rates no longer need to remember.
async fn forget(app: App) {
    let mut ticks = time::interval(FORGET_EVERY);
    loop {
        ticks.tick().await;
        app.rates.forget();
    }
}
