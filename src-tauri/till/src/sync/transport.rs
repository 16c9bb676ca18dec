//! The way to the hub: HTTP, compressed both ways, bounded in time and size. Behind a trait, so that tests may cut it.

use std::{
    fs,
    io::{Read, Write},
    path::Path,
    time::Duration,
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use officine_protocol::{
    limits::{HASHED_ROWS, SCHEMA},
    messages::{
        CheckRequest, CheckResponse, DigestResponse, DigestRowsResponse, EnrolRequest, EnrolResponse, HistoryRequest,
        HistoryResponse, HubProblem, LogRequest, LogResponse, OfferRequest, OfferResponse, PullRequest, PullResponse,
        PushRequest, PushResponse, RowsRequest, RowsResponse, StatusResponse, WalkRequest, WalkResponse,
    },
    params,
};
use serde::{Serialize, de::DeserializeOwned};
use ureq::{
    config::AutoHeaderValue,
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::{
    device::Device,
    error::{Error, Result},
    refuse,
};

/// Bytes on the wire, bodies only.
#[derive(Clone, Copy, Default, Debug)]
pub struct Traffic {
    /// Up.
    pub up: i64,
    /// Down.
    pub down: i64,
}

/// What is digested: a book as one of that schema knows it, in so many buckets of uids; of one entity, of one bucket of
/// fewer, where those are named.
#[derive(Clone, Copy, Debug)]
pub struct Narrowed<'a> {
    /// Version of the till's tables.
    pub schema: u32,
    /// How fine.
    pub buckets: u32,
    /// Only this entity.
    pub entity: Option<&'a str>,
    /// Only uids of this bucket (the second) of so many (the first), which divide `buckets`.
    pub within: Option<(u32, u32)>,
    /// Of rows that the hub has read since so many seconds at the longest; whenever that was, where it is not said.
    pub max_age: Option<i64>,
    /// Rows that the hub hashes for one answer, at most; where it must hash more, it is asked again.
    pub portion: i64,
}

impl Narrowed<'_> {
    /// Everything, in one bucket.
    pub const fn whole(max_age: Option<i64>) -> Self {
        Self { schema: SCHEMA, buckets: 1, entity: None, within: None, max_age, portion: HASHED_ROWS }
    }

    /// As the query of a request.
    pub fn query(&self) -> String {
        let mut query = format!("schema={}&buckets={}&portion={}", self.schema, self.buckets, self.portion);
        if let Some(entity) = self.entity {
            query.push_str(&format!("&entity={entity}"));
        }
        if let Some((of, bucket)) = self.within {
            query.push_str(&format!("&of={of}&bucket={bucket}"));
        }
        if let Some(max_age) = self.max_age {
            query.push_str(&format!("&maxAge={max_age}"));
        }
        query
    }
}

/// What a till asks of a hub.
pub trait Transport: Send + Sync {
    /// Enrols with a one-time code.
    fn enrol(&self, hub: &str, request: &EnrolRequest) -> Result<EnrolResponse>;
    /// Sends operations.
    fn push(&self, device: &Device, request: &PushRequest) -> Result<(PushResponse, Traffic)>;
    /// Asks for rows.
    fn pull(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)>;
    /// The same, the answer held until there are any, or the time that the request names is over.
    fn hold(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        self.pull(device, request)
    }
    /// Asks for a page of everything. A hub without walks is pulled from instead.
    fn walk(&self, _: &Device, _: &WalkRequest) -> Result<(WalkResponse, Traffic)> {
        Err(Error::hub("not_found", params!()))
    }
    /// Asks how the hub is.
    fn status(&self, device: &Device) -> Result<StatusResponse>;
    /// Asks what the hub holds, as a book of that schema knows it.
    fn digest(&self, device: &Device, _: &Narrowed<'_>) -> Result<(DigestResponse, Traffic)> {
        Err(Error::hub("hub_unreachable", params! { hub: device.hub }))
    }
    /// Asks for the rows of one bucket of an entity, each in a few bytes.
    fn digest_rows(&self, device: &Device, _: &Narrowed<'_>) -> Result<(DigestRowsResponse, Traffic)> {
        Err(Error::hub("hub_unreachable", params! { hub: device.hub }))
    }
    /// Asks for rows by name.
    fn rows(&self, device: &Device, _: &RowsRequest) -> Result<(RowsResponse, Traffic)> {
        Err(Error::hub("hub_unreachable", params! { hub: device.hub }))
    }
    /// Gives rows back.
    fn offer(&self, device: &Device, _: &OfferRequest) -> Result<(OfferResponse, Traffic)> {
        Err(Error::hub("hub_unreachable", params! { hub: device.hub }))
    }
    /// Asks where two histories part.
    fn history(&self, device: &Device, _: &HistoryRequest) -> Result<HistoryResponse> {
        Err(Error::hub("hub_unreachable", params! { hub: device.hub }))
    }
    /// Has the hub check its own books.
    fn check(&self, device: &Device, _: &CheckRequest) -> Result<(CheckResponse, Traffic)> {
        Err(Error::hub("hub_unreachable", params! { hub: device.hub }))
    }
    /// Asks for lines of its log of changes.
    fn log(&self, device: &Device, _: &LogRequest) -> Result<LogResponse> {
        Err(Error::hub("hub_unreachable", params! { hub: device.hub }))
    }
}

