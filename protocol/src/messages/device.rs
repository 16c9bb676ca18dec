//! Enrolment, the state of the hub, its problems.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Params;

/// `POST /v1/enrol`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnrolRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// The one-time code.
    pub code: String,
    /// How the till is called.
    pub name: String,
    /// The till's incarnation.
    pub incarnation: Uuid,
    /// The device it was before: its file was restored or copied, and it begins anew under another name and series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Uuid>,
}

/// What an enrolled till needs to know. The token and the secret are shown once and kept outside the database.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnrolResponse {
    /// Identity of the device.
    pub device: Uuid,
    /// Its bearer token.
    pub token: String,
    /// The pharmacy's secret for PINs, base64.
    pub pin_secret: String,
    /// Its ticket series.
    pub series: i64,
    /// Name of the pharmacy.
    pub pharmacy: String,
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
}

/// `GET /v1/status`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StatusResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The oldest wire the hub still speaks.
    pub oldest_protocol: u32,
    /// The newest.
    pub protocol: u32,
    /// The hub's version; empty from a hub that does not say.
    #[serde(default)]
    pub version: String,
    /// The version of its tables; 0 from a hub that does not say.
    #[serde(default)]
    pub schema: u32,
    /// Rows per entity.
    pub rows: BTreeMap<String, i64>,
    /// As [`PushResponse::last_seq`](super::PushResponse::last_seq).
    #[serde(default)]
    pub last_seq: i64,
    /// The till was quarantined then: what it sends is kept and not applied until it enrols anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantined_at: Option<i64>,
}

/// An error of the hub, RFC 9457 (`application/problem+json`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HubProblem {
    /// `about:blank`, or a reference to the documentation.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// In English, for people who read logs.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Worded by the till's catalogue.
    pub code: String,
    /// What the message names.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub params: Params,
    /// The request it is about, as the hub's log names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}
