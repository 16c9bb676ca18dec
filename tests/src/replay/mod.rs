//! A year of real invoices through the engine's public functions, as a cashier would enter them: scans, payment, goods
//! taken back against their ticket, stock written off. What must come out is computed from the file alone.

mod book;
pub mod file;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use book::{Book, basket, bought_before};
use file::{Invoice, Line, instant};
use officine_protocol::clock::Clock;
use officine_till::{
    Till,
    system::SystemEntropy,
    views::{
        CommitSaleArgs, CreateOwnerArgs, DestroyStockArgs, ImportArgs, LotQuantityArgs, QuantityArgs, ReturnLineArgs,
        ReturnSaleArgs, ScanArgs, ScanOutcome, SignInArgs,
    },
};
use rusqlite::{Connection, OpenFlags};

use crate::offline;

const PIN: &str = "2580";
/// Lots of each article; FEFO empties one after the other.
const LOTS: i64 = 3;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// A clock that stands until it is moved.
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the file says must come out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Tickets, the eve's left out.
    pub sales: i64,
    /// Francs sold.
    pub sold: i128,
    /// Invoices that bring goods back.
    pub returns: i64,
    /// Francs given back.
    pub refunded: i128,
    /// Boxes left per article.
    pub left: BTreeMap<String, i64>,
}

/// A shop that plays invoices.
pub struct Replay {
    /// The till.
    pub till: Arc<Till>,
    clock: Arc<Moved>,
    book: Book,
    store: PathBuf,
    first: i64,
    /// What was entered so far, as the engine answered.
    pub entered: Sums,
}

/// Boxes of each article that the invoices need, the eve's with them.
fn needed(invoices: &[Invoice], before: &BTreeMap<String, BTreeMap<String, i64>>) -> BTreeMap<String, (i64, i64)> {
    let mut needed: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for line in invoices.iter().flat_map(|invoice| &invoice.lines) {
        let entry = needed.entry(line.cip13.clone()).or_insert((0, line.unit_gnf));
        entry.0 += if line.qty > 0 { line.qty } else { -line.qty };
    }
    for (code, quantity) in before.values().flatten() {
        needed.entry(code.clone()).or_default().0 += quantity;
    }
    needed
}

