//! Rows by name.

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    entities::entity,
    limits::{PULL_BYTES, ROWS_ASKED},
    messages::{HubProblem, RowsRequest, RowsResponse},
    params,
};

use super::{App, Problem, auth::Authenticated, body::Wire, problem::malformed};
use crate::store::Wanted;

/// Hands on rows asked for by name, parents first, each with its aliases. A page may hold fewer: what is neither in it nor
/// unknown is asked for again. A reference that names nothing here is a uid of zeros.
#[utoipa::path(
    post,
    path = "/v1/rows",
    security(("token" = [])),
    request_body = RowsRequest,
    responses(
        (status = 200, description = "The rows that are here, and the names of those that are not.", body = RowsResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`, `entity_unknown`", body = HubProblem),
    )
)]
pub(crate) async fn rows(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    Wire(request): Wire<RowsRequest>,
) -> Result<Json<RowsResponse>, Problem> {
    if request.rows.len() > ROWS_ASKED {
        return Err(malformed(&format_args!("rows: {ROWS_ASKED} at most")));
    }
    if let Some(unknown) = request.rows.iter().find(|row| entity(&row.entity).is_none()) {
        let name: String = unknown.entity.chars().take(64).collect();
        return Err(Problem::with(StatusCode::BAD_REQUEST, "entity_unknown", params! { entity: name }));
    }
    let (rows, schema, with_references) = (request.rows, request.schema.max(1), request.with_references);
    let wanted = Wanted { rows, schema, with_references, max_bytes: PULL_BYTES };
    let given = app.store.rows(&device, wanted).await?;
    metrics::histogram!("officine_hub_named_rows").record(given.rows.len() as f64);
    Ok(Json(RowsResponse {
        epoch: given.epoch,
        server_time: app.clock.now(),
        revision: given.revision,
        rows: given.rows,
        unknown: given.unknown,
    }))
}
