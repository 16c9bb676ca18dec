//! Where the pharmacy stands, and whether the hub is well.

use axum::{Json, extract::State};
use officine_protocol::{
    limits::PROTOCOL,
    messages::{HubProblem, StatusResponse},
};

use super::{App, OLDEST_PROTOCOL, Problem, auth::Authenticated};

/// Where the pharmacy stands.
#[utoipa::path(
    get,
    path = "/v1/status",
    security(("token" = [])),
    responses(
        (status = 200, description = "Revision, versions and row counts.", body = StatusResponse),
        (status = 401, description = "`device_unknown`, `device_revoked`", body = HubProblem),
    )
)]
pub(crate) async fn status(
    State(app): State<App>,
    Authenticated(device): Authenticated,
) -> Result<Json<StatusResponse>, Problem> {
    let standing = app.store.standing(device.pharmacy).await?;
    Ok(Json(StatusResponse {
        epoch: standing.epoch,
        server_time: app.clock.now(),
        revision: standing.revision,
        oldest_protocol: OLDEST_PROTOCOL,
        protocol: PROTOCOL,
        rows: standing.rows.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
    }))
}

/// The hub answers and its database can be read.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `ok`
    status: &'static str,
}

/// Whether the hub is well.
#[utoipa::path(
    get,
    path = "/healthz",
    responses(
        (status = 200, description = "It is.", body = Health),
        (status = 503, description = "`hub_busy`", body = HubProblem),
    )
)]
pub(crate) async fn health(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.store.ready().await?;
    Ok(Json(Health { status: "ok" }))
}
