//! What the hub has of each till: how far it was answered, whether it was copied, the names it got.

use std::collections::{BTreeMap, HashMap};

use officine_protocol::{
    Uid,
    clock::Clock,
    limits::{PROTOCOL, SCHEMA},
    messages::{
        CHECKED, CheckPlace, CheckRequest, CheckResponse, EnrolRequest, EnrolResponse, Finding, Missing, PushRequest,
        RowsRequest, RowsResponse, StatusResponse,
    },
    params,
};
use officine_till::{Error, Result, device::Device};

use super::FakeHub;
use crate::support::SECRET;

/// The tills as the hub knows them.
#[derive(Default)]
pub struct Tills {
    /// The highest sequence answered, by device.
    answered: HashMap<Uid, i64>,
    /// Since when each is quarantined.
    quarantined: HashMap<Uid, i64>,
    /// The number of the device of each incarnation, in the order of enrolment.
    devices: Vec<Uid>,
    /// What was asked at each enrolment.
    enrolments: Vec<EnrolRequest>,
    /// The next enrolments are done, their answers never arrive.
    lost: u32,
    /// It does not say how it is.
    silent: bool,
}

impl FakeHub {
    /// Another machine sells under this till's name.
    pub fn quarantine(&self, device: Uid) {
        let now = self.clock.now();
        self.state().tills.quarantined.insert(device, now);
    }

    /// It does not say how it is any more.
    pub fn fall_silent(&self) {
        self.state().tills.silent = true;
    }

    /// It answers again.
    pub fn speak(&self) {
        self.state().tills.silent = false;
    }

    /// It was restored: it has answered nobody.
    pub fn forget_tills(&self) {
        self.state().tills.answered.clear();
    }

    /// The answers to the next enrolments are lost.
    pub fn lose_enrolments(&self, count: u32) {
        self.state().tills.lost = count;
    }

    /// What was asked at each enrolment.
    pub fn enrolments(&self) -> Vec<EnrolRequest> {
        self.state().tills.enrolments.clone()
    }

    pub(super) fn enrolled(&self, request: &EnrolRequest) -> Result<EnrolResponse> {
        let mut state = self.state();
        let known = state.tills.devices.iter().position(|incarnation| *incarnation == request.incarnation);
        let place = known.unwrap_or(state.tills.devices.len());
        if known.is_none() {
            state.tills.devices.push(request.incarnation);
        }
        state.tills.enrolments.push(request.clone());
        if state.tills.lost > 0 {
            state.tills.lost -= 1;
            return Err(super::unreachable());
        }
        Ok(EnrolResponse {
            device: Uid::from_u128(2 + place as u128),
            token: format!("token {place}"),
            pin_secret: SECRET.into(),
            series: 2 + place as i64,
            pharmacy: "Pharmacie d'essai".into(),
            epoch: state.epoch,
            server_time: self.clock.now(),
        })
    }

    /// Refuses a till that is quarantined.
    pub(super) fn admit(&self, device: &Device) -> Result<()> {
        match self.state().tills.quarantined.contains_key(&device.uid) {
            true => Err(Error::hub("device_quarantined", params! { status: 409 })),
            false => Ok(()),
        }
    }

    pub(super) fn answered(&self, device: &Device, request: &PushRequest) -> i64 {
        let sent = request.operations.iter();
        let seqs = sent.map(|sent| {
            serde_json::from_str::<serde_json::Value>(sent.operation.get()).unwrap()["seq"].as_i64().unwrap()
        });
        let last = seqs.max().unwrap_or(0);
        let mut state = self.state();
        let known = state.tills.answered.entry(device.uid).or_default();
        *known = last.max(*known);
        *known
    }

    pub(super) fn standing(&self, device: &Device) -> Result<StatusResponse> {
        let state = self.state();
        if state.tills.silent {
            return Err(super::unreachable());
        }
        Ok(StatusResponse {
            epoch: state.epoch,
            server_time: self.clock.now(),
            revision: state.revision,
            oldest_protocol: PROTOCOL,
            protocol: PROTOCOL,
            version: String::new(),
            schema: SCHEMA,
            rows: BTreeMap::new(),
            last_seq: state.tills.answered.get(&device.uid).copied().unwrap_or(0),
            quarantined_at: state.tills.quarantined.get(&device.uid).copied(),
        })
    }

    pub(super) fn rows_by_name(&self, request: &RowsRequest) -> Result<RowsResponse> {
        let mut state = self.state();
        state.asked.push(("rows", request.rows.len()));
        if state.tills.silent {
            return Err(super::unreachable());
        }
        if request.rows.iter().any(|asked| Some(asked.uid) == state.breaks_on) {
            return Err(Error::hub("hub_refused", params! { status: 500, detail: "" }));
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            request.rows.iter().partition(|asked| state.rows.contains_key(&asked.uid));
        let missing = unknown.iter().map(|asked| Missing { entity: asked.entity.clone(), uid: asked.uid });
        Ok(RowsResponse {
            epoch: state.epoch,
            server_time: self.clock.now(),
            revision: state.revision,
            rows: known.iter().map(|asked| state.rows[&asked.uid].clone()).collect(),
            unknown: missing.collect(),
        })
    }

    /// One part a request.
    pub(super) fn part_checked(&self, request: &CheckRequest) -> Result<CheckResponse> {
        let (supplier, meanwhile) = self.state().checks.clone().ok_or_else(super::unreachable)?;
        let kind = request.place.as_ref().unwrap().kind.clone();
        meanwhile(&kind);
        let place = CHECKED.iter().position(|known| *known == kind).unwrap();
        let found = (kind == "ledger").then(|| Finding {
            kind: kind.clone(),
            entity: "supplier".into(),
            uid: supplier,
            done: "mended".into(),
            params: params! {},
        });
        let mut state = self.state();
        state.checked.push(kind);
        Ok(CheckResponse {
            epoch: state.epoch,
            server_time: self.clock.now(),
            revision: state.revision,
            rows: 0,
            findings: found.into_iter().collect(),
            more: false,
            next: CHECKED.get(place + 1).copied().map(CheckPlace::of),
        })
    }
}