const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(60);
/// Somebody looks on.
const LOOKED_UP: Duration = Duration::from_secs(10);
/// Beyond the time that a pull is held.
const HELD_ANSWER: Duration = Duration::from_secs(10);
const ANSWER_BYTES: u64 = 64 << 20;
/// Smaller bodies are not worth compressing.
const COMPRESS_FROM: usize = 200;

/// Real HTTP.
pub struct HttpTransport {
    agent: ureq::Agent,
}

impl Default for HttpTransport {
    fn default() -> Self {
        Self::with(TlsConfig::default())
    }
}

/// Certificates, PEM, of the authority that signed the hub's: beside the till's data, where a pharmacy has its own.
const AUTHORITY: &str = "hub-ca.pem";

/// The authorities in a file. One that cannot be read trusts nobody: it was meant.
fn authorities(file: &Path) -> Option<RootCerts> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::error!(file = %file.display(), %error, "no hub is trusted");
            Vec::new()
        }
    };
    let items = parse_pem(&text).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    Some(RootCerts::from(items.collect::<Vec<_>>()))
}

/// Refuses an address over which secrets would travel in the clear.
pub fn check_address(hub: &str) -> Result<String> {
    let hub = hub.trim().trim_end_matches('/').to_owned();
    let uri: ureq::http::Uri = match hub.parse() {
        Ok(uri) => uri,
        Err(_) => return refuse!("hub_unreachable", hub: hub),
    };
    let loopback = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match uri.scheme_str() {
        Some("https") => Ok(hub),
        Some("http") if loopback => Ok(hub),
        Some("http") => refuse!("hub_insecure", hub: hub),
        _ => refuse!("hub_unreachable", hub: hub),
    }
}

impl HttpTransport {
    /// Trusts what browsers trust, or the authority in `hub-ca.pem` in this folder and no other.
    pub fn trusting(dir: &Path) -> Self {
        let trusted = authorities(&dir.join(AUTHORITY));
        Self::with(trusted.map_or_else(TlsConfig::default, |roots| TlsConfig::builder().root_certs(roots).build()))
    }

    fn with(tls: TlsConfig) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(AutoHeaderValue::None)
            .accept(AutoHeaderValue::None)
            .tls_config(tls)
            .build();
        Self { agent: config.into() }
    }

    fn post<Q: Serialize, A: DeserializeOwned>(
        &self,
        hub: &str,
        path: &str,
        token: Option<&str>,
        body: &Q,
    ) -> Result<(A, Traffic)> {
        self.post_within(ANSWER, hub, path, token, body)
    }

    fn post_within<Q: Serialize, A: DeserializeOwned>(
        &self,
        time: Duration,
        hub: &str,
        path: &str,
        token: Option<&str>,
        body: &Q,
    ) -> Result<(A, Traffic)> {
        let plain = serde_json::to_vec(body)?;
        let compress = plain.len() >= COMPRESS_FROM;
        let body = if compress { gzip(&plain)? } else { plain };
        let mut request = self.agent.post(format!("{hub}{path}")).content_type("application/json");
        request = request.header("Accept-Encoding", "gzip");
        if compress {
            request = request.header("Content-Encoding", "gzip");
        }
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let request = request.config().timeout_global(Some(time)).build();
        let up = body.len() as i64;
        let response = request.send(&body[..]).map_err(|error| unreachable(hub, &error))?;
        let (answer, down) = read(hub, response)?;
        tracing::trace!(path, up, down, "asked the hub");
        Ok((answer, Traffic { up, down }))
    }

    fn get<A: DeserializeOwned>(&self, device: &Device, path: &str) -> Result<A> {
        self.get_counted(device, path).map(|(answer, _)| answer)
    }

    fn get_counted<A: DeserializeOwned>(&self, device: &Device, path: &str) -> Result<(A, Traffic)> {
        let request = self.agent.get(format!("{}{path}", device.hub));
        let request =
            request.header("Accept-Encoding", "gzip").header("Authorization", format!("Bearer {}", device.token));
        let response = request.call().map_err(|error| unreachable(&device.hub, &error))?;
        let (answer, down) = read(&device.hub, response)?;
        Ok((answer, Traffic { up: path.len() as i64, down }))
    }
}

