//! A shop: a till in a folder of its own, four people, a scripted hub.

pub mod goods;
pub mod hub;

use std::{
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use officine_protocol::{
    Uid,
    clock::{Clock, Entropy},
};
use officine_till::{
    Till, Trigger,
    people::pin,
    views::{
        AddProductArgs, CartView, CommitSaleArgs, EnrolArgs, MeansName, PaymentArgs, ReceiptView, ScanArgs, ScanView,
        SignInArgs, SyncReport,
    },
};
use rusqlite::{Connection, types::FromSql};
use tempfile::TempDir;

pub use hub::FakeHub;

/// 20 November 2026, nine in the morning in Conakry.
pub const NOW: i64 = 1_795_165_200_000;
pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 86_400_000;
pub const PIN: &str = "2580";
pub const SECRET: &str = "a secret of the pharmacy";

static PIN_HASH: LazyLock<String> = LazyLock::new(|| pin::hash(PIN, SECRET, &Counter::default()).unwrap());

/// The hash of [`PIN`].
pub fn pin_hash() -> &'static str {
    &PIN_HASH
}

/// A clock that stands until it is moved.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Bytes that never repeat.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::SeqCst);
        for (place, byte) in buffer.iter_mut().rev().enumerate() {
            *byte = count.to_le_bytes().get(place).copied().unwrap_or(0);
        }
    }
}

/// A till, its hub and its clock.
pub struct Shop {
    pub till: Arc<Till>,
    pub hub: Arc<FakeHub>,
    pub clock: Arc<TestClock>,
    entropy: Arc<Counter>,
    pub dir: TempDir,
}

impl Shop {
    /// Enrolled, with a person of each role (their login is the role's name); the cashier is signed in.
    pub fn open() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap())
    }

    pub fn in_folder(dir: TempDir) -> Self {
        let shop = Self::enrolled(dir);
        for role in ["cashier", "pharmacist", "manager", "owner"] {
            shop.hub.user(role, role);
        }
        shop.hub.user("cashier2", "cashier");
        shop.sync();
        shop.sign_in("cashier");
        shop
    }

    /// Enrolled, with nothing read yet.
    pub fn enrolled(dir: TempDir) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let (hub, entropy) = (Arc::new(FakeHub::new(clock.clone())), Arc::new(Counter::default()));
        let till = Till::open(dir.path(), clock.clone(), entropy.clone()).unwrap();
        till.set_transport(hub.clone());
        let args = EnrolArgs { hub: "http://127.0.0.1:1".into(), code: "code".into(), till: "Caisse 2".into() };
        till.enrol(&args).unwrap();
        Self { till, hub, clock, entropy, dir }
    }

    /// The same folder after a restart; nobody is signed in.
    pub fn reopen(self) -> Self {
        self.reopen_with(|| {})
    }

    /// The same, with something done to the folder while it is closed.
    pub fn reopen_with(self, meanwhile: impl FnOnce()) -> Self {
        let Self { till, hub, clock, entropy, dir } = self;
        drop(till);
        meanwhile();
        let till = Till::open(dir.path(), clock.clone(), entropy.clone()).unwrap();
        till.set_transport(hub.clone());
        Self { till, hub, clock, entropy, dir }
    }

    pub fn person(&self, login: &str) -> String {
        self.till.people().unwrap().into_iter().find(|person| person.login == login).unwrap().uid
    }

    pub fn sign_in(&self, login: &str) {
        self.till.sign_in(&SignInArgs { uid: self.person(login), pin: PIN.into() }).unwrap();
    }

    pub fn sync(&self) -> SyncReport {
        self.till.sync_now(Trigger::Manual).unwrap()
    }

    pub fn scan(&self, code: &str) -> ScanView {
        self.till.scan(&ScanArgs { code: code.into(), count: 1 }).unwrap()
    }

    pub fn add(&self, product: Uid, count: i64) -> CartView {
        self.add_unit(product, count, None)
    }

    pub fn add_unit(&self, product: Uid, count: i64, unit: Option<u32>) -> CartView {
        self.till.add_product(&AddProductArgs { product: product.to_string(), unit, count }).unwrap()
    }

    /// Sells the open cart for exact cash.
    pub fn sell(&self) -> ReceiptView {
        self.try_sell().unwrap()
    }

    pub fn try_sell(&self) -> officine_till::Result<ReceiptView> {
        let expected_total = self.till.cart().unwrap().total;
        self.till.commit_sale(&CommitSaleArgs { expected_total, ..Default::default() })
    }

    /// Sells the open cart, paid like that.
    pub fn pay(&self, payments: &[PaymentArgs], customer: Option<Uid>) -> officine_till::Result<ReceiptView> {
        let expected_total = self.till.cart().unwrap().total;
        let customer = customer.map(|customer| customer.to_string());
        self.till.commit_sale(&CommitSaleArgs {
            expected_total,
            payments: payments.to_vec(),
            customer,
            ..Default::default()
        })
    }

    pub fn db(&self) -> Connection {
        connect(self.dir.path())
    }

    /// One value of the store.
    pub fn one<T: FromSql>(&self, sql: &str) -> T {
        self.db().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// What the book says is in a lot.
    pub fn quantity(&self, lot: Uid) -> i64 {
        let sql = "SELECT quantity FROM product_batch WHERE uid = ?1";
        self.db().query_row(sql, [lot.as_bytes()], |row| row.get(0)).unwrap()
    }

    /// Every lot holds what its movements say, and the file is sound.
    pub fn assert_sound(&self) {
        assert_eq!(self.till.ledger_differences().unwrap(), 0, "quantities and ledger differ");
        assert_eq!(self.till.check().unwrap(), None);
    }

    pub fn state_of(&self, receipt: &ReceiptView) -> String {
        let state = self.till.receipt(&receipt.uid).unwrap().state;
        format!("{state:?}").to_lowercase()
    }
}

pub fn connect(dir: &Path) -> Connection {
    Connection::open(dir.join("officine.db")).unwrap()
}

/// A payment without a reference.
pub fn paid(means: MeansName, amount: i64) -> PaymentArgs {
    PaymentArgs { means, amount, reference: None }
}

/// A payment by an operator.
pub fn sent(means: MeansName, amount: i64, reference: &str) -> PaymentArgs {
    PaymentArgs { means, amount, reference: Some(reference.to_owned()) }
}

/// Lot numbers and quantities of a cart's line.
pub fn lots(cart: &CartView, line: usize) -> Vec<(String, i64)> {
    cart.lines[line].lots.iter().map(|take| (take.lot_number.clone(), take.quantity)).collect()
}

/// Fields as a form gives them.
pub fn fields(given: serde_json::Value) -> officine_till::editing::Fields {
    given.as_object().unwrap().clone()
}

/// What waits to be sent, oldest first: entity and action.
pub fn queued(shop: &Shop) -> Vec<String> {
    let db = shop.db();
    let mut statement = db.prepare("SELECT entity || ' ' || action FROM outbox WHERE state <> 5 ORDER BY seq").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(|row| row.unwrap()).collect()
}
