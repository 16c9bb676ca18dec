//! A till that was enrolled once and whose hub has nothing to tell and takes nothing.

use std::sync::Arc;

use officine_protocol::{
    Uid,
    messages::{EnrolRequest, EnrolResponse, PullRequest, PullResponse, PushRequest, PushResponse, StatusResponse},
};
use officine_till::{
    Error, Result, Till,
    device::Device,
    sync::transport::{Traffic, Transport},
    views::EnrolArgs,
};

struct NoHub;

impl Transport for NoHub {
    fn enrol(&self, _: &str, _: &EnrolRequest) -> Result<EnrolResponse> {
        Ok(EnrolResponse {
            device: Uid::from_u128(1),
            token: "offline".to_owned(),
            pin_secret: "offline".to_owned(),
            series: 1,
            pharmacy: "Pharmacie sans réseau".to_owned(),
            epoch: 1,
            server_time: 0,
        })
    }
    fn push(&self, device: &Device, _: &PushRequest) -> Result<(PushResponse, Traffic)> {
        Err(silence(device))
    }
    /// There is nothing to read: a pharmacy without a history takes its first owner.
    fn pull(&self, _: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        let (rows, next) = (Vec::new(), request.cursor);
        let page =
            PullResponse { epoch: 1, server_time: 0, revision: 0, other_history: false, rows, next, has_more: false };
        Ok((page, Traffic::default()))
    }
    /// It says nothing of itself, as hubs did once.
    fn status(&self, _: &Device) -> Result<StatusResponse> {
        Err(Error::hub("not_found", Default::default()))
    }
}

fn silence(device: &Device) -> Error {
    Error::hub("hub_unreachable", officine_protocol::params! { hub: device.hub })
}

/// Enrols a till with a hub that has nothing to tell and takes nothing.
pub fn enrol(till: &Till) -> Result<()> {
    till.set_transport(Arc::new(NoHub));
    till.enrol(&EnrolArgs { hub: "http://127.0.0.1:1".into(), code: "X".into(), till: "Caisse".into() }).map(|_| ())
}
