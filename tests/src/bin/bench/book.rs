//! A pharmacy's book of any size, written into the file of a hub that is down: rows by the statements of the declaration,
//! in one transaction. Tickets are numbered and chained, lots hold what their movements say.

use std::{collections::HashMap, path::Path};

use anyhow::{Context, Result};
use officine_protocol::{
    Uid,
    chain::{self, GENESIS, Hash},
    entities::{PRODUCT, PRODUCT_BATCH, SALE, STOCK_ADJUSTMENT},
    record::Record,
    schema::{Column, Entity, Kind},
    sql::{self, Dialect, Place},
    ticket,
    value::Value,
};
use officine_tests::{
    benched::{dci, form, name},
    chance::Chance,
};
use rusqlite::{Connection, Transaction, params_from_iter};

/// A first of January, and the milliseconds between two documents.
const BEGUN: i64 = 1_735_689_600_000;
const BETWEEN: i64 = 300_000;
const OPENING: i64 = 1_000;
const LOTS_OF_AN_OPENING: usize = 500;
const LINES: i64 = 3;
const TILLS: i64 = 3;

/// How many of each.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub products: usize,
    pub lots: usize,
    pub sales: usize,
}

/// Writes it after what there is. The pharmacy has an owner, and its hub is down.
pub fn write(file: &Path, size: Size) -> Result<()> {
    let mut hub = Connection::open(file).context("the hub's file")?;
    hub.set_prepared_statement_cache_capacity(64);
    let transaction = hub.transaction()?;
    let mut book = Book::open(&transaction)?;
    let products = (0..size.products).map(|n| book.product(n)).collect::<Result<Vec<_>>>()?;
    let lots = (0..size.lots).map(|n| book.lot(n, &products)).collect::<Result<Vec<_>>>()?;
    lots.chunks(LOTS_OF_AN_OPENING).try_for_each(|lots| book.opening(lots))?;
    let mut series = vec![GENESIS; TILLS as usize];
    for n in 0..size.sales as i64 {
        let (till, number) = (n % TILLS, n / TILLS + 1);
        series[till as usize] = book.sale(book.series + till, number, series[till as usize], &lots)?;
    }
    book.close()?;
    transaction.commit()?;
    hub.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// A lot and its product.
struct Lot {
    uid: Uid,
    number: String,
    expiry: i64,
    product: Uid,
    name: String,
    price: i64,
}

/// The statements of an entity.
struct Texts {
    row: String,
    parts: Vec<String>,
}

struct Book<'a> {
    hub: &'a Transaction<'a>,
    texts: HashMap<&'static str, Texts>,
    pharmacy: i64,
    owner: (Uid, i64),
    epoch: i64,
    next: i64,
    revision: i64,
    series: i64,
    now: i64,
    chance: Chance,
}

impl<'a> Book<'a> {
    fn open(hub: &'a Transaction<'a>) -> Result<Self> {
        let sql = "SELECT id, epoch, next_id, revision, next_series FROM pharmacy";
        let (pharmacy, epoch, next, revision, series) =
            hub.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
        let owner = hub.query_row("SELECT uid, id FROM \"user\" LIMIT 1", [], |row| {
            Ok((Uid::from_bytes(row.get::<_, [u8; 16]>(0)?), row.get(1)?))
        })?;
        let (texts, chance) = (HashMap::new(), Chance::new(4));
        Ok(Self { hub, texts, pharmacy, owner, epoch, next, revision, series, now: BEGUN, chance })
    }

    /// A row that begins: the next key, the next revision, a uid that says the key.
    fn record(&mut self, entity: &Entity) -> Record {
        let id = self.epoch << 40 | self.next;
        let uid = Uid::from_u128((self.now as u128) << 80 | 7 << 76 | 2 << 62 | id as u128);
        (self.next, self.revision) = (self.next + 1, self.revision + 1);
        let mut record = Record::new(entity, uid, self.now);
        (record.server_id, record.rev) = (Some(id), self.revision);
        record
    }

