//! HTTP: extract, call, respond. Every error, whoever raised it, leaves as a problem with a code (RFC 9457).

mod auth;
mod body;
mod enrol;
mod layers;
mod problem;
mod pull;
mod push;
mod status;
mod throttle;

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, extract::DefaultBodyLimit, http::StatusCode, middleware, routing::get};
use officine_protocol::{
    clock::{Clock, Entropy},
    limits::PUSH_BYTES,
};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, decompression::RequestDecompressionLayer,
    timeout::TimeoutLayer,
};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::{problem::Problem, throttle::Throttle};
use crate::{
    store::Store,
    system::{SystemClock, SystemEntropy},
};

/// The oldest wire this hub still speaks.
pub const OLDEST_PROTOCOL: u32 = 1;
/// A request that takes longer is given up: a push of the largest size over 2G fits.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// What every handler shares. A cheap handle.
#[derive(Clone)]
pub struct App {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// Slows down whoever guesses enrolment codes.
    pub throttle: Arc<Throttle>,
}

impl App {
    /// With the machine's own clock and randomness.
    pub fn new(store: Arc<dyn Store>) -> Self {
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        Self { store, clock, entropy, throttle: Arc::default() }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Officine hub", description = "What pharmacy tills push to and pull from. Wire v1."),
    components(schemas(officine_protocol::messages::Operation, officine_protocol::messages::HubProblem)),
    modifiers(&Bearer)
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(enrol::enrol))
        .routes(routes!(push::push))
        .routes(routes!(pull::pull))
        .routes(routes!(status::status))
        .routes(routes!(status::health))
}

/// The document that describes the interface.
pub fn document() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

/// The hub as a service.
pub fn router(app: App) -> Router {
    let (routes, document) = routes().split_for_parts();
    routes
        .route("/openapi.json", get(move || async move { Json(document) }))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not_found") })
        .layer(DefaultBodyLimit::max(PUSH_BYTES))
        .layer(RequestDecompressionLayer::new())
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        .layer(CatchPanicLayer::new())
        .layer(middleware::map_response(layers::as_problem))
        .layer(middleware::from_fn_with_state(app.clone(), layers::observe))
        .with_state(app)
}
