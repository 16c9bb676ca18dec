//! What somebody at a till does all day, drawn from a seed, and the journal of the tickets he was told are recorded.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    thread::sleep,
    time::Duration,
};

use officine_till::{
    Error, Result, Till, Trigger,
    views::{CommitSaleArgs, CorrectStockArgs, QuantityArgs, ScanArgs, ScanOutcome},
};

use crate::{chance::Chance, shop::code};

/// Refusals that no day at a till may bring: the store is in trouble, or what the clerk asks makes no sense.
const FAULTS: [&str; 8] = [
    "store_unreadable",
    "store_read_only",
    "store_busy",
    "store_failed",
    "disk_full",
    "internal",
    "field_invalid",
    "forbidden",
];

/// Another till took the boxes between the scan and the money, and this one heard of it.
const TAKEN: &str = "stock_insufficient";

/// Somebody at a till.
pub struct Clerk {
    chance: Chance,
    products: usize,
}

impl Clerk {
    /// Whose choices follow from the seed, among so many products.
    pub fn new(seed: u64, products: usize) -> Self {
        Self { chance: Chance::new(seed), products }
    }

    /// Does one thing. Gives the uid of the ticket, where it is one that is recorded now.
    pub fn acts(&mut self, till: &Till) -> Option<String> {
        let done = match self.chance.below(100) {
            0..4 => till.cancel_last("client parti").map(|cancelled| Some(cancelled.receipt.uid)),
            4..10 => self.restocks(till).map(|()| None),
            10..14 => self.edits(till).map(|()| None),
            14..17 => till.sync_now(Trigger::Manual).map(|_| None),
            _ => self.sells(till),
        };
        done.unwrap_or_else(|error: Error| {
            assert!(!FAULTS.contains(&error.code().as_str()), "{error:?}");
            None
        })
    }

    /// Sells one to three boxes of one or two products, if the shelf has them, and still has them at the end.
    pub fn sells(&mut self, till: &Till) -> Result<Option<String>> {
        till.clear_cart()?;
        let mut total = None;
        for _ in 0..=self.chance.below(2) {
            let (code, count) = (code(self.any()), 1 + self.chance.below(3) as i64);
            let scanned = till.scan(&ScanArgs { code, count })?;
            if scanned.outcome == ScanOutcome::Added {
                total = Some(scanned.cart.total);
            }
        }
        let Some(expected_total) = total else { return Ok(None) };
        match till.commit_sale(&CommitSaleArgs { expected_total, ..Default::default() }) {
            Err(gone) if gone.code() == TAKEN => Ok(None),
            sold => Ok(Some(sold?.uid)),
        }
    }

    /// Finds boxes of one product that no book knew of.
    pub fn restocks(&mut self, till: &Till) -> Result<()> {
        let lots = self.product(till)?.lots;
        let Some(lot) = lots.first() else { return Ok(()) };
        let delta = QuantityArgs { count: 1 + self.chance.below(20) as i64, unit: None };
        let reason = "carton retrouvé".to_owned();
        till.correct_stock(&CorrectStockArgs { batch: lot.uid.clone(), delta, reason, below_zero: false }).map(|_| ())
    }

    fn edits(&mut self, till: &Till) -> Result<()> {
        let product = self.product(till)?.hit.uid;
        let dci = format!("dci {}", self.chance.below(1_000));
        let fields = [("dci".to_owned(), dci.into())].into_iter().collect();
        till.edit_product(&product, &fields).map(|_| ())
    }

    fn product(&mut self, till: &Till) -> Result<officine_till::views::ProductView> {
        let hits = till.find_code(&code(self.any()))?;
        till.product(&hits.first().expect("a product").uid)
    }

    fn any(&mut self) -> usize {
        self.chance.below(self.products as u64) as usize
    }

    /// Waits for the next customer.
    pub fn rests(&mut self) {
        sleep(Duration::from_millis(20 + self.chance.below(100)));
    }
}

/// Tickets that were acknowledged, a line each.
pub struct Journal(File);

impl Journal {
    /// Goes on at its end.
    pub fn open(file: &Path) -> Self {
        Self(OpenOptions::new().create(true).append(true).open(file).expect("the journal"))
    }

    /// On the disk once this returns.
    pub fn write(&mut self, ticket: &str) {
        self.0.write_all(format!("{ticket}\n").as_bytes()).and_then(|()| self.0.sync_data()).expect("the journal");
    }

    /// What a journal says; a line that was cut was not acknowledged.
    pub fn read(file: &Path) -> BTreeSet<String> {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(str::to_owned).collect()
    }
}
