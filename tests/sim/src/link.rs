//! The wire between a till and the hub. It loses requests, loses answers, doubles, delays, brings back old requests
//! when nobody waits for them any more; it cuts the power at either end while something is under way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use officine_protocol::{
    messages::{
        CheckRequest, CheckResponse, DigestResponse, DigestRowsResponse, EnrolRequest, EnrolResponse, HistoryRequest,
        HistoryResponse, HubProblem, OfferRequest, OfferResponse, Operation, Outcome, PullRequest, PullResponse,
        PushRequest, PushResponse, RowsRequest, RowsResponse, StatusResponse, WalkRequest, WalkResponse,
    },
    params,
};
use officine_till::{
    Error, Result, Till,
    demo::random::Random,
    device::Device,
    sync::transport::{Narrowed, Traffic, Transport},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    acts::{Act, Done},
    clocks::WrongClock,
    hub::Hub,
    station::sign_in,
    weather::{Fate, Weather},
};

/// Old requests that are kept to come back.
const OLD: usize = 24;

struct Sent {
    path: String,
    token: Option<String>,
    body: Vec<u8>,
}

/// Somebody at the till while it syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meanwhile {
    /// What they do.
    pub act: Act,
    /// While this message is under way.
    pub message: u32,
}

#[derive(Default)]
struct State {
    weather: Weather,
    random: Option<Random>,
    page: Option<u32>,
    old: Vec<Sent>,
    heard: Vec<String>,
    meanwhile: Option<(Meanwhile, u64)>,
    done: Vec<Done>,
    pages: Vec<PullResponse>,
    applied: Vec<Operation>,
}

/// A till's wire.
pub struct Link {
    hub: Arc<Mutex<Hub>>,
    clock: Arc<WrongClock>,
    till: Mutex<Weak<Till>>,
    state: Mutex<State>,
}

impl Link {
    /// A wire of whoever has this clock: its fuse burns at every message, before it leaves and when it is answered.
    pub fn new(hub: &Arc<Mutex<Hub>>, clock: &Arc<WrongClock>) -> Self {
        Self { hub: Arc::clone(hub), clock: Arc::clone(clock), till: Mutex::default(), state: Mutex::default() }
    }

    /// The till at this end.
    pub fn join(&self, till: &Arc<Till>) {
        *self.till.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(till);
    }

    /// How it is from now on, who does what meanwhile, and what chance is drawn from. Pages may be of a few rows.
    pub fn turn(&self, weather: Weather, meanwhile: Option<Meanwhile>, seed: u64) {
        let mut state = self.state();
        let mut random = Random::new(seed);
        state.page = random.once_in(2).then(|| 1 + random.index(12) as u32);
        state.meanwhile = meanwhile.map(|meanwhile| (meanwhile, seed));
        (state.weather, state.random) = (weather, Some(random));
    }

    /// A fair wire, whole pages.
    pub fn heal(&self) {
        let mut state = self.state();
        (state.weather, state.page, state.meanwhile) = (Weather::Fair, None, None);
    }

    /// What somebody did meanwhile.
    pub fn done(&self) -> Vec<Done> {
        std::mem::take(&mut self.state().done)
    }

    /// Somebody does something while a message is under way.
    fn meanwhile(&self) {
        let due = {
            let mut state = self.state();
            let due = state.meanwhile.take();
            match due {
                Some((Meanwhile { act, message }, seed)) if message > 1 => {
                    state.meanwhile = Some((Meanwhile { act, message: message - 1 }, seed));
                    None
                }
                due => due,
            }
        };
        let till = self.till.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        if let (Some((Meanwhile { act, .. }, seed)), Some(till)) = (due, till) {
            sign_in(&till);
            let done = act.perform(&till, &mut Random::new(seed));
            let mut state = self.state();
            state.heard.push(format!("meanwhile {act:?}"));
            state.done.extend(done);
        }
    }

    /// The pages that came since it was last asked.
    pub fn pages(&self) -> Vec<PullResponse> {
        std::mem::take(&mut self.state().pages)
    }

    /// The operations that the hub answered and did not refuse, since it was last asked.
    pub fn applied(&self) -> Vec<Operation> {
        std::mem::take(&mut self.state().applied)
    }

