//! A hub on a clock that stands, with chance that repeats; and whoever speaks with it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use officine_hub::{App, Place, Settings, admin, open, serve, server::Door};
use officine_protocol::clock::{Clock, Entropy};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use ureq::Agent;

use crate::shop::NOON;

/// In a request, where the last page ended.
pub const NEXT: &str = "next of the page before";

struct Noon;

impl Clock for Noon {
    fn now(&self) -> i64 {
        NOON
    }
}

/// Bytes that are the same every time.
#[derive(Default)]
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes();
        buffer.iter_mut().rev().zip(count.into_iter().chain(std::iter::repeat(0))).for_each(|(to, from)| *to = from);
    }
}

/// A hub whose time stands still, and whoever speaks with it.
pub struct Stage {
    runtime: Runtime,
    app: App,
    url: String,
    pub codes: Vec<String>,
    tokens: BTreeMap<String, String>,
    next: Json,
    _folder: TempDir,
}

impl Stage {
    pub fn set() -> Self {
        let (folder, runtime) = (TempDir::new().unwrap(), Runtime::new().unwrap());
        let settings = Settings { listen: "127.0.0.1:0".parse().unwrap(), ..Settings::default() };
        let (app, door, codes) = runtime.block_on(async {
            let store = open(&Place::Folder(folder.path().to_owned())).await.unwrap();
            let mut app = App::with(store, &settings);
            (app.clock, app.entropy) = (Arc::new(Noon), Arc::new(Counter::default()));
            let pharmacy = admin::create_pharmacy(&app, "Pharmacie du Port").await.unwrap();
            let mut codes = Vec::new();
            for _ in 0..3 {
                codes.push(admin::enrolment_code(&app, pharmacy).await.unwrap());
            }
            (app, Door::open(&settings).await.unwrap(), codes)
        });
        let url = format!("http://{}", door.address().unwrap());
        runtime.spawn(serve(app.clone(), door, std::future::pending()));
        Self { runtime, app, url, codes, tokens: BTreeMap::new(), next: Json::Null, _folder: folder }
    }

    /// Asks as somebody, and learns who they are where they enrol.
    pub fn ask(&mut self, request: &Json) -> Json {
        let bearer = request["bearer"].as_str().unwrap_or_default();
        if request["path"] == "revoke" {
            let devices = self.runtime.block_on(self.app.store.devices()).unwrap();
            let uid = devices.iter().find(|device| device.name == bearer).unwrap().uid;
            self.runtime.block_on(self.app.store.revoke(uid, NOON)).unwrap();
            return json!({ "status": 0, "body": {} });
        }
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        let url = format!("{}{}", self.url, request["path"].as_str().unwrap());
        let token = format!("Bearer {}", self.tokens.get(bearer).map_or(bearer, String::as_str));
        let answer = match request["body"].is_null() {
            true => agent.get(url).header("authorization", token).call(),
            false => {
                let post = agent.post(url).header("authorization", token).header("content-type", "application/json");
                post.send(self.meant(&request["body"]).to_string())
            }
        };
        let mut answer = answer.unwrap();
        let body: Json = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
        if let Some(token) = body["token"].as_str() {
            let name = request["body"]["name"].as_str().unwrap().to_owned();
            self.tokens.insert(name, token.to_owned());
        }
        if !body["next"].is_null() {
            self.next.clone_from(&body["next"]);
        }
        json!({ "status": answer.status().as_u16(), "body": body })
    }

    /// A body as it is sent: [`NEXT`] stands for the `next` of the last page.
    fn meant(&self, body: &Json) -> Json {
        let mut body = body.clone();
        for field in body.as_object_mut().into_iter().flat_map(|body| body.values_mut()).filter(|field| **field == NEXT)
        {
            field.clone_from(&self.next);
        }
        body
    }
}