impl Transport for HttpTransport {
    fn enrol(&self, hub: &str, request: &EnrolRequest) -> Result<EnrolResponse> {
        self.post(hub, "/v1/enrol", None, request).map(|(answer, _)| answer)
    }

    fn push(&self, device: &Device, request: &PushRequest) -> Result<(PushResponse, Traffic)> {
        self.post(&device.hub, "/v1/push", Some(&device.token), request)
    }

    fn pull(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        self.post(&device.hub, "/v1/pull", Some(&device.token), request)
    }

    fn hold(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        let time = Duration::from_millis(request.wait_ms.into()) + HELD_ANSWER;
        self.post_within(time, &device.hub, "/v1/pull", Some(&device.token), request)
    }

    fn walk(&self, device: &Device, request: &WalkRequest) -> Result<(WalkResponse, Traffic)> {
        self.post(&device.hub, "/v1/walk", Some(&device.token), request)
    }

    fn status(&self, device: &Device) -> Result<StatusResponse> {
        self.get(device, "/v1/status")
    }

    fn digest(&self, device: &Device, wanted: &Narrowed<'_>) -> Result<(DigestResponse, Traffic)> {
        self.get_counted(device, &format!("/v1/digest?{}", wanted.query()))
    }

    fn digest_rows(&self, device: &Device, wanted: &Narrowed<'_>) -> Result<(DigestRowsResponse, Traffic)> {
        self.get_counted(device, &format!("/v1/digest/rows?{}", wanted.query()))
    }

    fn rows(&self, device: &Device, request: &RowsRequest) -> Result<(RowsResponse, Traffic)> {
        self.post(&device.hub, "/v1/rows", Some(&device.token), request)
    }

    fn offer(&self, device: &Device, request: &OfferRequest) -> Result<(OfferResponse, Traffic)> {
        self.post(&device.hub, "/v1/offer", Some(&device.token), request)
    }

    fn history(&self, device: &Device, request: &HistoryRequest) -> Result<HistoryResponse> {
        self.post(&device.hub, "/v1/history", Some(&device.token), request).map(|(answer, _)| answer)
    }

    fn check(&self, device: &Device, request: &CheckRequest) -> Result<(CheckResponse, Traffic)> {
        self.post(&device.hub, "/v1/check", Some(&device.token), request)
    }

    fn log(&self, device: &Device, request: &LogRequest) -> Result<LogResponse> {
        self.post_within(LOOKED_UP, &device.hub, "/v1/log", Some(&device.token), request).map(|(answer, _)| answer)
    }
}

fn gzip(plain: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

fn read<A: DeserializeOwned>(hub: &str, mut response: ureq::http::Response<ureq::Body>) -> Result<(A, i64)> {
    let status = response.status().as_u16();
    let again = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let zipped = response.headers().get("content-encoding").is_some_and(|encoding| encoding == "gzip");
    let raw = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec();
    let raw = raw.map_err(|error| unreachable(hub, &error))?;
    let down = raw.len() as i64;
    let body = if zipped { gunzip(&raw).ok_or_else(|| stranger(hub))? } else { raw };
    if (200..300).contains(&status) {
        return Ok((serde_json::from_slice(&body).map_err(|_| stranger(hub))?, down));
    }
    let (code, mut params) = match serde_json::from_slice::<HubProblem>(&body) {
        Ok(problem) => (problem.code, problem.params),
        Err(_) if status >= 500 => ("hub_refused".to_owned(), params! { hub: hub, detail: "" }),
        Err(_) => return Err(stranger(hub)),
    };
    params.insert("status".to_owned(), status.into());
    if let Some(seconds) = again {
        params.entry("seconds".to_owned()).or_insert(seconds.into());
    }
    Err(Error::Hub { code, params })
}

fn gunzip(raw: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    GzDecoder::new(raw).take(ANSWER_BYTES).read_to_end(&mut body).ok()?;
    Some(body)
}

fn unreachable(hub: &str, error: &ureq::Error) -> Error {
    tracing::debug!(%error, "the hub does not answer");
    Error::hub("hub_unreachable", params! { hub: hub })
}

/// Something answers there, but it is no hub: a captive portal, another server.
fn stranger(hub: &str) -> Error {
    Error::hub("hub_not_officine", params! { hub: hub })
}

#[cfg(test)]
mod tests {
    use super::check_address;

    #[test]
    fn secrets_travel_in_the_clear_on_loopback_only() {
        assert_eq!(check_address(" http://127.0.0.1:8710/ ").unwrap(), "http://127.0.0.1:8710");
        assert!(check_address("https://hub.example").is_ok());
        assert_eq!(check_address("http://192.168.1.10:8710").unwrap_err().code(), "hub_insecure");
        for nonsense in ["", "ftp://x", "hub", "http://"] {
            assert_eq!(check_address(nonsense).unwrap_err().code(), "hub_unreachable", "{nonsense}");
        }
    }
}
