//! Enrolment by one-time code. The token is answered once and kept nowhere.

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    clock::mint,
    messages::{EnrolRequest, EnrolResponse, HubProblem},
    params,
};

use super::{App, Problem, auth::Stranger, body::Wire};
use crate::{
    StoreError,
    secrets::{base64, code_hash, hash, token},
    store::Enrolment,
};

pub(super) const NAME_CHARS: usize = 80;

/// Makes a till known. The one it `replaces`, of the same pharmacy, is revoked: what it still has it may deliver into
/// quarantine.
#[utoipa::path(
    post,
    path = "/v1/enrol",
    request_body = EnrolRequest,
    responses(
        (status = 200, description = "The till is known.", body = EnrolResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`, `field_invalid`", body = HubProblem),
        (status = 403, description = "`enrolment_code_wrong`", body = HubProblem),
        (status = 409, description = "`enrolment_code_used`", body = HubProblem),
        (status = 429, description = "`too_many_attempts`, `too_many_requests`: try again after the seconds said", body = HubProblem),
    )
)]
pub(crate) async fn enrol(
    State(app): State<App>,
    Stranger: Stranger,
    Wire(request): Wire<EnrolRequest>,
) -> Result<Json<EnrolResponse>, Problem> {
    let now = app.clock.now();
    if let Some(seconds) = app.rates.codes.closed_for(now) {
        let params = params! { seconds: seconds };
        return Err(Problem::with(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", params));
    }
    let name = request.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Problem::with(StatusCode::BAD_REQUEST, "field_invalid", params! { field: "name" }));
    }
    let token = token(&*app.entropy);
    let enrolment = Enrolment {
        code: code_hash(&request.code),
        token: hash(token.as_bytes()),
        device: mint(&*app.clock, &*app.entropy),
        name: name.to_owned(),
        incarnation: request.incarnation,
        replaces: request.replaces,
        now,
    };
    let enrolled = app.store.enrol(enrolment).await.inspect_err(|error| {
        if matches!(error, StoreError::CodeWrong) {
            app.rates.codes.wrong(now);
        }
    })?;
    tracing::info!(device = %enrolled.device.uid, series = enrolled.device.series, "enrolled");
    Ok(Json(EnrolResponse {
        device: enrolled.device.uid,
        token,
        pin_secret: base64(&enrolled.pin_secret),
        series: enrolled.device.series,
        pharmacy: enrolled.pharmacy,
        epoch: enrolled.epoch,
        server_time: now,
    }))
}
