//! A first sync: one page of a walk.

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    entities::walked_first,
    limits::{PULL_BYTES, WALK_ROWS},
    messages::{HubProblem, WalkRequest, WalkResponse},
    params,
};

use super::{App, Problem, auth::Authenticated, body::Wire};
use crate::store::WalkAsk;

/// Hands on everything a pharmacy has, what selling needs first. A till that was cut asks for the same page again. One whose
/// position is of another version walks anew.
#[utoipa::path(
    post,
    path = "/v1/walk",
    security(("token" = [])),
    request_body = WalkRequest,
    responses(
        (status = 200, description = "A page of rows.", body = WalkResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`, `walk_position_unknown`", body = HubProblem),
    )
)]
pub(crate) async fn walk(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    Wire(request): Wire<WalkRequest>,
) -> Result<Json<WalkResponse>, Problem> {
    let named = request.position.as_ref().and_then(|position| position.entity.as_ref());
    if named.is_some_and(|name| !walked_first().iter().any(|entity| entity.name == name)) {
        return Err(Problem::with(StatusCode::BAD_REQUEST, "walk_position_unknown", params!()));
    }
    let max_rows = (request.max_rows as usize).clamp(1, WALK_ROWS);
    let schema = request.schema.max(1);
    let ask = WalkAsk { position: request.position, schema, max_rows, max_bytes: PULL_BYTES };
    let page = app.store.walk(&device, ask).await?;
    metrics::histogram!("officine_hub_walk_rows").record(page.rows.len() as f64);
    Ok(Json(WalkResponse {
        epoch: page.epoch,
        server_time: app.clock.now(),
        revision: page.revision,
        other_history: page.other_history,
        noted: page.noted,
        rows: page.rows,
        next: page.next,
        totals: page.totals,
    }))
}