    /// A value as the hub stores it: a reference by the key that its uid says.
    fn stored(&self, column: &Column, value: &Value) -> Value {
        match (column.kind, value) {
            (Kind::Ref(_), Value::Uid(uid)) if *uid == self.owner.0 => self.owner.1.into(),
            (Kind::Ref(_), Value::Uid(uid)) => ((uid.as_u128() & ((1 << 53) - 1)) as i64).into(),
            _ => value.clone(),
        }
    }

    fn put(&mut self, entity: &'static Entity, mut record: Record) -> Result<Record> {
        record.derive(entity);
        record.check(entity)?;
        let id = record.server_id.unwrap_or_default();
        let texts = self.texts.entry(entity.name).or_insert_with(|| Texts {
            row: sql::upsert(entity, Dialect::Sqlite, Place::Hub),
            parts: entity.parts.iter().map(|part| sql::insert_part(part, Dialect::Sqlite, Place::Hub)).collect(),
        });
        let (mut row, parts) = (self.hub.prepare_cached(&texts.row)?, texts.parts.clone());
        let standard: [Value; 6] = [
            self.pharmacy.into(),
            id.into(),
            record.uid.into(),
            record.rev.into(),
            record.created_at.into(),
            Value::Null,
        ];
        let declared = sql::written(entity).map(|(place, column)| self.stored(column, &record.values[place]));
        row.execute(params_from_iter(standard.into_iter().chain(declared)))?;
        for ((part, rows), text) in entity.parts.iter().zip(&record.parts).zip(&parts) {
            let mut insert = self.hub.prepare_cached(text)?;
            for row in rows {
                let owner: [Value; 2] = [self.pharmacy.into(), id.into()];
                let cells = part.columns.iter().zip(row).map(|(column, value)| self.stored(column, value));
                insert.execute(params_from_iter(owner.into_iter().chain(cells)))?;
            }
        }
        Ok(record)
    }

    fn product(&mut self, n: usize) -> Result<(Uid, String, i64)> {
        let (mut record, price) = (self.record(&PRODUCT), 500 + (n % 400 * 50) as i64);
        record.set(&PRODUCT, "name", name(n)).set(&PRODUCT, "dci", dci(n)).set(&PRODUCT, "form", form(n));
        record.set(&PRODUCT, "min_stock", 2);
        add(&mut record, &PRODUCT, "units", vec![0.into(), "boîte".into(), 1.into(), price.into()]);
        let code = officine_tests::shop::code(100_000 + n);
        add(&mut record, &PRODUCT, "codes", vec![0.into(), code.into(), "ean13".into(), 0.into(), Value::Null]);
        Ok((self.put(&PRODUCT, record)?.uid, name(n), price))
    }

    fn lot(&mut self, n: usize, products: &[(Uid, String, i64)]) -> Result<Lot> {
        let (product, name, price) = products[n % products.len()].clone();
        let number = format!("{:02}{:05}", n % 97, self.chance.below(100_000));
        let expiry = 20_270_028 + (n / products.len()) as i64 * 10_000 + (1 + n as i64 % 12) * 100;
        let (mut record, received) = (self.record(&PRODUCT_BATCH), self.now);
        let values: [(&str, Value); 5] = [
            ("product", product.into()),
            ("lot_number", number.as_str().into()),
            ("expiry", expiry.into()),
            ("pack_cost", (price * 3 / 4).into()),
            ("received_at", received.into()),
        ];
        for (name, value) in values {
            record.set(&PRODUCT_BATCH, name, value);
        }
        record.set(&PRODUCT_BATCH, "pack_size", 1);
        let uid = self.put(&PRODUCT_BATCH, record)?.uid;
        Ok(Lot { uid, number, expiry, product, name, price })
    }

    fn opening(&mut self, lots: &[Lot]) -> Result<()> {
        let mut record = self.record(&STOCK_ADJUSTMENT);
        let (owner, now) = (self.owner.0, self.now);
        record.set(&STOCK_ADJUSTMENT, "kind", "opening").set(&STOCK_ADJUSTMENT, "user", owner);
        record.set(&STOCK_ADJUSTMENT, "occurred_at", now);
        for (line, lot) in (1..).zip(lots) {
            add(&mut record, &STOCK_ADJUSTMENT, "movements", lot.moved(line, OPENING, "opening"));
        }
        self.now += BETWEEN;
        self.put(&STOCK_ADJUSTMENT, record).map(drop)
    }

