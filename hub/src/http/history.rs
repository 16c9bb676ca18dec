//! Two histories: where a till's and the pharmacy's part.

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    clock::mint,
    limits::{LARGEST, PASSED},
    messages::{HistoryRequest, HistoryResponse, HubProblem},
    params,
};

use super::{App, Problem, auth::Authenticated, body::Wire};
use crate::store::HistoryAsk;

/// Says where a till that was told `hub_other_history` stands. Where it knows more than the hub of the same epoch, or a
/// newer epoch, the hub's database was restored or swapped: a new epoch begins. `hub_busy` says when to ask again.
#[utoipa::path(
    post,
    path = "/v1/history",
    security(("token" = [])),
    request_body = HistoryRequest,
    responses(
        (status = 200, description = "The epoch, and the last place passed that both know.", body = HistoryResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`, `field_invalid`", body = HubProblem),
        (status = 409, description = "`history_refused`: no hub ever was where the till says", body = HubProblem),
    )
)]
pub(crate) async fn history(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    Wire(request): Wire<HistoryRequest>,
) -> Result<Json<HistoryResponse>, Problem> {
    let HistoryRequest { epoch, passed, .. } = request;
    let sane = |number: i64| (0..=LARGEST).contains(&number);
    for (field, holds) in
        [("passed", passed.len() <= PASSED && passed.iter().all(|place| sane(place.rev))), ("epoch", sane(epoch))]
    {
        if !holds {
            return Err(Problem::with(StatusCode::BAD_REQUEST, "field_invalid", params! { field: field }));
        }
    }
    let (now, commit) = (app.clock.now(), mint(&*app.clock, &*app.entropy));
    let found = app.store.history(&device, HistoryAsk { epoch, passed, now, commit }).await?;
    if found.began {
        metrics::counter!("officine_hub_epochs_total").increment(1);
        let (known, here, common) = (epoch, found.epoch, found.common.rev);
        tracing::warn!(device = %device.uid, known, epoch = here, common, "the hub was restored or swapped: an epoch begins");
    }
    Ok(Json(HistoryResponse {
        epoch: found.epoch,
        server_time: app.clock.now(),
        revision: found.revision,
        common: found.common,
    }))
}
