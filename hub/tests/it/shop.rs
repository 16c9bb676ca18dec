//! A till in miniature: it writes operations as a real one would, its tickets chained.

use officine_hub::operation::{Prepared, prepare};
use officine_protocol::{
    Uid,
    chain::{self, Hash, Printed, PrintedLine, PrintedPayment},
    entities::{PRODUCT, PRODUCT_BATCH, SALE, SETTING, STOCK_ADJUSTMENT, SUPPLIER, USER},
    hlc::Hlc,
    messages::{Action, Operation, SentOperation},
    record::Record,
    schema::Entity,
    value::Value,
};
use serde_json::{Map, Value as Json, json, value::RawValue};

pub const NOON: i64 = 1_795_176_000_000;

pub struct Shop {
    pub series: i64,
    pub number: i64,
    pub previous: Hash,
    pub user: Uid,
    /// The till's clock.
    pub now: i64,
    next: u128,
    seq: i64,
}

/// What a line takes from one lot.
#[derive(Clone)]
pub struct Take {
    pub lot: Uid,
    pub number: &'static str,
    pub quantity: i64,
    pub source: &'static str,
}

#[derive(Clone)]
pub struct Line {
    pub product: Uid,
    pub price: i64,
    pub takes: Vec<Take>,
    pub in_hand: bool,
}

pub fn take(lot: Uid, quantity: i64, source: &'static str) -> Take {
    Take { lot, number: "L1", quantity, source }
}

pub fn line(product: Uid, takes: Vec<Take>) -> Line {
    Line { product, price: 1_500, takes, in_hand: false }
}

impl Shop {
    /// Tills of different numbers mint different names.
    pub fn new(till: u128, series: i64) -> Self {
        let user = Uid::from_u128(till << 64 | 1);
        Self { series, number: 0, previous: chain::GENESIS, user, now: NOON, next: till << 64 | 1, seq: 0 }
    }

    /// The same file on another machine: what it mints from now on is its own.
    pub fn copied(&self, machine: u128) -> Self {
        Self { next: machine << 64 | 1, ..*self }
    }

    pub fn uid(&mut self) -> Uid {
        self.next += 1;
        Uid::from_u128(self.next)
    }

    pub fn operation(&mut self, entity: &Entity, action: Action, uid: Uid) -> Operation {
        self.seq += 1;
        Operation {
            key: self.uid(),
            seq: self.seq,
            user: None,
            entity: entity.name.to_owned(),
            action,
            uid,
            base_rev: None,
            predecessor: None,
            occurred_at: self.now,
            hlc: Hlc { millis: self.now, counter: 0 },
            version: 1,
            fields: Map::new(),
            replaced: Map::new(),
            parts: Default::default(),
        }
    }

    /// The same, recorded anew: under another key and sequence.
    pub fn again(&mut self, operation: &Operation) -> Operation {
        self.seq += 1;
        Operation { key: self.uid(), seq: self.seq, ..operation.clone() }
    }

    pub fn birth(&mut self, entity: &Entity, record: &Record) -> Operation {
        let mut operation = self.operation(entity, Action::Create, record.uid);
        operation.fields = record.wire_fields(entity);
        operation.parts = record.wire_parts(entity);
        operation
    }

    pub fn edit(&mut self, entity: &Entity, uid: Uid, fields: Json) -> Operation {
        let mut operation = self.operation(entity, Action::Update, uid);
        operation.fields = fields.as_object().unwrap().clone();
        operation
    }

    pub fn person(&mut self, uid: Uid, login: &str, role: &str) -> Operation {
        let mut record = Record::new(&USER, uid, NOON);
        record.set(&USER, "login", login).set(&USER, "name", login).set(&USER, "role", role);
        record.set(&USER, "pin_hash", "$argon2id$secret");
        self.birth(&USER, &record)
    }

    pub fn owner(&mut self) -> Operation {
        self.person(self.user, "awa", "owner")
    }

