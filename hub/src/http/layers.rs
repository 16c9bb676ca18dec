//! What surrounds every request: an id, a place among those worked on, one log line without secrets, what is counted,
//! and errors in one shape whoever raised them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::Limited;
use officine_protocol::{limits::PUSH_BYTES, params, value::hex};
use tracing::Instrument;

use super::{
    App, Problem,
    live::{Place, Waited},
    rest::Rest,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, lets it in, and tells its outcome. Its name is answered to whoever gave one, and with a problem.
/// `Vary` is for caches, and none keeps the answer to a POST. A request that failed may not have been read to its end: its
/// connection is not offered again, and closed once the rest has come.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let (id, asked) = (request_id(&app, &request), request.headers().contains_key(REQUEST_ID));
    let (method, path) = (request.method().clone(), request.uri().path().chars().take(128).collect::<String>());
    let route = request.extensions().get::<MatchedPath>().map_or("none", |matched| known(matched.as_str()));
    let span = tracing::info_span!("request", id, device = tracing::field::Empty);
    let started = Instant::now();
    let (request, rest) = Rest::of(request);
    let mut response = admit(&app, route, request, next).instrument(span.clone()).await;
    if let Some(problem) = Problem::of(&response) {
        response = problem.write(&id, response.headers());
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        if let Some(rest) = rest.filter(|_| response.status() != StatusCode::REQUEST_TIMEOUT) {
            rest.drop_within(app.patience);
        }
    }
    let waited = response.extensions().get::<Waited>().map_or(Duration::ZERO, |waited| waited.0);
    let (status, elapsed) = (response.status().as_u16(), started.elapsed().saturating_sub(waited));
    span.in_scope(|| tracing::info!(%method, path, status, millis = elapsed.as_millis() as u64, "answered"));
    let labels = [("route", route.to_owned()), ("method", verb(&method)), ("status", status.to_string())];
    metrics::counter!("officine_hub_requests_total", &labels).increment(1);
    metrics::histogram!("officine_hub_request_seconds", "route" => route).record(elapsed.as_secs_f64());
    if let (true, Ok(id)) = (asked || !response.status().is_success(), HeaderValue::from_str(&id)) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    if method == Method::POST {
        response.headers_mut().remove(header::VARY);
    }
    response
}

/// Works on a request if there is room. Whether the hub is well is answered all the same. A body is waited for with a
/// place in hand: those who send one without a token have places of their own.
async fn admit(app: &App, route: &'static str, mut request: Request, next: Next) -> Response {
    let places = if route == "/v1/enrol" { &app.doorstep } else { &app.places };
    let place = Arc::clone(places).try_acquire_owned();
    if place.is_err() && !matches!(route, "/healthz" | "/readyz") {
        return Problem::with(StatusCode::SERVICE_UNAVAILABLE, "hub_busy", params! { seconds: 1 }).into_response();
    }
    let place = Place::of(place.ok());
    request.extensions_mut().insert(place.clone());
    let answer = next.run(request).await;
    drop(place);
    answer
}

/// Bounds a body as it comes in, before it is decompressed. What has no end is given up in the middle; what is only too
/// large is found so by whoever reads it, and told.
pub(crate) async fn bound(request: Request) -> Request {
    const MORE: usize = 64 << 10;
    request.map(|body| Body::new(Limited::new(body, PUSH_BYTES + MORE)))
}

/// Templates of routes are few and fixed; what else was asked for is nobody's label.
fn known(route: &str) -> &'static str {
    const ROUTES: [&str; 8] =
        ["/v1/push", "/v1/pull", "/v1/walk", "/v1/status", "/v1/enrol", "/healthz", "/readyz", "/openapi.json"];
    ROUTES.into_iter().find(|known| *known == route).unwrap_or("other")
}

fn verb(method: &Method) -> String {
    let known = [Method::GET, Method::POST, Method::HEAD].contains(method);
    if known { method.to_string() } else { "other".to_owned() }
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
