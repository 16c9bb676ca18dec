//! A hub in process, for tests of several tills: started on a free port or a given one, stopped in order.
//! Its methods block and may be called from any thread that is not a runtime's.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, mpsc},
    thread::JoinHandle,
};

use officine_protocol::Uid;
use tokio::{runtime::Handle, sync::oneshot};

use crate::{
    App, Place, ServeError, Settings, StoreError, admin,
    server::{Door, open, serve},
    store::{DeviceLine, StockFilter, StockLine},
};

/// A running hub. Dropped, it stops.
pub struct Harness {
    address: SocketAddr,
    app: App,
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
}

type Started = Result<(SocketAddr, App, Handle), ServeError>;

impl Harness {
    /// Starts on a free port of loopback.
    pub fn start(place: Place) -> Result<Self, ServeError> {
        Self::start_at(place, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// Starts on an address: a hub that comes back where it was. Nobody is slowed down.
    pub fn start_at(place: Place, address: SocketAddr) -> Result<Self, ServeError> {
        Self::start_with(place, Settings { listen: address, device_rate: 0, stranger_rate: 0, ..Settings::default() })
    }

    /// Starts with settings of one's own. Where the data is, they do not say.
    pub fn start_with(place: Place, settings: Settings) -> Result<Self, ServeError> {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || run(&place, &settings, &tell, stopped));
        let gone = || ServeError::Store(StoreError::Failed("the hub's thread ended".to_owned()));
        let (address, app, handle) = told.recv().map_err(|_| gone())??;
        Ok(Self { address, app, handle, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a till is told: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Creates a pharmacy.
    pub fn create_pharmacy(&self, name: &str) -> Result<Uid, StoreError> {
        let (app, name) = (self.app.clone(), name.to_owned());
        self.ask(async move { admin::create_pharmacy(&app, &name).await })
    }

    /// A one-time code.
    pub fn enrolment_code(&self, pharmacy: Uid) -> Result<String, StoreError> {
        let app = self.app.clone();
        self.ask(async move { admin::enrolment_code(&app, pharmacy).await })
    }

    /// Lots and their quantities.
    pub fn stock(&self, filter: StockFilter) -> Result<Vec<StockLine>, StoreError> {
        let store = Arc::clone(&self.app.store);
        self.ask(async move { store.stock(filter).await })
    }

    /// All devices.
    pub fn devices(&self) -> Result<Vec<DeviceLine>, StoreError> {
        let store = Arc::clone(&self.app.store);
        self.ask(async move { store.devices().await })
    }

    /// Revokes a device.
    pub fn revoke(&self, device: Uid) -> Result<(), StoreError> {
        let app = self.app.clone();
        self.ask(async move { app.store.revoke(device, app.clock.now()).await })
    }

    /// Pulls held until there is something new.
    pub fn held(&self) -> usize {
        self.app.held()
    }

    /// Stops it, once what it took is finished.
    pub fn stop(mut self) -> Result<(), ServeError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), ServeError> {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        ended.map_or(Ok(()), |ended| {
            ended.unwrap_or_else(|_| Err(StoreError::Failed("the hub's thread panicked".to_owned()).into()))
        })
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (tell, told) = mpsc::channel();
        self.handle.spawn(async move { tell.send(work.await) });
        told.recv().unwrap_or_else(|_| Err(StoreError::Failed("the hub is gone".to_owned())))
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn run(
    place: &Place,
    settings: &Settings,
    tell: &mpsc::Sender<Started>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(ServeError::Network)?;
    runtime.block_on(async {
        let started = async {
            let app = App::with(open(place).await?, settings);
            let door = Door::open(settings).await?;
            let address = door.address()?;
            Ok((app, door, address))
        };
        match started.await {
            Ok((app, door, address)) => {
                let _ = tell.send(Ok((address, app.clone(), Handle::current())));
                let stop = async {
                    let _ = stopped.await;
                };
                serve(app, door, stop).await
            }
            Err(error) => {
                let _ = tell.send(Err(error));
                Ok(())
            }
        }
    })
}