    pub fn setting(&mut self, name: &str, value: &str) -> (Uid, Operation) {
        let mut record = Record::new(&SETTING, self.uid(), NOON);
        record.set(&SETTING, "name", name).set(&SETTING, "value", value);
        (record.uid, self.birth(&SETTING, &record))
    }

    pub fn supplier(&mut self, name: &str) -> (Uid, Operation) {
        let mut record = Record::new(&SUPPLIER, self.uid(), NOON);
        record.set(&SUPPLIER, "name", name);
        (record.uid, self.birth(&SUPPLIER, &record))
    }

    pub fn product(&mut self, name: &str, code: &str) -> (Uid, Operation) {
        let mut record = Record::new(&PRODUCT, self.uid(), NOON);
        record.set(&PRODUCT, "name", name).set(&PRODUCT, "tax_class", "exempt");
        let unit = vec![0.into(), "boîte".into(), 1.into(), 1_500.into()];
        record.part_mut(&PRODUCT, "units").unwrap().push(unit);
        let code = vec![0.into(), code.into(), "ean13".into(), 0.into(), Value::Null];
        record.part_mut(&PRODUCT, "codes").unwrap().push(code);
        (record.uid, self.birth(&PRODUCT, &record))
    }

    pub fn lot(&mut self, product: Uid, number: &str, expiry: Option<i64>) -> (Uid, Operation) {
        let mut record = Record::new(&PRODUCT_BATCH, self.uid(), NOON);
        record.set(&PRODUCT_BATCH, "product", product).set(&PRODUCT_BATCH, "lot_number", number);
        record.set(&PRODUCT_BATCH, "expiry", Value::from(expiry)).set(&PRODUCT_BATCH, "pack_size", 1);
        record.set(&PRODUCT_BATCH, "received_at", NOON);
        (record.uid, self.birth(&PRODUCT_BATCH, &record))
    }

    pub fn opening(&mut self, lots: &[(Uid, i64)]) -> Operation {
        let mut record = Record::new(&STOCK_ADJUSTMENT, self.uid(), NOON);
        record.set(&STOCK_ADJUSTMENT, "kind", "opening").set(&STOCK_ADJUSTMENT, "occurred_at", NOON);
        for (number, (lot, quantity)) in lots.iter().enumerate() {
            let row = movement(number as i64 + 1, *lot, *quantity, "opening", "L1");
            record.part_mut(&STOCK_ADJUSTMENT, "movements").unwrap().push(row);
        }
        self.birth(&STOCK_ADJUSTMENT, &record)
    }

    pub fn sale(&mut self, lines: &[Line]) -> Operation {
        let record = self.ticket(lines);
        self.birth(&SALE, &record)
    }

    pub fn ticket(&mut self, lines: &[Line]) -> Record {
        self.ticket_for(lines, None, ("cash", ""))
    }

    /// A ticket of a customer, paid by that means with that reference.
    pub fn ticket_for(
        &mut self,
        lines: &[Line],
        customer: Option<Uid>,
        (means, reference): (&'static str, &'static str),
    ) -> Record {
        self.number += 1;
        let total = lines.iter().map(|line| line.price * sold(line)).sum::<i64>();
        let mut record = Record::new(&SALE, self.uid(), NOON);
        record.set(&SALE, "series", self.series).set(&SALE, "number", self.number).set(&SALE, "user", self.user);
        record.set(&SALE, "customer", customer).set(&SALE, "occurred_at", self.now).set(&SALE, "total", total).set(
            &SALE,
            "tendered",
            total + 500,
        );
        record.set(&SALE, "chain_version", chain::VERSION).set(&SALE, "state", "recorded");
        for (line, n) in lines.iter().zip(1_i64..) {
            let row = vec![
                n.into(),
                line.product.into(),
                "Paracétamol".into(),
                "boîte".into(),
                sold(line).into(),
                line.price.into(),
                sold(line).into(),
                (line.price * sold(line)).into(),
                "exempt".into(),
                line.in_hand.into(),
                0.into(),
            ];
            record.part_mut(&SALE, "items").unwrap().push(row);
            let movements = record.part_mut(&SALE, "movements").unwrap();
            let rows = line.takes.iter().map(|take| movement(n, take.lot, -take.quantity, take.source, take.number));
            movements.extend(rows);
        }
        let told = (!reference.is_empty()).then_some(reference);
        let payment = vec![1.into(), means.into(), total.into(), told.into()];
        record.part_mut(&SALE, "payments").unwrap().push(payment);
        let printed = Printed {
            customer,
            payments: vec![PrintedPayment { means, amount: total, reference }],
            ..self.printed(&record, lines, total)
        };
        self.chained(&SALE, &mut record, &printed);
        record
    }

