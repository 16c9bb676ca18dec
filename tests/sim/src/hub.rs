//! A hub in process: its real router, asked with the bytes of the wire. Its machine can be cut in the middle of a
//! request, and started again on the same data, or on those of a backup.

use std::{
    fs,
    path::Path,
    sync::{Arc, atomic::AtomicI64},
};

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_body_util::BodyExt;
use officine_hub::{App, Place, Settings, admin, backup, open, router};
use officine_protocol::Uid;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::clocks::{Chance, WrongClock};

/// What a hub answered: status and body; nothing where its power was cut first.
pub type Answered = Option<(u16, Vec<u8>)>;

/// A hub and its machine.
pub struct Hub {
    /// Where its data is.
    pub place: Place,
    /// Its clock.
    pub clock: Arc<WrongClock>,
    chance: Arc<Chance>,
    runtime: Runtime,
    running: Option<Running>,
}

struct Running {
    app: App,
    router: Router,
}

impl Running {
    fn of(app: App) -> Option<Self> {
        Some(Self { router: router(app.clone()), app })
    }
}

impl Hub {
    /// Starts on its data, which is created if need be.
    pub fn start(place: Place, world: &Arc<AtomicI64>) -> Self {
        let runtime = runtime();
        let (clock, chance) = (Arc::new(WrongClock::new(world)), Arc::new(Chance::new(0)));
        let running = Running::of(runtime.block_on(app(&place, &clock, &chance)));
        Self { place, clock, chance, runtime, running }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("the hub runs")
    }

    /// Its power was cut, and came back.
    pub fn restart(&mut self) {
        self.clock.fuse.set(0);
        let next = runtime();
        self.running = Running::of(next.block_on(app(&self.place, &self.clock, &self.chance)));
        std::mem::replace(&mut self.runtime, next).shutdown_background();
    }

    /// `officine-hub backup`, while it serves.
    pub fn back_up(&self, to: &Path) {
        let made = backup::backup(&self.place, None, to, None);
        self.runtime.block_on(made).expect("a backup");
    }

    /// It is stopped, `officine-hub restore` brings a backup back, and it is started again.
    pub fn restore(&mut self, from: &Path) {
        self.stop();
        self.runtime.block_on(backup::restore(&self.place, from)).expect("a restored hub");
        self.restart();
    }

    /// It is stopped, its file is changed for another one behind its back, and it is started again.
    pub fn swap(&mut self, file: &Path) {
        self.stop();
        let Place::Folder(folder) = &self.place else { panic!("no file to swap") };
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.join(format!("hub.db{ending}")));
        }
        fs::remove_file(folder.join("hub.db")).expect("the hub's file");
        fs::copy(file, folder.join("hub.db")).expect("another file");
        self.restart();
    }

    /// Nothing of it has its database open any more.
    fn stop(&mut self) {
        self.running = None;
        std::mem::replace(&mut self.runtime, runtime()).shutdown_background();
    }

    /// What chance is drawn from.
    pub fn draw_from(&self, seed: u64) {
        self.chance.begin(seed);
    }

    /// Asks it. Cut in the middle, it is running again afterwards.
    pub fn ask(&mut self, path: &str, token: Option<&str>, body: Vec<u8>) -> Answered {
        let read = ["/v1/status", "/v1/digest"].iter().any(|known| path.starts_with(known));
        let method = if read { "GET" } else { "POST" };
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).expect("a request");
        let router = self.running().router.clone();
        let answered = self.runtime.block_on(async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.map(|body| body.to_bytes().to_vec());
            (status, body.unwrap_or_default())
        });
        if self.clock.fuse.blown() {
            self.restart();
            return None;
        }
        self.clock.fuse.set(0);
        Some(answered)
    }

    /// A new pharmacy.
    pub fn pharmacy(&self, name: &str) -> Uid {
        self.runtime.block_on(admin::create_pharmacy(&self.running().app, name)).expect("a pharmacy")
    }

    /// A one-time code.
    pub fn code(&self, pharmacy: Uid) -> String {
        self.runtime.block_on(admin::enrolment_code(&self.running().app, pharmacy)).expect("a code")
    }

    /// Forgets the answers it need not keep.
    pub fn prune(&self, before: i64) -> u64 {
        self.runtime.block_on(self.running().app.store.prune(before)).expect("the hub's store")
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

async fn app(place: &Place, clock: &Arc<WrongClock>, chance: &Arc<Chance>) -> App {
    let settings = Settings { device_rate: 0, stranger_rate: 0, ..Settings::default() };
    let mut app = App::with(open(place).await.expect("the hub's store"), &settings);
    app.clock = Arc::clone(clock) as _;
    app.entropy = Arc::clone(chance) as _;
    app
}
