//! Connections: so many at once, each bounded in every direction of time, none cut while its request is answered.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    networks::{Counted, Networks},
    patient::Patient,
    settings::Settings,
    tls::Tls,
};

/// Headers of one request.
const HEADERS: usize = 64;
/// Bytes of the head of one request.
const HEAD_BYTES: usize = 16 << 10;
/// How long to wait where the system has no room for a connection.
const NO_ROOM: Duration = Duration::from_millis(500);

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// At once.
    pub connections: usize,
    /// At once from one network; 0 for no limit.
    pub per_network: u32,
    /// For the head of a request, and between two.
    pub head: Duration,
    /// For a request and its answer.
    pub request: Duration,
    /// Until it is closed in order.
    pub age: Duration,
    /// For what is under way when the hub stops.
    pub farewell: Duration,
}

impl From<&Settings> for Bounds {
    fn from(settings: &Settings) -> Self {
        let seconds = |number: std::num::NonZeroU32| Duration::from_secs(number.get().into());
        Self {
            connections: settings.max_connections.get() as usize,
            per_network: settings.max_connections_per_address,
            head: seconds(settings.head_timeout),
            request: seconds(settings.request_timeout),
            age: seconds(settings.connection_age),
            farewell: seconds(settings.shutdown_timeout),
        }
    }
}

/// Takes connections until told to stop. Then it refuses new ones, and only after that lets go of those it has, within
/// bounds: whoever comes again at once finds no hub that is about to leave.
pub async fn receive(
    listener: TcpListener,
    tls: Option<Tls>,
    router: Router,
    bounds: Bounds,
    told: watch::Receiver<bool>,
) {
    let (places, mut guests) = (Arc::new(Semaphore::new(bounds.connections)), JoinSet::new());
    let networks = Networks::new(bounds.per_network);
    let (leave, leaving) = watch::channel(false);
    let mut stop = pin!(stopped(told));
    loop {
        let taken = tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = guests.join_next() => continue,
            taken = listener.accept() => taken,
        };
        match taken {
            Ok((stream, address)) => {
                let place = Arc::clone(&places).try_acquire_owned().ok().zip(networks.enter(address.ip()));
                let Some(_place) = place else {
                    metrics::counter!("officine_hub_connections_refused_total").increment(1);
                    continue;
                };
                let guest = Guest { address, router: router.clone(), bounds, told: leaving.clone(), _place };
                guests.spawn(guest.enter(stream, tls.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be taken");
                sleep(NO_ROOM).await;
            }
        }
    }
    drop(listener);
    let _ = leave.send(true);
    let ended = timeout(bounds.farewell, async { while guests.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!(connections = guests.len(), "given up: they took too long");
    }
}

async fn stopped(mut told: watch::Receiver<bool>) {
    let _ = told.wait_for(|stop| *stop).await;
}

/// A connection and what it may do.
struct Guest {
    address: SocketAddr,
    router: Router,
    bounds: Bounds,
    told: watch::Receiver<bool>,
    _place: (OwnedSemaphorePermit, Counted),
}

impl Guest {
    async fn enter(self, stream: TcpStream, tls: Option<Tls>) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else { return self.converse(stream).await };
        match timeout(self.bounds.head, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.converse(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
            Err(_) => tracing::debug!("no TLS in time"),
        }
    }

    /// Requests, one after the other, until either side has enough.
    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let (bounds, address) = (self.bounds, self.address);
        let service = TowerToHyperService::new(self.router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(address));
            let answer = service.call(request.map(Body::new));
            async { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
        });
        let quiet = bounds.request + bounds.head;
        let io = TokioIo::new(Patient::new(stream, quiet));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(bounds.head).max_headers(HEADERS).max_buf_size(HEAD_BYTES);
        let mut connection = pin!(builder.serve_connection(io, service));
        tokio::select! {
            _ = connection.as_mut() => return,
            () = sleep(bounds.age) => {}
            () = stopped(self.told) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = timeout(quiet, connection).await;
    }
}
