//! Bearer tokens: looked up by hash on every request, so that a revocation counts at once.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use super::{App, Problem};
use crate::{StoreError, decide::Device, store::Bearer};

/// The device whose token came with the request, within its rate: neither revoked nor in quarantine.
pub struct Authenticated(pub Device);

/// A device whose request is kept at least: revoked and in quarantine as well.
pub struct Delivering(pub Device);

/// A device that asks how it stands: in quarantine as well.
pub struct Known(pub Bearer);

impl FromRequestParts<App> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let bearer = bearer(parts, app).await?;
        good(&bearer)?;
        Ok(Self(bearer.device))
    }
}

impl FromRequestParts<App> for Delivering {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        bearer(parts, app).await.map(|bearer| Self(bearer.device))
    }
}

impl FromRequestParts<App> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let bearer = bearer(parts, app).await?;
        good(&Bearer { quarantined_at: None, ..bearer.clone() })?;
        Ok(Self(bearer))
    }
}

async fn bearer(parts: &Parts, app: &App) -> Result<Bearer, Problem> {
    let unknown = || match app.rates.stranger(address(parts)) {
        Ok(()) => Problem::new(StatusCode::UNAUTHORIZED, "device_unknown"),
        Err(problem) => problem,
    };
    let token = token(&parts.headers).ok_or_else(unknown)?;
    let bearer = app.bearers.bearer(&*app.store, token).await?.ok_or_else(unknown)?;
    app.rates.device(bearer.device.uid)?;
    tracing::Span::current().record("device", tracing::field::display(bearer.device.uid));
    if !bearer.revoked {
        app.seen.note(bearer.device.uid, app.clock.now());
    }
    Ok(bearer)
}

fn good(bearer: &Bearer) -> Result<(), Problem> {
    match bearer {
        Bearer { revoked: true, .. } => Err(StoreError::Revoked.into()),
        Bearer { quarantined_at: Some(_), .. } => Err(StoreError::Quarantined.into()),
        _ => Ok(()),
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())?;
    header.strip_prefix("Bearer ").map(str::trim)
}

/// Whether a token that was good when its request came still is: the answer may have waited since.
pub(crate) async fn still_good(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let unknown = || Problem::new(StatusCode::UNAUTHORIZED, "device_unknown");
    let token = token(headers).ok_or_else(unknown)?;
    good(&app.bearers.bearer(&*app.store, token).await?.ok_or_else(unknown)?)
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
