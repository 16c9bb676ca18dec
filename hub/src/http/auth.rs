//! Bearer tokens: looked up by hash on every request, so that a revocation counts at once.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use super::{App, Problem};
use crate::decide::Device;

/// The device whose token came with the request, within its rate.
pub struct Authenticated(pub Device);

impl FromRequestParts<App> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let unknown = || match app.rates.stranger(address(parts)) {
            Ok(()) => Problem::new(StatusCode::UNAUTHORIZED, "device_unknown"),
            Err(problem) => problem,
        };
        let token = token(&parts.headers).ok_or_else(unknown)?;
        let bearer = app.bearers.bearer(&*app.store, token).await?.ok_or_else(unknown)?;
        let device = bearer.device;
        app.rates.device(device.uid)?;
        if bearer.revoked {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "device_revoked"));
        }
        tracing::Span::current().record("device", tracing::field::display(device.uid));
        app.seen.note(device.uid, app.clock.now());
        Ok(Self(device))
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())?;
    header.strip_prefix("Bearer ").map(str::trim)
}

/// Whether a token that was good when its request came still is: the answer may have waited since.
pub(crate) async fn still_good(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |code| Problem::new(StatusCode::UNAUTHORIZED, code);
    let token = token(headers).ok_or_else(|| refused("device_unknown"))?;
    match app.bearers.bearer(&*app.store, token).await? {
        Some(bearer) if bearer.revoked => Err(refused("device_revoked")),
        Some(_) => Ok(()),
        None => Err(refused("device_unknown")),
    }
}

/// Somebody without a token, within the rate of their address.
pub struct Stranger;

impl FromRequestParts<App> for Stranger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        app.rates.stranger(address(parts)).map(|()| Self)
    }
}

fn address(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}
