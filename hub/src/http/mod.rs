//! HTTP: extract, call, respond. Every error, whoever raised it, leaves as a problem with a code (RFC 9457).

mod auth;
mod bearers;
mod body;
mod check;
mod digest;
mod document;
mod enrol;
mod entities;
mod history;
mod layers;
mod live;
mod log;
mod offer;
mod problem;
mod pull;
mod push;
mod rates;
mod rest;
mod rows;
mod status;
mod throttle;
mod walk;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::{Json, Router, extract::DefaultBodyLimit, http::StatusCode, middleware, routing::get};
use officine_protocol::{
    clock::{Clock, Entropy},
    limits::PUSH_BYTES,
};
use tokio::sync::Semaphore;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, decompression::RequestDecompressionLayer,
    timeout::TimeoutLayer,
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

pub(crate) use self::rates::network;
use self::{bearers::Bearers, live::Held, status::Readiness};
pub use self::{document::document, problem::Problem, rates::Rates, throttle::Throttle};
use crate::{
    metering::Seen,
    settings::Settings,
    store::Store,
    system::{SystemClock, SystemEntropy},
};

/// The oldest wire this hub still speaks.
pub const OLDEST_PROTOCOL: u32 = 1;

/// For so many requests of tills, one of somebody who is not known yet.
const STRANGERS: usize = 8;

/// What every handler shares. A cheap handle.
#[derive(Clone)]
pub struct App {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// How fast who may ask.
    pub rates: Arc<Rates>,
    /// Devices heard of late.
    pub seen: Arc<Seen>,
    /// The hub was told to stop.
    pub leaving: Arc<AtomicBool>,
    pub(crate) places: Arc<Semaphore>,
    /// Places for those who are not known yet: they hold up one another, and no till.
    pub(crate) doorstep: Arc<Semaphore>,
    pub(crate) held: Arc<Held>,
    pub(crate) bearers: Arc<Bearers>,
    pub(crate) readiness: Arc<Readiness>,
    most: usize,
    pub(crate) patience: Duration,
}

impl App {
    /// With the machine's own clock and randomness, and every setting's default.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with(store, &Settings::default())
    }

    /// With the machine's own clock and randomness.
    pub fn with(store: Arc<dyn Store>, settings: &Settings) -> Self {
        let most = settings.max_requests.get() as usize;
        Self {
            store,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            rates: Arc::new(settings.into()),
            seen: Arc::default(),
            leaving: Arc::default(),
            places: Arc::new(Semaphore::new(most)),
            doorstep: Arc::new(Semaphore::new(most.div_ceil(STRANGERS))),
            held: Arc::new(Held::at_most(settings.max_held.get() as usize)),
            bearers: Arc::default(),
            readiness: Arc::default(),
            most: most + most.div_ceil(STRANGERS),
            patience: Duration::from_secs(settings.request_timeout.get().into()),
        }
    }

    /// Pulls held until there is something new.
    pub fn held(&self) -> usize {
        self.held.count()
    }

    /// Requests being worked on.
    pub fn under_way(&self) -> usize {
        self.most - self.places.available_permits() - self.doorstep.available_permits()
    }
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(document::base())
        .routes(routes!(enrol::enrol).layer(DefaultBodyLimit::max(body::ENROL_BYTES)))
        .routes(routes!(push::push))
        .routes(routes!(pull::pull))
        .routes(routes!(digest::digest))
        .routes(routes!(digest::rows))
        .routes(routes!(rows::rows))
        .routes(routes!(offer::offer))
        .routes(routes!(check::check))
        .routes(routes!(walk::walk))
        .routes(routes!(log::log))
        .routes(routes!(history::history))
        .routes(routes!(status::status))
        .routes(routes!(status::alive))
        .routes(routes!(status::ready))
}

/// The hub as a service.
pub fn router(app: App) -> Router {
    let document = document();
    Router::from(routes())
        .route("/openapi.json", get(move || async move { Json(document) }))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "not_found") })
        .layer(DefaultBodyLimit::max(PUSH_BYTES))
        .layer(RequestDecompressionLayer::new())
        .layer(middleware::map_request(layers::bound))
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, app.patience))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), layers::observe))
        .with_state(app)
}
