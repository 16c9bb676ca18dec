//! A hub that does what a test tells it: it accepts, unless it is told otherwise, and remembers what it answered.

mod standing;
mod transport;
mod walking;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use officine_protocol::{
    Params, Uid,
    date::Date,
    entities::{CUSTOMER, PRODUCT, PRODUCT_BATCH, SETTING, STOCK_ADJUSTMENT, SUPPLIER, USER},
    messages::{Corrections, Operation, Outcome, PushRequest, Verdict, WireRow},
    params,
    record::Record,
    schema::Entity,
    value::Value,
};
use officine_till::Error;

use super::{NOW, TestClock, pin_hash};

type Judge = Arc<dyn Fn(&Operation) -> Option<Outcome> + Send + Sync>;
type Meanwhile = Arc<dyn Fn() + Send + Sync>;
type Checks = Arc<dyn Fn(&str) + Send + Sync>;
type Gate = Arc<dyn Fn(&PushRequest) -> Option<Error> + Send + Sync>;

#[derive(Default)]
struct State {
    epoch: i64,
    revision: i64,
    next_id: i64,
    stored: HashMap<Uid, Verdict>,
    judge: Option<Judge>,
    gate: Option<Gate>,
    answers_lost: u32,
    verdicts_forgotten: u32,
    standing_still: bool,
    walked: bool,
    pages_left: Option<u32>,
    cuts: u32,
    meanwhile: Option<Meanwhile>,
    asked: Vec<(&'static str, usize)>,
    pulls: u32,
    holds: u32,
    pages: VecDeque<Vec<WireRow>>,
    rows: HashMap<Uid, WireRow>,
    breaks_on: Option<Uid>,
    checks: Option<(Uid, Checks)>,
    checked: Vec<String>,
    sent: Vec<Vec<String>>,
    tills: standing::Tills,
}

/// So often a run asks for one page.
const CUTS: u32 = 3;

/// The scripted hub.
pub struct FakeHub {
    clock: Arc<TestClock>,
    state: Mutex<State>,
}

impl FakeHub {
    pub fn new(clock: Arc<TestClock>) -> Self {
        Self { clock, state: Mutex::new(State { epoch: 1, ..State::default() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// How operations are judged; `None` accepts.
    pub fn judge(&self, judge: impl Fn(&Operation) -> Option<Outcome> + Send + Sync + 'static) {
        self.state().judge = Some(Arc::new(judge));
    }

    pub fn accept_all(&self) {
        self.state().judge = None;
        self.state().gate = None;
    }

    /// What becomes of a request before it is looked at; `None` lets it pass.
    pub fn gate(&self, gate: impl Fn(&PushRequest) -> Option<Error> + Send + Sync + 'static) {
        self.state().gate = Some(Arc::new(gate));
    }

    /// The next pushes are stored, their answers never arrive.
    pub fn lose_answers(&self, count: u32) {
        self.state().answers_lost = count;
    }

    pub fn set_epoch(&self, epoch: i64) {
        self.state().epoch = epoch;
    }

    pub fn next_rev(&self) -> i64 {
        let mut state = self.state();
        state.revision += 1;
        state.revision
    }

    pub fn revision(&self) -> i64 {
        self.state().revision
    }

    /// The next answers carry no verdict.
    pub fn forget_verdicts(&self, count: u32) {
        self.state().verdicts_forgotten = count;
    }

    /// Every page says that there is more, and none gets any further.
    pub fn stand_still(&self, still: bool) {
        self.state().standing_still = still;
    }

    /// The hub's memory of its answers is gone: it judges again.
    pub fn forget_answers(&self) {
        self.state().stored.clear();
    }

    /// The line is cut once so many pages were given, as often as a run asks for the next; then it is whole again.
    pub fn cut_after_pages(&self, count: u32) {
        let mut state = self.state();
        (state.pages_left, state.cuts) = (Some(count), 0);
    }

    /// The line is whole again at once.
    pub fn mend(&self) {
        self.state().pages_left = None;
    }

    /// What happens once, while the next page is on its way.
    pub fn meanwhile(&self, happens: impl Fn() + Send + Sync + 'static) {
        self.state().meanwhile = Some(Arc::new(happens));
    }

    /// What was asked since this was last asked, and how much of it: `push` and operations, `pull` and rows at most.
    pub fn asked(&self) -> Vec<(&'static str, usize)> {
        std::mem::take(&mut self.state().asked)
    }

    /// The next page is cut off, as often as it may be.
    fn cut(&self) -> officine_till::Result<()> {
        let mut state = self.state();
        match state.pages_left {
            Some(0) => {
                state.cuts += 1;
                state.pages_left = (state.cuts < CUTS).then_some(0);
                Err(unreachable())
            }
            left => {
                state.pages_left = left.map(|left| left - 1);
                Ok(())
            }
        }
    }

    /// Pulls that were answered at once, and those that were held.
    pub fn pulls(&self) -> (u32, u32) {
        let state = self.state();
        (state.pulls, state.holds)
    }

    /// A row as it was last served.
    pub fn served(&self, uid: Uid) -> WireRow {
        self.state().rows[&uid].clone()
    }

    /// A row of the hub's is not what it was, and no page tells.
    pub fn spoil(&self, uid: Uid, change: impl FnOnce(&mut WireRow)) {
        change(self.state().rows.get_mut(&uid).unwrap());
    }

    /// Asked for that row by name, it fails.
    pub fn breaks_on(&self, uid: Uid) {
        self.state().breaks_on = Some(uid);
    }

    /// From now on it checks its own books part by part, and finds something about that supplier among the quantities.
    pub fn checks(&self, supplier: Uid, meanwhile: impl Fn(&str) + Send + Sync + 'static) {
        self.state().checks = Some((supplier, Arc::new(meanwhile)));
    }

    /// The parts that it was asked to check since this was last asked.
    pub fn checked(&self) -> Vec<String> {
        std::mem::take(&mut self.state().checked)
    }

    /// The frozen bytes of every push, oldest first.
    pub fn sent(&self) -> Vec<Vec<String>> {
        self.state().sent.clone()
    }

    /// Queues a page of one row for the next pull.
    pub fn serve(&self, row: WireRow) {
        let mut state = self.state();
        state.rows.insert(row.uid, row.clone());
        state.pages.push_back(vec![row]);
    }

    pub fn send(&self, entity: &Entity, record: &Record) -> Uid {
        let row = self.row(entity, record);
        self.serve(row);
        record.uid
    }

    pub fn row(&self, entity: &Entity, record: &Record) -> WireRow {
        let mut state = self.state();
        state.revision += 1;
        state.next_id += 1;
        let known = state.rows.get(&record.uid).map(|row| row.server_id);
        WireRow {
            entity: entity.name.to_owned(),
            uid: record.uid,
            server_id: known.unwrap_or(state.next_id),
            rev: state.revision,
            created_at: record.created_at,
            archived_at: record.archived_at,
            aliases: Vec::new(),
            fields: record.wire_fields(entity),
            parts: record.wire_parts(entity),
        }
    }

    /// Another version of a row sent before.
    pub fn edit(&self, uid: Uid, change: impl FnOnce(&mut WireRow)) {
        let mut row = self.state().rows[&uid].clone();
        row.rev = self.next_rev();
        change(&mut row);
        self.serve(row);
    }

    fn mint(&self) -> Uid {
        let mut state = self.state();
        state.next_id += 1;
        Uid::from_u128(0xb0b0_0000_0000_0000_0000 + state.next_id as u128)
    }

    pub fn user(&self, login: &str, role: &str) -> Uid {
        let mut user = Record::new(&USER, self.mint(), NOW);
        user.set(&USER, "login", login).set(&USER, "name", login).set(&USER, "role", role);
        user.set(&USER, "pin_hash", pin_hash());
        self.send(&USER, &user)
    }

    pub fn supplier(&self, name: &str) -> Uid {
        let mut supplier = Record::new(&SUPPLIER, self.mint(), NOW);
        supplier.set(&SUPPLIER, "name", name);
        supplier.derive(&SUPPLIER);
        self.send(&SUPPLIER, &supplier)
    }

    /// A setting of the pharmacy, a JSON text.
    pub fn setting(&self, name: &str, value: &str) -> Uid {
        let mut setting = Record::new(&SETTING, self.mint(), NOW);
        setting.set(&SETTING, "name", name).set(&SETTING, "value", value);
        self.send(&SETTING, &setting)
    }

    /// A customer who may owe so much.
    pub fn customer(&self, name: &str, phone: &str, ceiling: i64) -> Uid {
        let mut customer = Record::new(&CUSTOMER, self.mint(), NOW);
        customer.set(&CUSTOMER, "name", name).set(&CUSTOMER, "phone", phone);
        customer.set(&CUSTOMER, "credit_ceiling", ceiling).derive(&CUSTOMER);
        self.send(&CUSTOMER, &customer)
    }

    /// A product sold by the box.
    pub fn product(&self, name: &str, code: &str, price: Option<i64>) -> Uid {
        self.product_in_units(name, code, &[("boîte", 1, price)])
    }

    pub fn product_in_units(&self, name: &str, code: &str, units: &[(&str, i64, Option<i64>)]) -> Uid {
        let mut product = Record::new(&PRODUCT, self.mint(), NOW);
        product.set(&PRODUCT, "name", name).set(&PRODUCT, "min_stock", 0);
        let units = units.iter().enumerate();
        let units = units.map(|(place, (name, factor, price))| {
            vec![Value::Int(place as i64), (*name).into(), (*factor).into(), (*price).into()]
        });
        let codes = vec![vec![0.into(), code.into(), "ean13".into(), 0.into(), Value::Null]];
        product.parts = vec![units.collect(), codes];
        product.derive(&PRODUCT);
        self.send(&PRODUCT, &product)
    }

    pub fn lot(&self, product: Uid, number: &str, expiry: Option<&str>, quantity: i64) -> Uid {
        self.lot_with(product, number, expiry, quantity, |_| {})
    }

    /// A lot and the document that opened it.
    pub fn lot_with(
        &self,
        product: Uid,
        number: &str,
        expiry: Option<&str>,
        quantity: i64,
        change: impl FnOnce(&mut Record),
    ) -> Uid {
        let mut lot = Record::new(&PRODUCT_BATCH, self.mint(), NOW);
        let expiry = expiry.map(|day| Date::parse(day).unwrap());
        lot.set(&PRODUCT_BATCH, "product", product).set(&PRODUCT_BATCH, "lot_number", number);
        lot.set(&PRODUCT_BATCH, "expiry", expiry).set(&PRODUCT_BATCH, "pack_size", 1);
        lot.set(&PRODUCT_BATCH, "received_at", NOW);
        change(&mut lot);
        self.send(&PRODUCT_BATCH, &lot);
        self.adjust(lot.uid, number, quantity);
        lot.uid
    }

    /// Stock moved by a document of another till.
    pub fn adjust(&self, lot: Uid, number: &str, delta: i64) -> Uid {
        let mut document = Record::new(&STOCK_ADJUSTMENT, self.mint(), NOW);
        document.set(&STOCK_ADJUSTMENT, "kind", "opening").set(&STOCK_ADJUSTMENT, "occurred_at", NOW);
        document.parts = vec![vec![movement(1, 0, lot, delta, "opening", number)]];
        self.send(&STOCK_ADJUSTMENT, &document)
    }

    fn verdict(&self, operation: &Operation) -> Verdict {
        let known = self.state().stored.get(&operation.key).cloned();
        if let Some(verdict) = known {
            return Verdict { duplicate: true, ..verdict };
        }
        let judge = self.state().judge.clone();
        let outcome = judge.and_then(|judge| judge(operation)).unwrap_or_else(|| self.accepted());
        if let Outcome::Accepted { server_id, rev, .. } = &outcome {
            let mut state = self.state();
            if state.walked {
                Self::keep(&mut state, operation, *server_id, *rev);
            }
        }
        let verdict = Verdict { key: operation.key, seq: operation.seq, duplicate: false, outcome };
        if !matches!(verdict.outcome, Outcome::Deferred { .. }) {
            self.state().stored.insert(operation.key, verdict.clone());
        }
        verdict
    }

    pub fn accepted(&self) -> Outcome {
        let mut state = self.state();
        state.revision += 1;
        state.next_id += 1;
        Outcome::Accepted { server_id: state.next_id, rev: state.revision, corrections: Corrections::default() }
    }
}

/// A movement in the order of the declared columns.
pub fn movement(line: i64, step: i64, lot: Uid, delta: i64, source: &str, number: &str) -> Vec<Value> {
    let (line, step) = (Value::Int(line), Value::Int(step));
    vec![line, step, lot.into(), delta.into(), source.into(), number.into(), Value::Null, Value::Null, Value::Null]
}

/// A refusal for stock, of a line of the ticket.
pub fn short(line: i64, available: i64) -> Outcome {
    let params: Params = params! { product: "?", asked: 1, available: available, line: line };
    Outcome::Rejected { code: "stock_insufficient".into(), params, server_id: Some(9_000), rev: Some(1) }
}

/// Stored, with all that it moved taken back: a return of a ticket that is refused still.
pub fn void(operation: &Operation) -> Outcome {
    let undone = operation.parts["movements"].iter().map(|movement| {
        let mut undone = movement.clone();
        let delta = movement["delta"].as_i64().unwrap();
        undone.extend([
            ("step".into(), 1.into()),
            ("delta".into(), (-delta).into()),
            ("source".into(), "reversal".into()),
        ]);
        undone
    });
    let corrections = Corrections { movements: undone.collect(), ..Corrections::default() };
    Outcome::Accepted { server_id: 9_001, rev: 2, corrections }
}

/// The ticket is refused for stock, and what came back of it moves nothing.
pub fn refuses_the_ticket(operation: &Operation) -> Option<Outcome> {
    match operation.entity.as_str() {
        "sale" => Some(short(1, 0)),
        "saleReturn" => Some(void(operation)),
        _ => None,
    }
}

pub fn unreachable() -> Error {
    Error::hub("hub_unreachable", params! { hub: "http://127.0.0.1:1" })
}
