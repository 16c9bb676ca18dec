//! What the hub holds, in a few bytes: a till compares it with what it holds itself.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use officine_protocol::{
    digest::BUCKETS,
    limits::SCHEMA,
    messages::{DigestResponse, HubProblem},
    params,
};
use serde::Deserialize;

use super::{App, Problem, auth::Authenticated};
use crate::{operation::shortened, store::Narrow};

/// How fine, and for whom.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Version of the till's tables: what came after it is left out. The hub's own where it is not said.
    #[serde(default = "newest")]
    #[param(minimum = 1)]
    schema: u32,
    /// In so many buckets of uids; 1 where it is not said.
    #[serde(default = "one")]
    #[param(minimum = 1)]
    buckets: u32,
}

fn newest() -> u32 {
    SCHEMA
}

fn one() -> u32 {
    1
}

/// Says how many rows each entity has and the sum of their hashes, at one revision.
#[utoipa::path(
    get,
    path = "/v1/digest",
    security(("token" = [])),
    params(Asked),
    responses(
        (status = 200, description = "Digests by entity.", body = DigestResponse),
        (status = 400, description = "`request_malformed`", body = HubProblem),
    )
)]
pub(crate) async fn digest(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<DigestResponse>, Problem> {
    let malformed = |why: &dyn std::fmt::Display| {
        Problem::with(StatusCode::BAD_REQUEST, "request_malformed", params! { why: shortened(&why) })
    };
    let Query(Asked { schema, buckets }) = asked.map_err(|rejection| malformed(&rejection))?;
    if !(1..=SCHEMA).contains(&schema) {
        return Err(malformed(&"schema: out of range"));
    }
    if !(1..=BUCKETS).contains(&buckets) {
        return Err(malformed(&"buckets: out of range"));
    }
    Ok(Json(app.store.digest(device.pharmacy, Narrow { schema, buckets }).await?))
}
