//! What the hub counts, for Prometheus, on an address of its own. Labels name routes, statuses and verdicts: never a
//! pharmacy, a device or anything they sent. Where no recorder is installed, counting costs nothing.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{Router, http::header, routing::get};
use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use officine_protocol::Uid;
use tokio::{net::TcpListener, time};

use crate::App;

const UPKEEP: Duration = Duration::from_secs(10);
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
const SIZES: [f64; 8] = [0.0, 1.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1000.0];

/// Begins to count, and answers who asks. A hub serves all the same where this cannot be done.
pub async fn start(app: &App, address: SocketAddr) {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => return tracing::warn!(%address, %error, "no metrics: cannot listen"),
    };
    match install() {
        Ok(handle) => {
            tokio::spawn(upkeep(handle.clone()));
            let answers = router(app.clone(), handle);
            tokio::spawn(async move { axum::serve(listener, answers).await });
            tracing::info!(%address, "metrics");
        }
        Err(error) => tracing::warn!(%error, "no metrics"),
    }
}

/// Devices heard in the last minutes: counted, never named.
#[derive(Debug, Default)]
pub struct Seen(Mutex<HashMap<Uid, i64>>);

impl Seen {
    const WINDOW_MS: i64 = 5 * 60_000;

    /// Notes that a device was heard.
    pub fn note(&self, device: Uid, now: i64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(device, now);
    }

    /// How many were heard of late; the others are forgotten.
    pub fn count(&self, now: i64) -> usize {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, heard| now - *heard < Self::WINDOW_MS);
        seen.len()
    }
}

fn install() -> Result<PrometheusHandle, BuildError> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets(&SIZES)?
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
    }
    Ok(handle)
}

fn describe() {
    describe_counter!("officine_hub_requests_total", "Requests answered, by route, method and status.");
    describe_counter!("officine_hub_operations_total", "Operations decided, by verdict.");
    describe_counter!("officine_hub_limited_total", "Requests put off because they came too fast, by kind.");
    describe_counter!("officine_hub_connections_refused_total", "Connections beyond the most that may be open.");
    describe_histogram!("officine_hub_request_seconds", "From head to answer, by route.");
    describe_histogram!("officine_hub_push_operations", "Operations of one push.");
    describe_histogram!("officine_hub_pull_rows", "Rows of one page.");
    describe_histogram!("officine_hub_walk_rows", "Rows of one page of a first sync.");
    describe_histogram!("officine_hub_revision_lag", "Revisions that a device which pulls was behind.");
    describe_gauge!("officine_hub_devices_heard", "Devices heard in the last five minutes.");
    describe_gauge!("officine_hub_requests_under_way", "Requests being worked on.");
    describe_gauge!("officine_hub_pulls_held", "Pulls held until there is something new.");
    describe_gauge!("officine_hub_pool_connections", "Connections to the database server, by state.");
    describe_gauge!("officine_hub_pool_waiting", "Requests that wait for a connection to the database server.");
}

async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

fn router(app: App, handle: PrometheusHandle) -> Router {
    let answer = move || {
        let (app, handle) = (app.clone(), handle.clone());
        async move {
            measure(&app);
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render())
        }
    };
    Router::new().route("/metrics", get(answer))
}

fn measure(app: &App) {
    gauge!("officine_hub_devices_heard").set(app.seen.count(app.clock.now()) as f64);
    gauge!("officine_hub_requests_under_way").set(app.under_way() as f64);
    gauge!("officine_hub_pulls_held").set(app.held() as f64);
    if let Some(pool) = app.store.pool() {
        for (state, connections) in [("busy", pool.busy), ("idle", pool.idle)] {
            gauge!("officine_hub_pool_connections", "state" => state).set(connections as f64);
        }
        gauge!("officine_hub_pool_waiting").set(pool.waiting as f64);
    }
}
