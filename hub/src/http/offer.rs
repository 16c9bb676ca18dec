//! Rows given back to a hub that lost them.

use axum::{Json, extract::State};
use officine_protocol::{
    clock::mint,
    limits::OFFERED_ROWS,
    messages::{HubProblem, OfferRequest, OfferResponse, OfferVerdict},
};

use super::{App, Problem, auth::Authenticated, body::Wire, problem::malformed};
use crate::{offered::read, store::Offer};

/// Takes back whole rows that the hub lost: those it does not know, and those of the history that was lost which it has not
/// changed since. Offered twice they are taken once. Nothing is refused for stock: what is below zero has a recount open.
#[utoipa::path(
    post,
    path = "/v1/offer",
    security(("token" = [])),
    request_body = OfferRequest,
    responses(
        (status = 200, description = "One verdict per row, in order.", body = OfferResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`", body = HubProblem),
        (status = 409, description = "`hub_other_history`: of another epoch nothing is taken", body = HubProblem),
    )
)]
pub(crate) async fn offer(
    State(app): State<App>,
    Authenticated(device): Authenticated,
    Wire(request): Wire<OfferRequest>,
) -> Result<Json<OfferResponse>, Problem> {
    if request.rows.len() > OFFERED_ROWS {
        return Err(malformed(&format_args!("rows: {OFFERED_ROWS} at most")));
    }
    let now = app.clock.now();
    let (commit, name) = (mint(&*app.clock, &*app.entropy), device.uid);
    let rows = request.rows.into_iter().map(|row| read(row, request.schema, now)).collect();
    let taken = app.store.offer(Offer { device, epoch: request.epoch, rows, now, commit }).await?;
    let count = taken.verdicts.iter().filter(|verdict| matches!(verdict, OfferVerdict::Taken { .. })).count();
    metrics::counter!("officine_hub_offered_rows_total").increment(count as u64);
    if count > 0 {
        tracing::info!(device = %name, rows = count, "rows given back");
    }
    let (epoch, revision, verdicts) = (taken.epoch, taken.revision, taken.verdicts);
    Ok(Json(OfferResponse { epoch, server_time: app.clock.now(), revision, verdicts }))
}
