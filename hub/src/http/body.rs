//! Bodies: JSON of a wire version that is understood, or a problem that says what is.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use officine_protocol::{
    limits::{PROTOCOL, PUSH_BYTES, SCHEMA},
    messages::{
        CheckRequest, EnrolRequest, HistoryRequest, LogRequest, OfferRequest, PullRequest, PushRequest, RowsRequest,
        WalkRequest,
    },
    params,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{App, OLDEST_PROTOCOL, Problem};
use crate::operation::shortened;

/// Bytes of an enrolment: whoever sends it is not known yet.
pub(crate) const ENROL_BYTES: usize = 16 << 10;

/// The versions a request was written with.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Versions {
    protocol: u32,
    #[serde(default)]
    schema: u32,
}

/// A request that says its versions.
pub trait Versioned {
    /// Bytes of the largest body, once decompressed.
    const BYTES: usize = PUSH_BYTES;
    /// How long the body is waited for, within the time a request may take at all.
    const PATIENCE: Duration = Duration::MAX;
    /// Its versions.
    fn versions(&self) -> Versions;
}

impl Versioned for PushRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: self.schema }
    }
}

impl Versioned for PullRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: self.schema }
    }
}

impl Versioned for WalkRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: self.schema }
    }
}

impl Versioned for HistoryRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: self.schema }
    }
}

impl Versioned for RowsRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: self.schema }
    }
}

impl Versioned for OfferRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: self.schema }
    }
}

impl Versioned for CheckRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: self.schema }
    }
}

/// What it asks is of every version.
impl Versioned for LogRequest {
    fn versions(&self) -> Versions {
        Versions { protocol: PROTOCOL, schema: 0 }
    }
}

impl Versioned for EnrolRequest {
    const BYTES: usize = ENROL_BYTES;
    const PATIENCE: Duration = Duration::from_secs(20);

    fn versions(&self) -> Versions {
        Versions { protocol: self.protocol, schema: 0 }
    }
}

/// A body that was understood.
pub struct Wire<T>(pub T);

impl<T: DeserializeOwned + Versioned> FromRequest<App> for Wire<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
        if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type"));
        }
        let read = tokio::time::timeout(T::PATIENCE, Bytes::from_request(request, app)).await;
        let read = read.map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout"))?;
        let bytes = read.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::with(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", params! { limit: T::BYTES })
            }
            _ => Problem::new(StatusCode::BAD_REQUEST, "body_unreadable"),
        })?;
        parse(&bytes).map(Self)
    }
}

fn parse<T: DeserializeOwned + Versioned>(bytes: &[u8]) -> Result<T, Problem> {
    match serde_json::from_slice::<T>(bytes) {
        Ok(request) => understood(request.versions()).map(|()| request),
        Err(why) => {
            if let Ok(versions) = serde_json::from_slice::<Versions>(bytes) {
                understood(versions)?;
            }
            Err(Problem::with(StatusCode::BAD_REQUEST, "request_malformed", params! { why: shortened(&why) }))
        }
    }
}

fn understood(versions: Versions) -> Result<(), Problem> {
    let Versions { protocol, schema } = versions;
    let code = match protocol {
        _ if protocol > PROTOCOL || schema > SCHEMA => "hub_too_old",
        _ if protocol < OLDEST_PROTOCOL => "till_too_old",
        _ => return Ok(()),
    };
    let params = params! { oldest: OLDEST_PROTOCOL, newest: PROTOCOL, schema: SCHEMA };
    Err(Problem::with(StatusCode::UPGRADE_REQUIRED, code, params))
}
