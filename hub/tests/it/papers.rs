//! The other documents of a till in miniature: returns, counts, adjustments, repayments.

use officine_protocol::{
    Uid,
    chain::{self, Printed, PrintedLine, PrintedPayment},
    entities::{CASH_SESSION, CREDIT_PAYMENT, CUSTOMER, SALE_RETURN, STOCK_ADJUSTMENT, STOCKTAKE, SUPPLIER_RETURN},
    messages::Operation,
    record::Record,
    schema::Entity,
    value::Value,
};

use crate::shop::{Line, Shop, movement, sold};

impl Shop {
    /// Brings back the lines of a ticket, into the lots they came from.
    pub fn bring_back(&mut self, sale: Uid, lines: &[Line], disposition: &'static str) -> Record {
        self.number += 1;
        let total = lines.iter().map(|line| line.price * sold(line)).sum::<i64>();
        let mut record = Record::new(&SALE_RETURN, self.uid(), self.now);
        record.set(&SALE_RETURN, "series", self.series).set(&SALE_RETURN, "number", self.number);
        record.set(&SALE_RETURN, "sale", sale).set(&SALE_RETURN, "user", self.user);
        record.set(&SALE_RETURN, "occurred_at", self.now).set(&SALE_RETURN, "kind", "return");
        record.set(&SALE_RETURN, "total", total).set(&SALE_RETURN, "chain_version", chain::VERSION);
        let moves = disposition != "destroyed";
        for (line, n) in lines.iter().zip(1_i64..) {
            let (count, amount) = (Value::from(sold(line)), Value::from(line.price * sold(line)));
            let head = [n.into(), n.into(), line.product.into(), "Paracétamol".into(), "boîte".into()];
            let item = head.into_iter().chain([count.clone(), count, amount, disposition.into()]).collect();
            record.part_mut(&SALE_RETURN, "items").unwrap().push(item);
            let takes = line.takes.iter().filter(|_| moves);
            let rows = takes.map(|take| movement(n, take.lot, take.quantity, "returned", take.number));
            record.part_mut(&SALE_RETURN, "movements").unwrap().extend(rows);
        }
        let payment = vec![1.into(), "cash".into(), total.into(), Value::Null];
        record.part_mut(&SALE_RETURN, "payments").unwrap().push(payment);
        let line = |line: &Line| PrintedLine {
            name: "Paracétamol",
            unit: "boîte",
            count: sold(line),
            unit_price: 0,
            amount: line.price * sold(line),
            lots: line.takes.iter().filter(|_| moves).map(|take| (take.number, take.quantity)).collect(),
            discount: 0,
        };
        let printed = Printed {
            version: chain::VERSION,
            uid: record.uid,
            series: self.series,
            number: self.number,
            occurred_at: self.now,
            user: self.user,
            total,
            tendered: 0,
            lines: lines.iter().map(line).collect(),
            kind: "return",
            takes_back: Some(sale),
            customer: None,
            discount: 0,
            rounding: 0,
            payments: vec![PrintedPayment { means: "cash", amount: total, reference: "" }],
        };
        self.chained(&SALE_RETURN, &mut record, &printed);
        record
    }

    pub fn returned(&mut self, sale: Uid, lines: &[Line]) -> Operation {
        let record = self.bring_back(sale, lines, "shelf");
        self.birth(&SALE_RETURN, &record)
    }

    fn moving(&mut self, entity: &Entity, moves: &[(Uid, i64)]) -> Record {
        let mut record = Record::new(entity, self.uid(), self.now);
        record.set(entity, "occurred_at", self.now).set(entity, "user", self.user);
        for (n, (lot, delta)) in (1_i64..).zip(moves) {
            record.part_mut(entity, "movements").unwrap().push(movement(n, *lot, *delta, "moved", "L1"));
        }
        record
    }

    pub fn adjust(&mut self, kind: &str, moves: &[(Uid, i64)]) -> Operation {
        let mut record = self.moving(&STOCK_ADJUSTMENT, moves);
        record.set(&STOCK_ADJUSTMENT, "kind", kind);
        self.birth(&STOCK_ADJUSTMENT, &record)
    }

    pub fn send_back(&mut self, supplier: Uid, moves: &[(Uid, i64)]) -> Operation {
        let mut record = self.moving(&SUPPLIER_RETURN, moves);
        record.set(&SUPPLIER_RETURN, "supplier", supplier);
        self.birth(&SUPPLIER_RETURN, &record)
    }

    /// Counts of lots: lot, zone, counted, when; with the differences the till found.
    pub fn count(&mut self, counts: &[(Uid, &str, i64, i64)], moves: &[(Uid, i64)]) -> Operation {
        let mut record = self.moving(&STOCKTAKE, moves);
        record.set(&STOCKTAKE, "started_at", self.now);
        for (n, (lot, zone, counted, at)) in (1_i64..).zip(counts) {
            let (at, user) = ((*at).into(), self.user.into());
            let row = vec![n.into(), (*lot).into(), (*zone).into(), (*counted).into(), at, user, false.into()];
            record.part_mut(&STOCKTAKE, "counts").unwrap().push(row);
        }
        self.birth(&STOCKTAKE, &record)
    }

    pub fn customer(&mut self, name: &str, phone: &str, ceiling: i64) -> (Uid, Operation) {
        let mut record = Record::new(&CUSTOMER, self.uid(), self.now);
        record.set(&CUSTOMER, "name", name).set(&CUSTOMER, "phone", phone).set(&CUSTOMER, "credit_ceiling", ceiling);
        (record.uid, self.birth(&CUSTOMER, &record))
    }

    pub fn repay(&mut self, customer: Uid, sale: Option<Uid>, amount: i64, reference: &str) -> Operation {
        let mut record = Record::new(&CREDIT_PAYMENT, self.uid(), self.now);
        record.set(&CREDIT_PAYMENT, "customer", customer).set(&CREDIT_PAYMENT, "sale", sale);
        record.set(&CREDIT_PAYMENT, "user", self.user).set(&CREDIT_PAYMENT, "amount", amount);
        record.set(&CREDIT_PAYMENT, "means", "orange_money").set(&CREDIT_PAYMENT, "reference", reference);
        record.set(&CREDIT_PAYMENT, "occurred_at", self.now);
        self.birth(&CREDIT_PAYMENT, &record)
    }

    pub fn drawer(&mut self) -> (Uid, Operation) {
        let mut record = Record::new(&CASH_SESSION, self.uid(), self.now);
        record.set(&CASH_SESSION, "series", self.series).set(&CASH_SESSION, "user", self.user);
        record.set(&CASH_SESSION, "opened_at", self.now).set(&CASH_SESSION, "opening_float", 5_000);
        (record.uid, self.birth(&CASH_SESSION, &record))
    }
}