impl Replay {
    /// A shop whose shelf holds what the invoices will sell, and the tickets of the eve: goods that come back later and
    /// were bought before the first day.
    pub fn open(dir: &Path, invoices: &[Invoice]) -> Result<Self> {
        let first = invoices.first().map_or(Ok(0), |invoice| instant(&invoice.ts))?;
        let clock = Arc::new(Moved(AtomicI64::new(first - DAY_MS)));
        let till = Till::open(dir, Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy))?;
        offline::enrol(&till)?;
        till.create_owner(&CreateOwnerArgs { name: "Replay".into(), login: "replay".into(), pin: PIN.into() })?;
        let owner = till.people()?.remove(0).uid;
        till.sign_in(&SignInArgs { uid: owner, pin: PIN.into() })?;
        let before = bought_before(invoices);
        let stock = needed(invoices, &before);
        let file = dir.join("catalogue.csv");
        std::fs::write(&file, catalogue(&stock))?;
        let report = till.run_import(&ImportArgs { path: file.display().to_string(), rate: String::new() })?;
        ensure!(report.bad_count == 0, "{:?}", report.bad_rows);
        let (store, book, entered) = (dir.join("officine.db"), Book::default(), Sums::default());
        let mut replay = Self { till, clock, book, store, first, entered };
        for (customer, articles) in &before {
            replay.eve(first, customer, articles, &stock)?;
        }
        Ok(replay)
    }

    fn eve(
        &mut self,
        first: i64,
        customer: &str,
        articles: &BTreeMap<String, i64>,
        stock: &BTreeMap<String, (i64, i64)>,
    ) -> Result<()> {
        let price = |code: &str| stock.get(code).map_or(0, |(_, price)| *price);
        let line = |(code, qty): (&String, &i64)| Line { cip13: code.clone(), qty: *qty, unit_gnf: price(code) };
        let lines: Vec<Line> = articles.iter().map(line).collect();
        self.clock.0.store(first - 1, Ordering::Relaxed);
        let ticket = Invoice { ts: String::new(), is_return: false, customer: Some(customer.to_owned()), lines };
        self.sell(&ticket).map(|_| ())
    }

    /// Enters an invoice.
    pub fn enter(&mut self, invoice: &Invoice) -> Result<()> {
        self.clock.0.store(instant(&invoice.ts)?, Ordering::Relaxed);
        if invoice.is_return {
            self.entered.returns += 1;
            self.entered.refunded += i128::from(self.take_back(invoice)?);
        } else if invoice.lines.iter().any(|line| line.qty < 0) {
            self.write_off(invoice)?;
        } else {
            self.entered.sales += 1;
            self.entered.sold += i128::from(self.sell(invoice)?);
        }
        Ok(())
    }

    fn sell(&mut self, invoice: &Invoice) -> Result<i64> {
        let mut total = 0;
        for (code, count) in basket(invoice) {
            let scanned = self.till.scan(&ScanArgs { code: code.to_owned(), count })?;
            ensure!(scanned.outcome == ScanOutcome::Added, "{code}: {:?}", scanned.problem);
            total = scanned.cart.total;
        }
        let receipt = self.till.commit_sale(&CommitSaleArgs { expected_total: total, ..CommitSaleArgs::default() })?;
        self.book.sold(invoice, &receipt.uid);
        Ok(receipt.total)
    }

    /// One ticket takes back what one ticket sold: an invoice may need several.
    fn take_back(&mut self, invoice: &Invoice) -> Result<i64> {
        let mut refunded = 0;
        for (sale, lines) in self.book.take_back(invoice) {
            let line = |(line, quantity)| ReturnLineArgs { line, quantity, disposition: None };
            let lines = lines.into_iter().map(line).collect();
            let args = ReturnSaleArgs { sale, lines, reason: "retour".to_owned(), payments: Vec::new() };
            refunded += self.till.return_sale(&args)?.total;
        }
        Ok(refunded)
    }

    /// Broken, stolen, expired: destroyed, the lot that expires first before the others.
    fn write_off(&self, invoice: &Invoice) -> Result<()> {
        for (code, mut wanted) in basket(invoice) {
            let hit = self.till.find_code(code)?.into_iter().next().context("an article of the catalogue")?;
            let mut lines = Vec::new();
            for lot in self.till.product(&hit.uid)?.lots.iter().filter(|lot| lot.blocked.is_none()) {
                let taken = wanted.min(lot.quantity.max(0));
                if taken > 0 {
                    let quantity = Some(QuantityArgs { count: taken, unit: None });
                    lines.push(LotQuantityArgs { batch: lot.uid.clone(), quantity });
                }
                wanted -= taken;
            }
            ensure!(wanted == 0, "{code}: {wanted} more are written off than there are");
            let args = DestroyStockArgs { lines, reason: "perte".to_owned(), below_zero: false };
            self.till.destroy_stock(&args)?;
        }
        Ok(())
    }

    /// What the store holds, read beside the engine. Invoices that bring goods back are counted as they were entered:
    /// one may have become several tickets.
    pub fn stored(&self) -> Result<Sums> {
        let store = Connection::open_with_flags(&self.store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let one = |sql: &str| store.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
        let (sales, sold) =
            one(&format!("SELECT count(*), coalesce(sum(total), 0) FROM sale WHERE occurred_at >= {}", self.first))?;
        let (_, refunded) = one("SELECT count(*), coalesce(sum(total), 0) FROM sale_return")?;
        let (sold, refunded, returns) = (sold.into(), refunded.into(), self.entered.returns);
        let sql = "SELECT c.code, sum(b.quantity) FROM product_code c JOIN product_batch b USING (product_id) GROUP BY c.code";
        let mut statement = store.prepare(sql)?;
        let left = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Sums { sales, sold, returns, refunded, left: left.collect::<rusqlite::Result<_>>()? })
    }

    /// Lines, payments and totals of tickets that do not agree, and gaps in the numbers: none is right.
    pub fn disagreements(&self) -> Result<i64> {
        let store = Connection::open_with_flags(&self.store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0));
        let sums = |table: &str| {
            format!(
                "SELECT count(*) FROM {table} d WHERE total <> (SELECT sum(amount) FROM {table}_item WHERE {table}_id = d.id) \
                 OR total <> (SELECT sum(amount) FROM {table}_payment WHERE {table}_id = d.id)"
            )
        };
        let gaps = "SELECT max(number) - count(DISTINCT number) FROM (SELECT number FROM sale UNION ALL SELECT number FROM sale_return)";
        Ok(count(&sums("sale"))? + count(&sums("sale_return"))? + count(gaps)?)
    }
}

/// What the invoices come to, from the file alone.
pub fn expected(invoices: &[Invoice]) -> Sums {
    let mut sums = Sums::default();
    let before = bought_before(invoices);
    let mut left: BTreeMap<String, i64> =
        needed(invoices, &before).into_iter().map(|(code, (boxes, _))| (code, boxes / LOTS * LOTS + LOTS)).collect();
    for (code, quantity) in before.values().flatten() {
        *left.entry(code.clone()).or_default() -= quantity;
    }
    for invoice in invoices {
        let written_off = invoice.lines.iter().any(|line| line.qty < 0) && !invoice.is_return;
        let amount: i128 = invoice.lines.iter().map(|line| i128::from(line.qty) * i128::from(line.unit_gnf)).sum();
        match (invoice.is_return, written_off) {
            (true, _) => (sums.returns, sums.refunded) = (sums.returns + 1, sums.refunded - amount),
            (false, true) => {}
            (false, false) => (sums.sales, sums.sold) = (sums.sales + 1, sums.sold + amount),
        }
        for line in &invoice.lines {
            *left.entry(line.cip13.clone()).or_default() -= line.qty * if written_off { -1 } else { 1 };
        }
    }
    sums.left = left;
    sums
}

fn catalogue(stock: &BTreeMap<String, (i64, i64)>) -> String {
    let mut text = String::from("nom;code;prix gnf;lot;peremption;quantite\n");
    for (code, (boxes, price)) in stock {
        let each = boxes / LOTS + 1;
        for lot in 0..LOTS {
            let _ = writeln!(text, "Article {code};{code};{price};L{lot};{}-06-30;{each}", 2012 + lot);
        }
    }
    text
}
