//! What surrounds every request: an id, one log line without secrets, and errors of the layers worded as problems.

use std::time::Instant;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use officine_protocol::value::hex;
use tracing::Instrument;

use super::{App, Problem, problem::CONTENT_TYPE};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request and logs its outcome. A request that failed may not have been read to its end: its connection is
/// not offered again.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = request_id(&app, &request);
    let (method, path) = (request.method().clone(), request.uri().path().chars().take(128).collect::<String>());
    let span = tracing::info_span!("request", id, device = tracing::field::Empty);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, millis) = (response.status().as_u16(), started.elapsed().as_millis() as u64);
    span.in_scope(|| tracing::info!(%method, path, status, millis, "answered"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if status >= 400 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The caller's id if it is a plain short word, else one of our own.
fn request_id(app: &App, request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let plain =
        |id: &&str| (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    given.filter(plain).map_or_else(
        || {
            let mut bytes = [0; 8];
            app.entropy.fill(&mut bytes);
            hex(&bytes)
        },
        str::to_owned,
    )
}

/// An error that is not yet a problem becomes one.
pub(crate) async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !(status.is_client_error() || status.is_server_error())
        || kind.is_some_and(|kind| kind.as_bytes() == CONTENT_TYPE.as_bytes())
    {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "content_type",
        _ if status.is_server_error() => "internal",
        _ => "request_malformed",
    };
    let mut problem = Problem::new(status, code).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}
