//! Errors as they leave: RFC 9457, with a code that the till's catalogue words. Whoever finds one hands it on as a
//! response's extension; the outermost layer alone writes it, with the id of the request.

use axum::{
    Json,
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use officine_protocol::{Params, messages::HubProblem, params};

use crate::{StoreError, operation::shortened};

pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

/// A problem on its way out.
#[derive(Clone, Debug)]
pub struct Problem(pub Box<HubProblem>);

impl Problem {
    /// A problem without parameters.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self::with(status, code, params! {})
    }

    /// A problem that names something. `seconds` among the parameters says when to try again.
    pub fn with(status: StatusCode, code: &'static str, params: Params) -> Self {
        Self(Box::new(HubProblem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            params,
            instance: None,
        }))
    }

    /// The problem in a response that is an error: its own, or what a layer or the router meant by its status.
    pub(crate) fn of(response: &Response) -> Option<Self> {
        let status = response.status();
        if let Some(problem) = response.extensions().get::<Self>() {
            return Some(problem.clone());
        }
        let code = match status {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::REQUEST_TIMEOUT => "timeout",
            StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "content_type",
            _ if status.is_server_error() => "internal",
            _ if status.is_client_error() => "request_malformed",
            _ => return None,
        };
        Some(Self::new(status, code))
    }

    /// As it leaves. Of the headers before, only those stay that are about the error and not about its old body.
    pub(crate) fn write(mut self, id: &str, before: &HeaderMap) -> Response {
        self.0.instance = Some(format!("urn:officine:request:{id}"));
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let again = self.0.params.get("seconds").and_then(serde_json::Value::as_u64);
        let mut response = (status, Json(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(allow) = before.get(header::ALLOW) {
            headers.insert(header::ALLOW, allow.clone());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = again {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What was asked is not what can be asked.
pub(crate) fn malformed(why: &dyn std::fmt::Display) -> Problem {
    Problem::with(StatusCode::BAD_REQUEST, "request_malformed", params! { why: shortened(&why) })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.extensions_mut().insert(self);
        response
    }
}

/// A till takes a 500 for the fault of one operation and looks for it: the state of the hub itself is a 503.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (status, code) = match &error {
            StoreError::OtherHistory { known, found } => {
                let params = params! { known: known, found: found };
                return Self::with(StatusCode::CONFLICT, "hub_other_history", params);
            }
            StoreError::EpochYoung(seconds) => {
                return Self::with(StatusCode::SERVICE_UNAVAILABLE, "hub_busy", params! { seconds: seconds });
            }
            StoreError::HistoryRefused => (StatusCode::CONFLICT, "history_refused"),
            StoreError::Quarantined => (StatusCode::CONFLICT, "device_quarantined"),
            StoreError::CodeWrong => (StatusCode::FORBIDDEN, "enrolment_code_wrong"),
            StoreError::CodeUsed => (StatusCode::CONFLICT, "enrolment_code_used"),
            StoreError::Revoked => (StatusCode::UNAUTHORIZED, "device_revoked"),
            StoreError::Unknown(_) => (StatusCode::NOT_FOUND, "not_found"),
            StoreError::Busy(_) | StoreError::Contended(_) => (StatusCode::SERVICE_UNAVAILABLE, "hub_busy"),
            StoreError::Unwritable(_)
            | StoreError::Damaged(_)
            | StoreError::SchemaNewer { .. }
            | StoreError::Role { .. }
            | StoreError::TwoDatabases
            | StoreError::NotOwner { .. }
            | StoreError::HubRunning(_)
            | StoreError::NeedsOwner(_) => (StatusCode::SERVICE_UNAVAILABLE, "hub_unwritable"),
            StoreError::Refused(_) | StoreError::Failed(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        if status.is_server_error() {
            tracing::error!(%error, "storage failed");
        }
        Self::new(status, code)
    }
}