    /// Adds a ticket to the chain.
    pub fn chained(&mut self, entity: &Entity, record: &mut Record, printed: &Printed<'_>) {
        let hash = chain::link(&self.previous, printed);
        record.set(entity, "previous_hash", Value::Bytes(self.previous.to_vec()));
        record.set(entity, "hash", Value::Bytes(hash.to_vec()));
        self.previous = hash;
    }

    fn printed<'a>(&self, record: &Record, lines: &'a [Line], total: i64) -> Printed<'a> {
        let line = |line: &'a Line| PrintedLine {
            name: "Paracétamol",
            unit: "boîte",
            count: sold(line),
            unit_price: line.price,
            amount: line.price * sold(line),
            lots: line.takes.iter().map(|take| (take.number, take.quantity)).collect(),
            discount: 0,
        };
        Printed {
            version: chain::VERSION,
            uid: record.uid,
            series: self.series,
            number: self.number,
            occurred_at: self.now,
            user: self.user,
            total,
            tendered: total + 500,
            lines: lines.iter().map(line).collect(),
            kind: "sale",
            takes_back: None,
            customer: None,
            discount: 0,
            rounding: 0,
            payments: vec![PrintedPayment { means: "cash", amount: total, reference: "" }],
        }
    }

    /// Owner, product and lots of these quantities: what a first push carries.
    pub fn stocked(&mut self, quantities: &[i64]) -> (Uid, Vec<Uid>, Vec<Operation>) {
        let owner = self.owner();
        let (product, born) = self.product("Paracétamol 500 mg", "2000000000015");
        let mut operations = vec![owner, born];
        let mut lots = Vec::new();
        for place in 0..quantities.len() {
            let expiry = 20_270_101 + place as i64;
            let (lot, born) = self.lot(product, &format!("L{}", place + 1), Some(expiry));
            lots.push(lot);
            operations.push(born);
        }
        let moves: Vec<_> = lots.iter().copied().zip(quantities.iter().copied()).collect();
        operations.push(self.opening(&moves));
        (product, lots, operations)
    }
}

pub fn sold(line: &Line) -> i64 {
    line.takes.iter().map(|take| take.quantity).sum()
}

pub fn movement(line: i64, lot: Uid, delta: i64, source: &str, number: &str) -> Vec<Value> {
    let (line, delta) = (Value::from(line), Value::from(delta));
    vec![line, 0.into(), lot.into(), delta, source.into(), number.into(), Value::Null, Value::Null, Value::Null]
}

pub fn sent(operation: &Operation) -> SentOperation {
    let frozen = serde_json::to_string(operation).unwrap();
    SentOperation {
        operation: RawValue::from_string(frozen).unwrap(),
        server_ids: Default::default(),
        attempts: 0,
        clock_doubtful: false,
    }
}

pub fn prepared(operations: &[Operation]) -> Vec<Prepared> {
    operations.iter().map(|operation| prepare(sent(operation)).unwrap()).collect()
}

/// The body of a push.
pub fn push_body(operations: &[Operation], acknowledged: i64) -> Json {
    let operations: Vec<Json> = operations.iter().map(|operation| json!({ "operation": operation })).collect();
    json!({
        "protocol": 1, "schema": 1, "incarnation": Uid::from_u128(9), "epoch": 0, "cursor": { "rev": 0 },
        "sentAt": NOON, "acknowledged": acknowledged, "operations": operations,
    })
}
