//! The log of changes: who wrote what over what, when and where, by which rule.

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    entities::entity,
    messages::{HubProblem, LogRequest, LogResponse},
    params,
};

use super::{App, Problem, auth::Authenticated, body::Wire};

/// Kinds that one request may name.
const KINDS: usize = 16;

/// Hands on lines of the pharmacy's change log, newest first. The lines of one revision stay together: a page may be
/// longer than was asked where one revision has more.
#[utoipa::path(
    post,
    path = "/v1/log",
    security(("token" = [])),
    request_body = LogRequest,
    responses(
        (status = 200, description = "A page of lines.", body = LogResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`, `entity_unknown`", body = HubProblem),
    )
)]
pub(crate) async fn log(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    Wire(request): Wire<LogRequest>,
) -> Result<Json<LogResponse>, Problem> {
    let malformed = |why: &str| Problem::with(StatusCode::BAD_REQUEST, "request_malformed", params! { why: why });
    if let Some(name) = request.entity.as_deref().filter(|name| entity(name).is_none()) {
        let name: String = name.chars().take(64).collect();
        return Err(Problem::with(StatusCode::BAD_REQUEST, "entity_unknown", params! { entity: name }));
    }
    if request.uid.is_some() && request.entity.is_none() {
        return Err(malformed("uid: without entity"));
    }
    if request.kinds.len() > KINDS || request.kinds.iter().any(|kind| kind.len() > 64 || kind.contains('\0')) {
        return Err(malformed("kinds: out of range"));
    }
    Ok(Json(app.store.log(&device, request).await?))
}