    /// What happened on it since it was last asked.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.state().heard)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carry<Q: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&str>,
        request: &Q,
    ) -> Result<(A, Traffic)> {
        let body = serde_json::to_vec(request)?;
        let up = body.len() as i64;
        self.clock.fuse.burn();
        self.meanwhile();
        let answered = self.deliver(path, token, body);
        self.clock.fuse.burn();
        let Some((status, body)) = answered else {
            return Err(Error::hub("hub_unreachable", params! { hub: "sim" }));
        };
        let down = body.len() as i64;
        if (200..300).contains(&status) {
            return Ok((serde_json::from_slice(&body)?, Traffic { up, down }));
        }
        let mut problem: HubProblem = serde_json::from_slice(&body)?;
        problem.params.insert("status".to_owned(), status.into());
        Err(Error::hub(&problem.code, problem.params))
    }

    /// A request for pages, of as few rows as the wire is turned to.
    fn paged<Q: Serialize>(&self, request: &Q, rows: u32) -> Result<serde_json::Value> {
        let mut asked = serde_json::to_value(request)?;
        asked["maxRows"] = self.state().page.unwrap_or(rows).into();
        Ok(asked)
    }

    fn deliver(&self, path: &str, token: Option<&str>, body: Vec<u8>) -> Option<(u16, Vec<u8>)> {
        let mut hub = self.hub.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        let mut random = state.random.take().unwrap_or_else(|| Random::new(0));
        let (fate, old) = (Fate::draw(state.weather, &mut random), random.index(state.old.len()));
        state.random = Some(random);
        if fate != Fate::Arrives {
            state.heard.push(format!("{path} {fate:?}"));
        }
        if fate == Fate::RequestLost {
            state.keep(path, token, body);
            return None;
        }
        match fate {
            Fate::OldFirst if !state.old.is_empty() => {
                let old = &state.old[old];
                let _ = hub.ask(&old.path, old.token.as_deref(), old.body.clone());
            }
            Fate::Doubled => _ = hub.ask(path, token, body.clone()),
            Fate::HubCut(look) => hub.clock.fuse.set(look),
            Fate::HubRestarts => hub.restart(),
            _ => {}
        }
        let answered = hub.ask(path, token, body.clone());
        state.keep(path, token, body);
        answered.filter(|_| fate != Fate::AnswerLost)
    }
}

impl State {
    fn keep(&mut self, path: &str, token: Option<&str>, body: Vec<u8>) {
        if self.weather != Weather::Fair && path == "/v1/push" {
            self.old.push(Sent { path: path.to_owned(), token: token.map(str::to_owned), body });
            if self.old.len() > OLD {
                self.old.remove(0);
            }
        }
    }
}

impl Transport for Link {
    fn enrol(&self, _: &str, request: &EnrolRequest) -> Result<EnrolResponse> {
        self.carry("/v1/enrol", None, request).map(|(answer, _)| answer)
    }

    fn push(&self, device: &Device, request: &PushRequest) -> Result<(PushResponse, Traffic)> {
        let (answer, traffic): (PushResponse, _) = self.carry("/v1/push", Some(&device.token), request)?;
        for (sent, verdict) in request.operations.iter().zip(&answer.verdicts) {
            if let Outcome::Accepted { .. } | Outcome::Conflict { .. } = verdict.outcome {
                self.state().applied.push(serde_json::from_str(sent.operation.get())?);
            }
        }
        Ok((answer, traffic))
    }

    fn pull(&self, device: &Device, request: &PullRequest) -> Result<(PullResponse, Traffic)> {
        let (page, traffic): (serde_json::Value, _) =
            self.carry("/v1/pull", Some(&device.token), &self.paged(request, request.max_rows)?)?;
        self.state().pages.push(PullResponse::deserialize(&page)?);
        Ok((PullResponse::deserialize(page)?, traffic))
    }

    fn walk(&self, device: &Device, request: &WalkRequest) -> Result<(WalkResponse, Traffic)> {
        self.carry("/v1/walk", Some(&device.token), &self.paged(request, request.max_rows)?)
    }

    fn status(&self, device: &Device) -> Result<StatusResponse> {
        self.carry("/v1/status", Some(&device.token), &()).map(|(answer, _)| answer)
    }

    fn digest(&self, device: &Device, wanted: &Narrowed<'_>) -> Result<(DigestResponse, Traffic)> {
        self.carry(&format!("/v1/digest?{}", wanted.query()), Some(&device.token), &())
    }

    fn digest_rows(&self, device: &Device, wanted: &Narrowed<'_>) -> Result<(DigestRowsResponse, Traffic)> {
        self.carry(&format!("/v1/digest/rows?{}", wanted.query()), Some(&device.token), &())
    }

    fn rows(&self, device: &Device, request: &RowsRequest) -> Result<(RowsResponse, Traffic)> {
        self.carry("/v1/rows", Some(&device.token), request)
    }

    fn offer(&self, device: &Device, request: &OfferRequest) -> Result<(OfferResponse, Traffic)> {
        self.carry("/v1/offer", Some(&device.token), request)
    }

    fn history(&self, device: &Device, request: &HistoryRequest) -> Result<HistoryResponse> {
        self.carry("/v1/history", Some(&device.token), request).map(|(answer, _)| answer)
    }

    fn check(&self, device: &Device, request: &CheckRequest) -> Result<(CheckResponse, Traffic)> {
        self.carry("/v1/check", Some(&device.token), request)
    }
}
