//! The hub's own books, checked by itself.

use axum::{Json, extract::State};
use officine_protocol::{
    clock::mint,
    messages::{CheckRequest, CheckResponse, HubProblem},
};

use super::{App, Problem, auth::Authenticated, body::Wire};
use crate::store::CheckAsk;

/// Checks the books of the pharmacy, and mends what can be mended: `done` says which. With `more` there was more to mend
/// than one answer tells: ask again.
#[utoipa::path(
    post,
    path = "/v1/check",
    security(("token" = [])),
    request_body = CheckRequest,
    responses(
        (status = 200, description = "What was found.", body = CheckResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`", body = HubProblem),
        (status = 409, description = "`hub_other_history`", body = HubProblem),
    )
)]
pub(crate) async fn check(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    Wire(request): Wire<CheckRequest>,
) -> Result<Json<CheckResponse>, Problem> {
    let commits = std::array::from_fn(|_| mint(&*app.clock, &*app.entropy));
    let ask = CheckAsk { device, epoch: Some(request.epoch), now: app.clock.now(), commits };
    let told = app.store.check(ask).await?;
    metrics::counter!("officine_hub_findings_total").increment(told.findings.len() as u64);
    Ok(Json(CheckResponse {
        epoch: told.epoch,
        server_time: app.clock.now(),
        revision: told.revision,
        rows: told.rows,
        findings: told.findings,
        more: told.more,
    }))
}
