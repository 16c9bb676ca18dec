//! Bearer tokens: looked up by hash on every request, so that a revocation counts at once.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
};

use super::{App, Problem};
use crate::{decide::Device, secrets::hash};

/// The device whose token came with the request.
pub struct Authenticated(pub Device);

impl FromRequestParts<App> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let unknown = || Problem::new(StatusCode::UNAUTHORIZED, "device_unknown");
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|header| header.strip_prefix("Bearer ")).ok_or_else(unknown)?;
        let bearer = app.store.bearer(hash(token.trim().as_bytes())).await?.ok_or_else(unknown)?;
        if bearer.revoked {
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "device_revoked"));
        }
        tracing::Span::current().record("device", tracing::field::display(bearer.device.uid));
        Ok(Self(bearer.device))
    }
}
