//! Errors as they leave: RFC 9457, with a code that the till's catalogue words.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use officine_protocol::{Params, messages::HubProblem, params};

use crate::StoreError;

pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

/// A problem on its way out.
#[derive(Clone, Debug)]
pub struct Problem(pub HubProblem);

impl Problem {
    /// A problem without parameters.
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self::with(status, code, params! {})
    }

    /// A problem that names something.
    pub fn with(status: StatusCode, code: &'static str, params: Params) -> Self {
        Self(HubProblem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            params,
        })
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.0)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A till takes a 500 for the fault of one operation and looks for it: the state of the hub itself is a 503.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (status, code) = match &error {
            StoreError::CodeWrong => (StatusCode::FORBIDDEN, "enrolment_code_wrong"),
            StoreError::CodeUsed => (StatusCode::CONFLICT, "enrolment_code_used"),
            StoreError::Revoked => (StatusCode::UNAUTHORIZED, "device_revoked"),
            StoreError::Unknown(_) => (StatusCode::NOT_FOUND, "not_found"),
            StoreError::Busy(_) | StoreError::Contended(_) => (StatusCode::SERVICE_UNAVAILABLE, "hub_busy"),
            StoreError::Unwritable(_)
            | StoreError::Damaged(_)
            | StoreError::SchemaNewer { .. }
            | StoreError::Role { .. }
            | StoreError::NeedsOwner(_) => (StatusCode::SERVICE_UNAVAILABLE, "hub_unwritable"),
            StoreError::Refused(_) | StoreError::Failed(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        if status.is_server_error() {
            tracing::error!(%error, "storage failed");
        }
        Self::new(status, code)
    }
}
