//! A pull: one page of rows.

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    entities::entity,
    limits::{PULL_BYTES, PULL_ROWS},
    messages::{HubProblem, PullRequest, PullResponse},
    params,
};

use super::{App, Problem, auth::Authenticated, body::Wire};
use crate::store::Ask;

/// Hands on what the pharmacy's tills recorded.
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
    Wire(request): Wire<PullRequest>,
) -> Result<Json<PullResponse>, Problem> {
    if let Some(unknown) = request.entities.iter().find(|name| entity(name).is_none()) {
        let name: String = unknown.chars().take(64).collect();
        return Err(Problem::with(StatusCode::BAD_REQUEST, "entity_unknown", params! { entity: name }));
    }
    let max_rows = (request.max_rows as usize).clamp(1, PULL_ROWS);
    let behind = request.cursor.rev;
    let (cursor, entities, schema) = (request.cursor, request.entities, request.schema.max(1));
    let ask = Ask { cursor, entities, schema, max_rows, max_bytes: PULL_BYTES };
    let page = app.store.page(&device, ask).await?;
    metrics::histogram!("officine_hub_pull_rows").record(page.rows.len() as f64);
    metrics::histogram!("officine_hub_revision_lag").record(page.revision.saturating_sub(behind).max(0) as f64);
    Ok(Json(PullResponse {
        epoch: page.epoch,
        server_time: app.clock.now(),
        revision: page.revision,
        other_history: page.other_history,
        rows: page.rows,
        next: page.next,
        has_more: page.has_more,
    }))
}
