//! A pull: one page of rows, now or as soon as there is one.

use std::time::Duration;

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use officine_protocol::{
    entities::entity,
    limits::{PULL_BYTES, PULL_ROWS, PULL_WAIT_MS},
    messages::{HubProblem, PullRequest, PullResponse},
    params,
};

use super::{
    App, Problem,
    auth::Authenticated,
    body::Wire,
    live::{self, Place, Waited, Waiting},
};
use crate::store::Ask;

/// Hands on what the pharmacy's tills recorded. With `waitMs` the answer waits while there is nothing new, and comes as
/// soon as there is: one request, one answer. A device has one that waits, the newest; the one before is answered at
/// once. `hub_busy` says that too many wait: ask without `waitMs`.
#[utoipa::path(
    post,
    path = "/v1/pull",
    security(("token" = [])),
    request_body = PullRequest,
    responses(
        (status = 200, description = "A page of rows.", body = PullResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`, `entity_unknown`", body = HubProblem),
    )
)]
pub(crate) async fn pull(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    Extension(place): Extension<Place>,
    headers: HeaderMap,
    Wire(request): Wire<PullRequest>,
) -> Result<(Extension<Waited>, Json<PullResponse>), Problem> {
    if let Some(unknown) = request.entities.iter().find(|name| entity(name).is_none()) {
        let name: String = unknown.chars().take(64).collect();
        return Err(Problem::with(StatusCode::BAD_REQUEST, "entity_unknown", params! { entity: name }));
    }
    let max_rows = (request.max_rows as usize).clamp(1, PULL_ROWS);
    let behind = request.cursor.rev;
    let (cursor, entities, schema) = (request.cursor, request.entities, request.schema.max(1));
    let ask = Ask { cursor, entities, schema, max_rows, max_bytes: PULL_BYTES };
    let wait = Duration::from_millis(request.wait_ms.min(PULL_WAIT_MS).into()).min(app.patience / 2);
    let waiting = Waiting { device: &device, headers: &headers, place: &place, ask, epoch: request.epoch, wait };
    let (page, waited) = live::page(&app, waiting).await?;
    metrics::histogram!("officine_hub_pull_rows").record(page.rows.len() as f64);
    metrics::histogram!("officine_hub_revision_lag").record(page.revision.saturating_sub(behind).max(0) as f64);
    let page = PullResponse {
        epoch: page.epoch,
        server_time: app.clock.now(),
        revision: page.revision,
        other_history: page.other_history,
        rows: page.rows,
        next: page.next,
        has_more: page.has_more,
    };
    Ok((Extension(waited), Json(page)))
}
