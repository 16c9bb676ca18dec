//! Who may ask, and what the owner lists.

use officine_protocol::Uid;
use serde::Serialize;

use crate::{decide::Device, secrets::Hash};

/// A till that asks to be known.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// Hash of the one-time code.
    pub code: Hash,
    /// Hash of the token it will have.
    pub token: Hash,
    /// Its name for ever, unless this incarnation is known already.
    pub device: Uid,
    /// How it is called.
    pub name: String,
    /// Its incarnation.
    pub incarnation: Uid,
    /// The device it was before.
    pub replaces: Option<Uid>,
    /// The hub's clock.
    pub now: i64,
}

/// A till that is known.
#[derive(Clone)]
pub struct Enrolled {
    /// The device.
    pub device: Device,
    /// Name of its pharmacy.
    pub pharmacy: String,
    /// The pharmacy's secret for PINs.
    pub pin_secret: Vec<u8>,
    /// The hub's epoch.
    pub epoch: i64,
}

/// A pharmacy to be created.
#[derive(Clone)]
pub struct NewPharmacy {
    /// Its name for ever.
    pub uid: Uid,
    /// How it is called.
    pub name: String,
    /// Its secret for PINs.
    pub pin_secret: Vec<u8>,
    /// The hub's clock.
    pub now: i64,
}

/// Whose token it is.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The device.
    pub device: Device,
    /// It was revoked.
    pub revoked: bool,
    /// Its file was seen to be a copy then: what it sends is kept and not applied.
    pub quarantined_at: Option<i64>,
    /// The highest device sequence heard from it.
    pub last_seq: i64,
}

/// A device as it is listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceLine {
    /// Its name for ever.
    pub uid: Uid,
    /// How it is called.
    pub name: String,
    /// Its ticket series.
    pub series: i64,
    /// Its pharmacy.
    pub pharmacy: Uid,
    /// Unix milliseconds.
    pub enrolled_at: i64,
    /// Unix milliseconds of its last push.
    pub last_seen: Option<i64>,
    /// Device sequence up to which it has stored its answers.
    pub acknowledged: i64,
    /// Unix milliseconds.
    pub revoked_at: Option<i64>,
    /// Unix milliseconds at which its file was seen to be a copy.
    pub quarantined_at: Option<i64>,
    /// The device that it follows.
    pub replaces: Option<Uid>,
    /// The device that follows it.
    pub replaced_by: Option<Uid>,
}

/// A lot as it is listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StockLine {
    /// Product.
    pub product: Uid,
    /// Its name.
    pub name: String,
    /// Its first code.
    pub code: Option<String>,
    /// Lot.
    pub batch: Uid,
    /// Its number.
    pub lot_number: String,
    /// `yyyymmdd`.
    pub expiry: Option<i64>,
    /// Base units.
    pub quantity: i64,
    /// A recount is open.
    pub recount_open: bool,
}

/// Which lots.
#[derive(Clone, Debug, Default)]
pub struct StockFilter {
    /// Of this pharmacy.
    pub pharmacy: Option<Uid>,
    /// Of this product.
    pub product: Option<Uid>,
    /// Of products with this code.
    pub code: Option<String>,
}

/// Where a pharmacy stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// Rows per entity.
    pub rows: Vec<(&'static str, i64)>,
}

/// Connections to a database server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoolUse {
    /// Working.
    pub busy: usize,
    /// Open and free.
    pub idle: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}
