//! Search per keystroke, from an index in a file of its own: losing it loses nothing, rebuilding it blocks no sale.
//!
//! Rows lie in the order users want (often sold, then by name), so the first matches in row order are the best ones
//! and no ranking happens while somebody types.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use officine_protocol::fold::fold;
use rusqlite::{Connection, OptionalExtension};

use crate::error::Result;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS meta (version INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS entry (rank INTEGER PRIMARY KEY, product INTEGER NOT NULL UNIQUE);
    CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
        text, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3 4 5 6',
        tokenize = \"unicode61 remove_diacritics 0 tokenchars '.'\"
    );";
/// Words of a query that are looked at.
const WORDS: usize = 8;

/// What is indexed of a product.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Local key.
    pub product: i64,
    /// Name, DCI, form, codes, as they are.
    pub text: String,
}

/// The index.
pub struct SearchIndex {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl SearchIndex {
    /// Opens the index; an unreadable one is thrown away, since it can be rebuilt.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = match connect(path) {
            Ok(connection) => connection,
            Err(_) => {
                let _ = std::fs::remove_file(path);
                connect(path)?
            }
        };
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The catalogue version it was built from; `None` if it was never built.
    pub fn version(&self) -> Result<Option<i64>> {
        Ok(self.lock().query_row("SELECT version FROM meta", [], |row| row.get(0)).optional()?)
    }

    /// Builds it anew from entries in the order they are to be shown. Searches go on with the old one meanwhile.
    pub fn rebuild(&self, version: i64, entries: impl IntoIterator<Item = Entry>) -> Result<()> {
        let mut side = connect(&self.path)?;
        let tx = side.transaction()?;
        tx.execute_batch("DELETE FROM entry; DROP TABLE words; DELETE FROM meta;")?;
        tx.execute_batch(SCHEMA)?;
        for (rank, entry) in entries.into_iter().enumerate() {
            insert(&tx, rank as i64 + 1, &entry)?;
        }
        tx.execute("INSERT INTO meta VALUES (?1)", [version])?;
        tx.commit()?;
        Ok(())
    }

    /// Brings some products up to date. A known one keeps its place, a new one comes last until the next rebuild.
    pub fn update(&self, version: i64, entries: &[Entry]) -> Result<()> {
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        for entry in entries {
            let known = "DELETE FROM entry WHERE product = ?1 RETURNING rank";
            let known: Option<i64> =
                tx.prepare_cached(known)?.query_row([entry.product], |row| row.get(0)).optional()?;
            let rank = match known {
                Some(rank) => {
                    tx.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([rank])?;
                    rank
                }
                None => tx.query_row("SELECT coalesce(max(rank), 0) + 1 FROM entry", [], |row| row.get(0))?,
            };
            insert(&tx, rank, entry)?;
        }
        tx.execute("UPDATE meta SET version = ?1", [version])?;
        tx.commit()?;
        Ok(())
    }

    /// The local keys of the first products in which every word of `text` begins a word.
    pub fn find(&self, text: &str, limit: usize) -> Result<Vec<i64>> {
        let Some(query) = query(text) else { return Ok(Vec::new()) };
        let connection = self.lock();
        let sql = "SELECT e.product FROM words w JOIN entry e ON e.rank = w.rowid WHERE words MATCH ?1 \
                   ORDER BY w.rowid LIMIT ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map((query, limit as i64), |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.execute_batch(SCHEMA)?;
    Ok(connection)
}

fn insert(connection: &Connection, rank: i64, entry: &Entry) -> Result<()> {
    connection.prepare_cached("INSERT INTO entry VALUES (?1, ?2)")?.execute((rank, entry.product))?;
    connection.prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?.execute((rank, fold(&entry.text)))?;
    Ok(())
}

/// The words of a query, each a prefix. `None` where nothing can be looked for.
fn query(text: &str) -> Option<String> {
    let folded = fold(&text.chars().take(200).collect::<String>());
    let words: Vec<_> =
        folded.split(' ').filter(|word| !word.is_empty()).take(WORDS).map(|word| format!("\"{word}\"*")).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// CIP7 inside a French CIP13, so that both find the product.
pub fn cip7(code: &str) -> Option<&str> {
    let cip13 = code.len() == 13 && code.starts_with("34009") && code.bytes().all(|b| b.is_ascii_digit());
    cip13.then(|| &code[5..12])
}

/// Puts hits in the order shown: what can be sold first, otherwise as they lie in the index.
pub fn sellable_first<T>(hits: &mut [T], sellable: impl Fn(&T) -> bool) {
    hits.sort_by_key(|hit| !sellable(hit));
}

/// How often each product was sold, most sold first, from sold counts by local key.
pub fn by_popularity(products: &mut [(i64, String)], sold: &HashMap<i64, i64>) {
    products.sort_by_cached_key(|(id, name)| (-sold.get(id).copied().unwrap_or(0), name.clone(), *id));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(texts: &[&str]) -> (tempfile::TempDir, SearchIndex) {
        let dir = tempfile::tempdir().unwrap();
        let index = SearchIndex::open(&dir.path().join("search.db")).unwrap();
        let entries =
            texts.iter().enumerate().map(|(i, text)| Entry { product: i as i64 + 1, text: (*text).to_owned() });
        index.rebuild(1, entries).unwrap();
        (dir, index)
    }

    #[test]
    fn any_word_by_its_beginning_and_blind_to_accents() {
        let (_dir, index) = index(&["Érythromycine 500 mg comprimé", "Paracétamol 500 mg", "Œstradiol 1,5 mg/g gel"]);
        assert_eq!(index.find("eryth", 9).unwrap(), [1]);
        assert_eq!(index.find("500 par", 9).unwrap(), [2]);
        assert_eq!(index.find("ÉRY comp", 9).unwrap(), [1]);
        assert_eq!(index.find("oest 1.5", 9).unwrap(), [3]);
        assert_eq!(index.find("cetamol", 9).unwrap(), [] as [i64; 0]);
        assert_eq!(index.find("\"*'(", 9).unwrap(), [] as [i64; 0]);
    }

    #[test]
    fn hits_come_in_the_order_of_the_index() {
        let (_dir, index) = index(&["Amoxicilline", "Amlodipine", "Amoxi-clav"]);
        assert_eq!(index.find("am", 2).unwrap(), [1, 2]);
    }

    #[test]
    fn a_renamed_product_keeps_its_place_and_is_found_by_its_new_name_only() {
        let (_dir, index) = index(&["Amoxicilline", "Amlodipine"]);
        index.update(2, &[Entry { product: 1, text: "Amikacine".to_owned() }]).unwrap();
        assert_eq!(index.find("am", 9).unwrap(), [1, 2]);
        assert_eq!(index.find("amoxi", 9).unwrap(), [] as [i64; 0]);
        assert_eq!(index.version().unwrap(), Some(2));
    }

    #[test]
    fn an_unreadable_index_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("search.db");
        std::fs::write(&path, vec![7_u8; 8_192]).unwrap();
        assert_eq!(SearchIndex::open(&path).unwrap().version().unwrap(), None);
    }

    #[test]
    fn a_cip13_holds_its_cip7() {
        assert_eq!(cip7("3400930000011"), Some("3000001"));
        assert_eq!(cip7("2001234567893"), None);
    }
}
