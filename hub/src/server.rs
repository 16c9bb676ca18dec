//! Running the hub: the database by place, the listener, the jobs beside it, an orderly end.

use std::{future::Future, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use officine_protocol::limits::VERDICT_KEPT_MS;
use tokio::{net::TcpListener, sync::watch, time};

use crate::{
    App, StoreError,
    http::PATIENCE,
    patient::Patient,
    router,
    store::{Postgres, Sqlite, Store},
};

const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// A connection on which nothing moved for so long is given up: longer than any answer takes.
const QUIET: Duration = PATIENCE.saturating_add(Duration::from_secs(60));
/// How long requests under way may take to end once the hub is told to stop.
const FAREWELL: Duration = Duration::from_secs(20);

/// Where a hub keeps its data.
#[derive(Clone, Debug)]
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
        "{0} is not a loopback address, and this version speaks plain HTTP only: tokens would travel readable. \
         Put a TLS proxy before it, or say --insecure-plain-http"
    )]
    Insecure(SocketAddr),
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

/// Listens. Beyond loopback only where `insecure` says that plain HTTP is meant.
pub async fn listen(address: SocketAddr, insecure: bool) -> Result<TcpListener, ServeError> {
    if !address.ip().is_loopback() && !insecure {
        return Err(ServeError::Insecure(address));
    }
    TcpListener::bind(address).await.map_err(|error| ServeError::Listen(address, error))
}

/// Serves until `stop` resolves, then finishes what it took.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let (tell, told) = watch::channel(false);
    let signal = tokio::spawn(async move {
        stop.await;
        let _ = tell.send(true);
    });
    let pruning = tokio::spawn(prune(app.clone(), told.clone()));
    let server = axum::serve(Patient::new(listener, QUIET), router(app)).with_graceful_shutdown(stopped(told.clone()));
    let late = async {
        stopped(told).await;
        time::sleep(FAREWELL).await;
    };
    let ended = tokio::select! {
        ended = server => ended.map_err(ServeError::Network),
        () = late => Ok(()),
    };
    signal.abort();
    pruning.abort();
    ended
}

async fn stopped(mut told: watch::Receiver<bool>) {
    let _ = told.wait_for(|stop| *stop).await;
}

/// Forgets old answers, now and then.
async fn prune(app: App, told: watch::Receiver<bool>) {
    let mut ticks = time::interval(PRUNE_EVERY);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Skip);
    while !*told.borrow() {
        ticks.tick().await;
        match app.store.prune(app.clock.now() - VERDICT_KEPT_MS).await {
            Ok(0) => {}
            Ok(pruned) => tracing::info!(pruned, "old answers forgotten"),
            Err(error) => tracing::warn!(%error, "old answers not forgotten"),
        }
    }
}
