//! A shop of the size the table speaks of, filled through the engine's own import.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use officine_till::{
    Till,
    system::{SystemClock, SystemEntropy},
    views::{CreateOwnerArgs, ImportArgs, ListProductsArgs, SignInArgs},
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::offline;

const PIN: &str = "2580";
const HISTORY: i64 = 100_000;
const STEMS: [&str; 24] = [
    "Paracé", "Amoxi", "Métro", "Cipro", "Ibu", "Omép", "Ceftri", "Doxy", "Érythro", "Flucon", "Céti", "Predni",
    "Salbu", "Amlo", "Capto", "Éna", "Furo", "Artémé", "Lumé", "Quini", "Vita", "Spas", "Loraz", "Diclo",
];
const ENDINGS: [&str; 16] = [
    "tamol",
    "cilline",
    "nidazole",
    "floxacine",
    "profène",
    "razole",
    "axone",
    "cycline",
    "mycine",
    "azole",
    "rizine",
    "solone",
    "tamol LP",
    "dipine",
    "pril",
    "sémide",
];
const FORMS: [&str; 6] = ["comprimé", "gélule", "sirop", "pommade", "injectable", "sachet"];

/// How many products.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 20,000.
    Small,
    /// 100,000.
    Large,
}

/// The shop.
pub struct Shop {
    /// Its till.
    pub till: Arc<Till>,
    dir: TempDir,
    products: Vec<String>,
    names: Vec<String>,
    sales: i64,
    lots: i64,
}

impl Shop {
    /// Fills a shop: products, three lots each where it sells, and its history.
    pub fn open(size: Size, sells: bool) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let count = if size == Size::Small { 20_000 } else { 100_000 };
        let till = Till::open(dir.path(), Arc::new(SystemClock), Arc::new(SystemEntropy))?;
        offline::enrol(&till)?;
        till.create_owner(&CreateOwnerArgs { name: "Bench".into(), login: "bench".into(), pin: PIN.into() })?;
        let owner = till.people()?.remove(0).uid;
        till.sign_in(&SignInArgs { uid: owner, pin: PIN.into() })?;
        let (file, names) = catalogue(dir.path(), count)?;
        till.run_import(&ImportArgs { path: file.display().to_string(), rate: String::new() })?;
        let products = identities(&till, 4_000)?;
        drop(till);
        let side = Connection::open(dir.path().join("officine.db"))?;
        side.execute_batch("UPDATE outbox SET state = 5, settled_at = 0")?;
        let lots = side.query_row("SELECT count(*) FROM product_batch", [], |row| row.get(0))?;
        let sales = if sells { history(&side)? } else { 0 };
        side.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        drop(side);
        let till = Till::open(dir.path(), Arc::new(SystemClock), Arc::new(SystemEntropy))?;
        let owner = till.people()?.remove(0).uid;
        till.sign_in(&SignInArgs { uid: owner, pin: PIN.into() })?;
        Ok(Self { till, dir, products, names, sales, lots })
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Bytes in the write-ahead log.
    pub fn log_bytes(&self) -> u64 {
        std::fs::metadata(self.dir().join("officine.db-wal")).map_or(0, |metadata| metadata.len())
    }

    /// Products.
    pub fn products(&self) -> usize {
        self.names.len()
    }

    /// Lots.
    pub fn lots(&self) -> i64 {
        self.lots
    }

    /// Sales before the bench.
    pub fn sales(&self) -> i64 {
        self.sales
    }

    /// Three products of a round, spread over the catalogue.
    pub fn basket(&self, round: usize) -> impl Iterator<Item = String> {
        let pick = |n: usize| self.products[(round * 3 + n) * 7_919 % self.products.len()].clone();
        [pick(0), pick(1), pick(2)].into_iter()
    }

    /// What somebody types: the beginnings of names, letter by letter.
    pub fn keystrokes(&self, count: usize) -> impl Iterator<Item = String> + '_ {
        let names = (0..).map(|n: usize| &self.names[n * 7_919 % self.names.len()]);
        names.flat_map(|name| (2..=7).map(|letters| name.chars().take(letters).collect())).take(count)
    }
}

/// What the n-th product is called.
pub fn name(n: usize) -> String {
    format!("{}{} {} mg {}", STEMS[n % 24], ENDINGS[n / 24 % 16], 5 * (1 + n % 97), form(n))
}

/// Its substance.
pub fn dci(n: usize) -> &'static str {
    ENDINGS[(n * 7) % 16]
}

/// Its form.
pub fn form(n: usize) -> &'static str {
    FORMS[n % 6]
}

fn catalogue(dir: &Path, count: usize) -> Result<(PathBuf, Vec<String>)> {
    let mut text = String::from("nom;dci;forme;code;prix;lot;peremption;quantite\n");
    let mut names = Vec::with_capacity(count);
    for n in 0..count {
        let (name, dci, form, price) = (name(n), dci(n), form(n), 500 + n % 400 * 50);
        for lot in 0..if count <= 20_000 { 3 } else { 1 } {
            let (month, quantity) = (1 + n % 12, 400 + n % 100);
            writeln!(text, "{name};{dci};{form};B{n:07};{price};L{n}{lot};20{}-{month:02}-28;{quantity}", 27 + lot)?;
        }
        names.push(name);
    }
    let file = dir.join("catalogue.csv");
    std::fs::write(&file, text)?;
    Ok((file, names))
}

fn identities(till: &Till, wanted: u32) -> Result<Vec<String>> {
    let mut found = Vec::new();
    while (found.len() as u32) < wanted {
        let args = ListProductsArgs { text: String::new(), standing: None, offset: found.len() as u32, limit: 200 };
        let page = till.list_products(&args)?.rows;
        if page.is_empty() {
            break;
        }
        found.extend(page.into_iter().map(|hit| hit.uid));
    }
    Ok(found)
}

/// Old tickets, three lines each, as they lie in the store.
fn history(side: &Connection) -> Result<i64> {
    side.execute_batch(&format!(
        "BEGIN;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {HISTORY})
         INSERT INTO sale (uid, server_id, rev, created_at, series, number, user_id, occurred_at, total, tendered, chain_version,
           previous_hash, hash, state)
         SELECT unhex(printf('%012x7000%016x', 1700000000000 + i, i)), i, i, i, 1, i, 1, 1700000000000 + i, 3000, 3000, 1,
           zeroblob(32), zeroblob(32), 'confirmed' FROM n;
         WITH RECURSIVE l (line) AS (SELECT 1 UNION ALL SELECT line + 1 FROM l WHERE line < 3)
         INSERT INTO sale_item SELECT s.id, line, 1 + (s.id * 7 + line) % 20000, 'Produit', 'boîte', 1, 1000, 1, 1000, '', 0, 0
           FROM sale s, l;
         WITH RECURSIVE l (line) AS (SELECT 1 UNION ALL SELECT line + 1 FROM l WHERE line < 3)
         INSERT INTO stock_movement SELECT 1, s.id, line, 0, 1 + (s.id * 7 + line) % 60000, 0, 'assumed', 'L', 20280101, NULL, NULL
           FROM sale s, l;
         INSERT INTO sale_payment SELECT id, 1, 'cash', 3000, NULL FROM sale;
         UPDATE till_state SET last_number = {HISTORY};
         COMMIT;"
    ))?;
    Ok(HISTORY)
}
