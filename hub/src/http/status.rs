//! Where the pharmacy stands, and whether the hub is well.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    limits::{PROTOCOL, SCHEMA},
    messages::{HubProblem, StatusResponse},
};

use tokio::sync::Mutex;

use super::{App, OLDEST_PROTOCOL, Problem, auth::Known};
use crate::store::Store;

/// Where the pharmacy stands, and the device with it: in quarantine it is answered all the same.
#[utoipa::path(
    get,
    path = "/v1/status",
    security(("token" = [])),
    responses(
        (status = 200, description = "Revision, versions and row counts.", body = StatusResponse),
    )
)]
pub(crate) async fn status(State(app): State<App>, Known(bearer): Known) -> Result<Json<StatusResponse>, Problem> {
    let standing = app.store.standing(bearer.device.pharmacy).await?;
    Ok(Json(StatusResponse {
        epoch: standing.epoch,
        server_time: app.clock.now(),
        revision: standing.revision,
        oldest_protocol: OLDEST_PROTOCOL,
        protocol: PROTOCOL,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: SCHEMA,
        rows: standing.rows.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        last_seq: bearer.last_seq,
        quarantined_at: bearer.quarantined_at,
    }))
}

/// How the hub is.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `ok`
    status: &'static str,
}

const WELL: Json<Health> = Json(Health { status: "ok" });

/// What the storage said last. It is asked once a second, however many ask.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Option<&'static str>)>>);

impl Readiness {
    const KEPT: Duration = Duration::from_secs(1);

    /// The code of what is wrong, if anything.
    async fn wrong(&self, store: &dyn Store) -> Option<&'static str> {
        let mut last = self.0.lock().await;
        if let Some((_, said)) = last.filter(|(at, _)| at.elapsed() < Self::KEPT) {
            return said;
        }
        let said = match store.ready().await {
            Ok(true) => None,
            Ok(false) => Some("hub_unwritable"),
            Err(error) => {
                tracing::error!(%error, "not ready");
                Some("hub_busy")
            }
        };
        *last = Some((Instant::now(), said));
        said
    }
}

/// The hub is alive: it answers, whatever its storage does.
#[utoipa::path(get, path = "/healthz", responses((status = 200, description = "It is.", body = Health)))]
pub(crate) async fn alive() -> Json<Health> {
    WELL
}

/// The hub is ready: its storage answers, its tables are those this hub knows, and it is not about to stop.
#[utoipa::path(
    get,
    path = "/readyz",
    responses(
        (status = 200, description = "It is.", body = Health),
        (status = 503, description = "`hub_stopping`, `hub_busy`, `hub_unwritable`", body = HubProblem),
    )
)]
pub(crate) async fn ready(State(app): State<App>) -> Result<Json<Health>, Problem> {
    let unavailable = |code| Problem::new(StatusCode::SERVICE_UNAVAILABLE, code);
    if app.leaving.load(Ordering::Relaxed) {
        return Err(unavailable("hub_stopping"));
    }
    app.readiness.wrong(&*app.store).await.map_or(Ok(WELL), |code| Err(unavailable(code)))
}