    /// A ticket of three lines, paid in cash. Gives its link.
    fn sale(&mut self, series: i64, number: i64, previous: Hash, lots: &[Lot]) -> Result<Hash> {
        let (mut record, mut total) = (self.record(&SALE), 0);
        for line in 1..=LINES {
            let lot = &lots[self.chance.below(lots.len() as u64) as usize];
            let count = 1 + self.chance.below(3) as i64;
            total += count * lot.price;
            add(&mut record, &SALE, "items", lot.sold(line, count));
            add(&mut record, &SALE, "movements", lot.moved(line, -count, "assumed"));
        }
        add(&mut record, &SALE, "payments", vec![1.into(), "cash".into(), total.into(), Value::Null]);
        for (name, value) in [("series", series), ("number", number), ("occurred_at", self.now), ("total", total)] {
            record.set(&SALE, name, value);
        }
        for (name, value) in [("tendered", total), ("chain_version", chain::VERSION), ("discount", 0), ("rounding", 0)]
        {
            record.set(&SALE, name, value);
        }
        record.set(&SALE, "user", self.owner.0).set(&SALE, "state", "confirmed");
        set_bytes(&mut record, "previous_hash", previous);
        let hash = ticket::link(&SALE, &record);
        set_bytes(&mut record, "hash", hash);
        self.now += BETWEEN;
        self.put(&SALE, record).map(|_| hash)
    }

    /// Lots hold the sums of their movements, and the pharmacy stands where the book ends.
    fn close(&self) -> Result<()> {
        let sums = "UPDATE product_batch AS b SET quantity = m.sum FROM (SELECT batch_id, sum(delta) AS sum \
                    FROM stock_movement WHERE pharmacy_id = ?1 GROUP BY batch_id) m WHERE b.pharmacy_id = ?1 AND b.id = m.batch_id";
        self.hub.execute(sums, [self.pharmacy])?;
        let commit = Uid::from_u128(self.now as u128);
        let sql = "INSERT INTO commit_log (pharmacy_id, rev, uid, committed_at) VALUES (?1, ?2, ?3, ?4)";
        self.hub.execute(sql, (self.pharmacy, self.revision, commit.as_bytes(), self.now))?;
        let sql = "UPDATE pharmacy SET next_id = ?2, revision = ?3, next_series = ?4 WHERE id = ?1";
        self.hub.execute(sql, (self.pharmacy, self.next, self.revision, self.series + TILLS))?;
        Ok(())
    }
}

impl Lot {
    fn moved(&self, line: i64, delta: i64, source: &str) -> Vec<Value> {
        let cost = delta.abs() * self.price * 3 / 4;
        let (number, expiry) = (self.number.as_str().into(), self.expiry.into());
        vec![
            line.into(),
            0.into(),
            self.uid.into(),
            delta.into(),
            source.into(),
            number,
            expiry,
            cost.into(),
            Value::Null,
        ]
    }

    fn sold(&self, line: i64, count: i64) -> Vec<Value> {
        let [product, name, unit]: [Value; 3] = [self.product.into(), self.name.as_str().into(), "boîte".into()];
        let [count, price, amount]: [Value; 3] = [count.into(), self.price.into(), (count * self.price).into()];
        vec![line.into(), product, name, unit, count.clone(), price, count, amount, "".into(), true.into(), 0.into()]
    }
}

fn add(record: &mut Record, entity: &Entity, part: &str, row: Vec<Value>) {
    record.part_mut(entity, part).into_iter().for_each(|rows| rows.push(row.clone()));
}

fn set_bytes(record: &mut Record, name: &str, bytes: Hash) {
    if let Some(place) = SALE.column(name) {
        record.values[place] = Value::Bytes(bytes.to_vec());
    }
}
