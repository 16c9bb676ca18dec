//! A push: the operations are read, the batch is decided, the verdicts answered in order.

use axum::{Json, extract::State, http::StatusCode};
use officine_protocol::{
    clock::mint,
    limits::PUSH_OPERATIONS,
    messages::{HubProblem, Outcome, PushRequest, PushResponse, SentOperation, Verdict},
    params,
};

use super::{App, Problem, auth::Delivering, body::Wire};
use crate::{
    decide::decide,
    operation::{Prepared, prepare},
    store::{Batch, Heard, Pushed},
};

/// Hands over what a till recorded.
#[utoipa::path(
    post,
    path = "/v1/push",
    security(("token" = [])),
    request_body = PushRequest,
    responses(
        (status = 200, description = "One verdict per operation, in order. A sequence \
            is never used twice: a second one in the same request is rejected with `key_reused`.", body = PushResponse),
        (status = 400, description = "`request_malformed`, `body_unreadable`, `operation_unreadable`", body = HubProblem),
        (status = 401, description = "`device_unknown`; `device_revoked`: the request is kept in quarantine", body = HubProblem),
        (status = 409, description = "`device_quarantined`: a sequence stood for another content before, so that the till's file \
            is a restored or a copied one; this request and later ones are kept and not applied. `hub_other_history`: epoch or \
            cursor are not of the hub's history; nothing is applied, `POST /v1/history` says where both part", body = HubProblem),
        (status = 413, description = "`body_too_large`, `too_many_operations`", body = HubProblem),
    )
)]
pub(crate) async fn push(
    State(app): State<App>,
    Delivering(device): Delivering,
    Wire(request): Wire<PushRequest>,
) -> Result<Json<PushResponse>, Problem> {
    let heard = Heard {
        acknowledged: request.acknowledged,
        cursor_rev: request.cursor.rev,
        cursor_commit: request.cursor.commit,
        epoch: request.epoch,
        schema: request.schema.into(),
        sent_at: request.sent_at,
    };
    let operations = read(request.operations)?;
    metrics::histogram!("officine_hub_push_operations").record(operations.len() as f64);
    let now = app.clock.now();
    let uid = device.uid;
    let commit = mint(&*app.clock, &*app.entropy);
    let pushed = app.store.transact(Batch { device, heard, operations, now, commit }, decide).await?;
    let Pushed { epoch, revision, last_seq, verdicts } = pushed;
    verdicts.iter().for_each(count);
    verdicts.iter().filter(|verdict| is_reused(verdict)).for_each(|verdict| {
        tracing::warn!(device = %uid, seq = verdict.seq, key = %verdict.key, "a sequence or key used for another content");
    });
    Ok(Json(PushResponse { epoch, server_time: app.clock.now(), revision, verdicts, last_seq }))
}

/// A till's mistake: one key for two sequences, or one sequence twice in a request.
fn is_reused(verdict: &Verdict) -> bool {
    matches!(&verdict.outcome, Outcome::Rejected { code, .. } if code == "key_reused")
}

fn count(verdict: &Verdict) {
    let name = match verdict.outcome {
        _ if verdict.duplicate => "duplicate",
        Outcome::Accepted { .. } => "accepted",
        Outcome::Rejected { .. } => "rejected",
        Outcome::Conflict { .. } => "conflict",
        Outcome::Deferred { .. } => "deferred",
    };
    metrics::counter!("officine_hub_operations_total", "verdict" => name).increment(1);
}

fn read(sent: Vec<SentOperation>) -> Result<Vec<Prepared>, Problem> {
    if sent.len() > PUSH_OPERATIONS {
        let params = params! { limit: PUSH_OPERATIONS };
        return Err(Problem::with(StatusCode::PAYLOAD_TOO_LARGE, "too_many_operations", params));
    }
    let unreadable = |place: usize, why: String| {
        let params = params! { index: place, why: why };
        Problem::with(StatusCode::BAD_REQUEST, "operation_unreadable", params)
    };
    let numbered = sent.into_iter().enumerate();
    numbered.map(|(place, operation)| prepare(operation).map_err(|why| unreadable(place, why))).collect()
}
