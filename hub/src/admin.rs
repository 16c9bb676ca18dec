//! What the hub's owner does from the command line: pharmacies and one-time codes.

use officine_protocol::{Uid, clock::mint};

use crate::{
    App, StoreError,
    decide::Device,
    secrets,
    store::{CheckAsk, Checked, DeviceLine, NewPharmacy},
};

/// How long a one-time code may be used.
const CODE_VALID_MS: i64 = 24 * 3600 * 1000;
const SECRET_BYTES: usize = 32;

/// Creates a pharmacy with a PIN secret of its own.
pub async fn create_pharmacy(app: &App, name: &str) -> Result<Uid, StoreError> {
    let mut pin_secret = vec![0; SECRET_BYTES];
    app.entropy.fill(&mut pin_secret);
    let uid = mint(&*app.clock, &*app.entropy);
    let pharmacy = NewPharmacy { uid, name: name.to_owned(), pin_secret, now: app.clock.now() };
    app.store.create_pharmacy(pharmacy).await?;
    Ok(uid)
}

/// Makes a one-time code, valid 24 hours. It is shown once: only its hash is kept.
pub async fn enrolment_code(app: &App, pharmacy: Uid) -> Result<String, StoreError> {
    let code = secrets::code(&*app.entropy);
    app.store.create_code(pharmacy, secrets::code_hash(&code), app.clock.now() + CODE_VALID_MS).await?;
    Ok(code)
}

/// Checks the books of a pharmacy and mends what can be mended.
pub async fn check(app: &App, pharmacy: Uid) -> Result<Checked, StoreError> {
    let pharmacy = app.store.pharmacy(pharmacy).await?;
    let device = Device { pharmacy, id: 0, uid: Uid::nil(), series: 0 };
    let commits = std::array::from_fn(|_| mint(&*app.clock, &*app.entropy));
    app.store.check(CheckAsk { device, epoch: None, now: app.clock.now(), commits, place: None }).await
}

/// Devices, of one pharmacy or of all. A pharmacy nobody knows is an error, not an empty list.
pub async fn devices(app: &App, pharmacy: Option<Uid>) -> Result<Vec<DeviceLine>, StoreError> {
    let mut devices = app.store.devices().await?;
    if let Some(pharmacy) = pharmacy {
        if !app.store.pharmacies().await?.iter().any(|(uid, _)| *uid == pharmacy) {
            return Err(StoreError::Unknown("pharmacy"));
        }
        devices.retain(|device| device.pharmacy == pharmacy);
    }
    Ok(devices)
}
