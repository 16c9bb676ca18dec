//! The hub's own books, checked by itself.

use axum::{Json, extract::State};
use officine_protocol::{
    clock::mint,
    messages::{CheckRequest, CheckResponse, HubProblem},
};

use super::{App, Problem, auth::Authenticated, body::Wire, problem::malformed};
use crate::{
    StoreError,
    decide::Device,
    store::{CheckAsk, Checked, Place},
};

/// Milliseconds after which a request that names a place begins no further part of the books.
const LONG: i64 = 1_000;

/// Checks the books of the pharmacy, and mends what can be mended: `done` says which. Where a `place` is named, part by
/// part from there, for about a second: `next` says where to go on. Without one all parts are checked with this request;
/// with `more` there was then more to mend than one answer tells: ask again.
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
    let told = match &request.place {
        None => part(&app, &device, request.epoch, None).await?,
        Some(asked) => {
            let place = Place::read(asked).ok_or_else(|| malformed(&"place: no such part"))?;
            parts(&app, &device, request.epoch, place).await?
        }
    };
    metrics::counter!("officine_hub_findings_total").increment(told.findings.len() as u64);
    Ok(Json(CheckResponse {
        epoch: told.epoch,
        server_time: app.clock.now(),
        revision: told.revision,
        rows: told.rows,
        findings: told.findings,
        more: told.more,
        next: told.next.map(Place::told),
    }))
}

/// One part after the other, until it has taken long enough, or there is something to tell.
async fn parts(app: &App, device: &Device, epoch: i64, from: Place) -> Result<Checked, StoreError> {
    let (began, mut all) = (app.clock.now(), Checked { next: Some(from), ..Checked::default() });
    while let Some(place) = all.next {
        let told = part(app, device, epoch, Some(place)).await?;
        (all.epoch, all.revision, all.next) = (told.epoch, told.revision, told.next);
        all.rows += told.rows;
        all.findings = told.findings;
        if app.clock.now() - began >= LONG || !all.findings.is_empty() {
            break;
        }
    }
    Ok(all)
}

async fn part(app: &App, device: &Device, epoch: i64, place: Option<Place>) -> Result<Checked, StoreError> {
    let commits = std::array::from_fn(|_| mint(&*app.clock, &*app.entropy));
    let ask = CheckAsk { device: device.clone(), epoch: Some(epoch), now: app.clock.now(), commits, place };
    app.store.check(ask).await
}
