//! What the hub holds, in a few bytes: a till compares it with what it holds itself.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use officine_protocol::{
    digest::{BUCKETS, VERSION},
    entities::entity,
    limits::{LISTED_ROWS, SCHEMA},
    messages::{DigestResponse, DigestRowsResponse, HubProblem},
    params,
};
use serde::Deserialize;

use super::{App, Problem, auth::Authenticated, problem::malformed};
use crate::store::{Ahead, Hashed, Narrow};

/// How fine, of what, and for whom.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Asked {
    /// Version of the till's tables: what came after it is left out. The hub's own where it is not said.
    #[serde(default = "newest")]
    #[param(minimum = 1)]
    schema: u32,
    /// In so many buckets of uids; 1 where it is not said.
    #[serde(default = "one")]
    #[param(minimum = 1)]
    buckets: u32,
    /// Of this entity only.
    entity: Option<String>,
    /// With `bucket`: only uids of that bucket of so many, which divide `buckets`.
    #[param(minimum = 1)]
    of: Option<u32>,
    /// What was last read longer ago, in seconds, is read again; whenever that was, where it is not said.
    #[param(minimum = 0)]
    max_age: Option<u32>,
    /// At most so many rows are hashed for it; where there are more, nothing is told but that. All, where it is not said.
    #[param(minimum = 1)]
    portion: Option<u32>,
    /// With `of`: the buckets told are `bucket`, `bucket + of`, `bucket + 2·of` … of `buckets`.
    #[param(minimum = 0)]
    bucket: Option<u32>,
}

fn newest() -> u32 {
    SCHEMA
}

fn one() -> u32 {
    1
}

/// What is asked, within its bounds.
fn narrow(asked: Result<Query<Asked>, QueryRejection>) -> Result<Narrow, Problem> {
    let Query(Asked { schema, buckets, entity: name, of, portion, bucket, .. }) =
        asked.map_err(|rejection| malformed(&rejection))?;
    if !(1..=SCHEMA).contains(&schema) {
        return Err(malformed(&"schema: out of range"));
    }
    if !(1..=BUCKETS).contains(&buckets) {
        return Err(malformed(&"buckets: out of range"));
    }
    if portion == Some(0) {
        return Err(malformed(&"portion: out of range"));
    }
    let within = match (of, bucket) {
        (None, None) => None,
        (Some(of), Some(bucket)) if of > 0 && buckets.is_multiple_of(of) && bucket < of => Some((of, bucket)),
        (Some(_), Some(_)) => return Err(malformed(&"of, bucket: out of range")),
        _ => return Err(malformed(&"of, bucket: one without the other")),
    };
    let found = name.as_deref().map(|name| entity(name).filter(|entity| entity.since <= schema));
    match found {
        Some(None) => {
            let name: String = name.unwrap_or_default().chars().take(64).collect();
            Err(Problem::with(StatusCode::BAD_REQUEST, "entity_unknown", params! { entity: name }))
        }
        found => Ok(Narrow { schema, buckets, entity: found.flatten().map(|entity| entity.name), within }),
    }
}

/// Says how many rows each entity has and the sum of their hashes, at one revision.
#[utoipa::path(
    get,
    path = "/v1/digest",
    security(("token" = [])),
    params(Asked),
    responses(
        (status = 200, description = "Digests by entity.", body = DigestResponse),
        (status = 400, description = "`request_malformed`, `entity_unknown`", body = HubProblem),
    )
)]
pub(crate) async fn digest(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<DigestResponse>, Problem> {
    let said = asked.as_ref().ok().map(|asked| (asked.max_age, asked.portion)).unwrap_or_default();
    let narrow = narrow(asked)?;
    let hashed = if narrow.schema == SCHEMA {
        hashed(&app, device.pharmacy, narrow.entity, said).await
    } else {
        Hashed::default()
    };
    let mut told = match hashed.more {
        true => DigestResponse { version: VERSION, schema: SCHEMA, more: true, ..DigestResponse::default() },
        false => app.store.digest(device.pharmacy, narrow).await?,
    };
    told.read += hashed.read;
    Ok(Json(told))
}

/// Hashes ahead; where that cannot be, the digest reads for itself.
async fn hashed(
    app: &App,
    pharmacy: i64,
    entity: Option<&'static str>,
    (max_age, portion): (Option<u32>, Option<u32>),
) -> Hashed {
    let now = app.clock.now();
    let since = max_age.map_or(i64::MIN, |seconds| now - i64::from(seconds) * 1_000);
    let ahead = Ahead { entity, now, since, at_most: portion.map(i64::from) };
    app.store.hash_ahead(pharmacy, ahead).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "nothing is kept of what is hashed");
        Hashed::default()
    })
}

/// Says which rows one bucket of an entity holds, each in a few bytes. `entity`, `of` and `bucket` must be said: 4,096 rows
/// at most, and of a bucket that holds more, finer ones are asked for.
#[utoipa::path(
    get,
    path = "/v1/digest/rows",
    security(("token" = [])),
    params(Asked),
    responses(
        (status = 200, description = "The rows of the bucket, by uid.", body = DigestRowsResponse),
        (status = 400, description = "`request_malformed`, `entity_unknown`, `bucket_too_large`", body = HubProblem),
    )
)]
pub(crate) async fn rows(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<DigestRowsResponse>, Problem> {
    let narrow = narrow(asked)?;
    let (Some(entity), Some((of, _))) = (narrow.entity, narrow.within) else {
        return Err(malformed(&"entity, of, bucket: missing"));
    };
    let listed = app.store.digest_rows(device.pharmacy, narrow).await?;
    let too_large = || {
        let params = params! { entity: entity, of: of, limit: LISTED_ROWS };
        Problem::with(StatusCode::BAD_REQUEST, "bucket_too_large", params)
    };
    listed.map(Json).ok_or_else(too_large)
}
