//! The world before anything happens, built once and copied for every seed: two pharmacies on a hub, tills that are
//! enrolled, know the owner, and have read everything.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use officine_hub::Place;
use officine_protocol::Uid;
use officine_tests::Cluster;
use officine_till::{
    Till, Trigger,
    catalogue::product_acts::NewUnit,
    people::users::NewUser,
    views::{CreateOwnerArgs, EnrolArgs, LotNameArgs, OpenStockArgs, QuantityArgs},
};
use rusqlite::Connection;
use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;

use crate::{
    hub::Hub,
    hub_file::{HubFile, execute},
    station::{Station, copy, sign_in},
};

/// 20 November 2026, nine in the morning in Conakry.
pub const BEGINNING: i64 = 1_795_165_200_000;
/// The owner's login.
pub const OWNER: &str = "mariama";
/// The owner's PIN.
pub const PIN: &str = "5555";
/// Somebody who never signs in: what their till alone knows of them must stay.
pub const ABSENT: &str = "fatou";
/// Tills of the first pharmacy; the second has one.
pub const TILLS: usize = 4;
/// The till that comes in the middle of the year.
pub const NEW: &str = "nouvelle";
/// Wrong PINs counted for [`ABSENT`] on the first till, one more on each of the next.
pub const WRONG_PINS: i64 = 2;

/// What every seed begins with.
pub struct Template {
    folder: TempDir,
    cluster: Option<Cluster>,
    copies: AtomicU64,
    /// Uids of the pharmacies.
    pub pharmacies: Vec<Uid>,
}

/// The database of the template, where it is in one.
const DATABASE: &str = "template_of_seeds";

impl Template {
    /// Builds it, in memory where there is a folder of that kind; the hub in a cluster, where there is one.
    pub fn build(cluster: Option<Cluster>) -> Self {
        let folder = scratch();
        let world = Arc::new(AtomicI64::new(BEGINNING));
        let place = match &cluster {
            None => Place::Folder(folder.path().join("hub")),
            Some(cluster) => {
                drop(Hub::start(Place::Folder(folder.path().join("empty")), &world));
                let database = cluster.database(DATABASE);
                Place::Url { app: database.app, owner: Some(database.owner) }
            }
        };
        let hub = Hub::start(place, &world);
        hub.draw_from(1);
        let pharmacies = ["Pharmacie Kaloum", "Pharmacie Ratoma"].map(|name| hub.pharmacy(name)).to_vec();
        let hub = Arc::new(Mutex::new(hub));
        for (place, pharmacy) in pharmacies.iter().enumerate() {
            equip(folder.path(), place, *pharmacy, &world, &hub);
        }
        Self { folder, cluster, copies: AtomicU64::new(0), pharmacies }
    }

    /// Where a part of it lies.
    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A hub's data of a world's own, and how it is read.
    pub fn hub(&self, folder: &Path) -> (Place, HubFile) {
        let own = folder.join("hub");
        let Some(cluster) = &self.cluster else {
            copy(&self.path("hub"), &own);
            let place = Place::Folder(own);
            let file = HubFile::open(&place, None, folder);
            return (place, file);
        };
        copy(&self.path("empty"), &own);
        let name = format!("world_{}", self.copies.fetch_add(1, Ordering::Relaxed));
        let sql = format!("CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER officine_owner");
        execute(&cluster.url("hub", "postgres"), &sql);
        let url = |role| cluster.url(role, &name);
        let place = Place::Url { app: url("officine_serving"), owner: Some(url("officine_owner")) };
        let file = HubFile::open(&place, Some(&url("hub")), &own.join("hub.db"));
        (place, file)
    }
}

/// Enrols and furnishes the tills of a pharmacy.
fn equip(folder: &Path, place: usize, pharmacy: Uid, world: &Arc<AtomicI64>, hub: &Arc<Mutex<Hub>>) {
    let tills = if place == 0 { TILLS } else { 1 };
    let open = |number| {
        let name = till_name(place, number);
        let station = Station::open(&folder.join(&name), &name, place, world, hub);
        station.chance.begin(100 + (place * TILLS + number) as u64);
        let code = hub.lock().expect("the hub").code(pharmacy);
        station.till().enrol(&enrolment(code, &name)).expect("enrolment");
        station
    };
    let stations: Vec<Station> = (0..tills).map(open).collect();
    furnish(&stations[0], place);
    stations.iter().for_each(|station| sync(station.till()));
    for (number, station) in stations.iter().enumerate() {
        let sql = "UPDATE \"user\" SET failed_pins = ?1 WHERE login = ?2";
        write(station).execute(sql, (WRONG_PINS + number as i64, ABSENT)).expect("the absent");
    }
}

/// What a new till is told.
pub fn enrolment(code: String, till: &str) -> EnrolArgs {
    EnrolArgs { hub: "http://127.0.0.1:1".to_owned(), code, till: till.to_owned() }
}

/// The name of a till, and of its folder.
pub fn till_name(pharmacy: usize, number: usize) -> String {
    format!("{}{}", if pharmacy == 0 { "caisse-" } else { "autre-" }, number + 1)
}

/// A folder in memory, where there is one.
pub fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::with_prefix_in("officine-sim-", memory) } else { TempDir::new() };
    made.expect("a folder")
}

/// Fields of a row, as a window would send them.
pub fn fields(json: Json) -> Map<String, Json> {
    json.as_object().cloned().unwrap_or_default()
}

fn sync(till: &Till) {
    let report = till.sync_now(Trigger::Manual).expect("a run");
    assert!(report.problem.is_none(), "{:?}", report.problem);
}

fn write(station: &Station) -> Connection {
    Connection::open(station.file()).expect("the till's file")
}

fn furnish(station: &Station, pharmacy: usize) {
    let till = station.till();
    let [name, login, pin] = ["Hadja Mariama Sylla", OWNER, PIN].map(str::to_owned);
    till.create_owner(&CreateOwnerArgs { name, login, pin }).expect("the owner");
    quicken(station);
    sign_in(station.till());
    let absent = NewUser { login: ABSENT, name: "Fatoumata Camara", role: "cashier", pin: "1234" };
    till.create_user(&absent).expect("a cashier");
    for name in ["Laborex", "Spharma Guinée"] {
        till.create_supplier(&fields(json!({ "name": name }))).expect("a supplier");
    }
    for (name, phone) in [("Alpha Diallo", "620000001"), ("Bintou Keita", "620000002")] {
        let customer = fields(json!({ "name": name, "phone": phone, "creditCeiling": 100_000 }));
        till.create_customer(&customer).expect("a customer");
    }
    // The second pharmacy is further on than the first: its rows lie where the first one's tills read next.
    for number in 0..if pharmacy == 0 { 8 } else { 14 } {
        product(till, number);
    }
    sync(till);
}

fn product(till: &Till, number: usize) {
    let unit = |name: &str, factor, price| NewUnit { name: name.to_owned(), factor, price: Some(price) };
    let mut units = vec![unit("boîte", if number.is_multiple_of(3) { 10 } else { 1 }, 5_000 + 500 * number as i64)];
    if number.is_multiple_of(3) {
        units.push(unit("comprimé", 1, 600));
    }
    let named = fields(json!({ "name": format!("Produit {number}"), "returnable": number.is_multiple_of(2) }));
    let made = till.create_product(&named, &units, &[format!("29000000000{number}")]).expect("a product");
    let uid = made["uid"].as_str().expect("a uid");
    for lot in 0..1 + number % 2 {
        let expiry = Some(format!("{}-06-30", 2031 + lot));
        let stock = OpenStockArgs {
            product: uid.to_owned(),
            lot: LotNameArgs { lot_number: format!("L{number}{lot}"), expiry },
            quantity: QuantityArgs { count: 4 + 3 * number as i64, unit: None },
            pack_cost: Some(3_000),
            supplier: None,
            reason: "ouverture".to_owned(),
        };
        till.open_stock(&stock).expect("opening stock");
    }
}

/// Gives the owner a PIN that is quick to check: a seed lives through many sign-ins, and none is what it is about.
fn quicken(station: &Station) {
    let secret = station.till().device().expect("a device").pin_secret;
    let params = Params::new(8, 1, 1, None).expect("parameters");
    let quick = Argon2::new_with_secret(secret.as_bytes(), Algorithm::Argon2id, Version::V0x13, params);
    let hash = quick.expect("a hasher").hash_password_with_salt(PIN.as_bytes(), &[7; 16]).expect("a hash").to_string();
    let file = write(station);
    let slow: String = file.query_row("SELECT pin_hash FROM \"user\"", [], |row| row.get(0)).expect("the owner");
    file.execute("UPDATE \"user\" SET pin_hash = ?1", [&hash]).expect("a PIN");
    let sql = "UPDATE outbox SET payload = CAST(replace(CAST(payload AS TEXT), ?1, ?2) AS BLOB)";
    file.execute(sql, (slow, hash)).expect("a PIN");
}
