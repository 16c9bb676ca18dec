//! The vocabulary in which entities are declared: columns, classes, keys, parts, rules.
//! Everything else about a row (wire form, SQL, order, coverage) is derived from it.

mod column;
mod entity;

use crate::roles::Permission;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text of at most that many characters. NUL is refused.
    Text(usize),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A JSON document of at most that many bytes, kept as text.
    Json(usize),
    /// An integer within bounds.
    Int(i64, i64),
    /// True or false; 1 or 0 in a table.
    Bool,
    /// A day; `yyyymmdd` in a table.
    Date,
    /// Unix milliseconds.
    Instant,
    /// Exactly that many bytes; hexadecimal on the wire.
    Bytes(usize),
    /// A row of that entity: its uid on the wire, its integer key in a table (`NAME_id`).
    Ref(&'static str),
}

/// What the sync does with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Travels both ways.
    Synced,
    /// Written once, at birth.
    Immutable,
    /// Computed from others, here and on the hub alike.
    Derived,
    /// Never leaves the till.
    LocalOnly,
}

/// Who settles two different new values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The pharmacy's strategy for the entity.
    Policy,
    /// A person.
    Manual,
    /// Only the hub writes it.
    HubOnly,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// snake_case; references without the `_id` of their table column.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// May be absent.
    pub nullable: bool,
    /// What the sync does with it.
    pub class: Class,
    /// Who settles conflicts.
    pub rule: Rule,
    /// Never in a log, an export or a digest.
    pub secret: bool,
    /// Whole francs.
    pub money: bool,
    /// Derived by folding that text column.
    pub fold_of: Option<&'static str>,
    /// How it is folded.
    pub fold: fn(&str) -> String,
    /// Where that reference names a row, this is that row's own column of the same name: the hub sees to it.
    pub through: Option<&'static str>,
    /// Schema version that introduced it. One that came after its table may be absent on the wire: it is then 0, false
    /// or empty, as it is in the rows that were there before.
    pub since: u32,
}

/// A list of rows that belongs to an entity and travels with it.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name on the wire, plural.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// The column that names the owner.
    pub owner: &'static str,
    /// Distinguishes owners of several entities in one table: column and this owner's value.
    pub kind: Option<(&'static str, i64)>,
    /// The columns that tell its rows apart within the owner.
    pub key: &'static [&'static str],
    /// The columns by which a row is the same one in two versions of the owner: its key, unless that only says where it
    /// stands.
    pub identity: &'static [&'static str],
    /// Its columns.
    pub columns: &'static [Column],
    /// The most rows an owner may have.
    pub max_rows: usize,
    /// The column its rows are looked up by, beside their owner.
    pub found_by: Option<&'static str>,
    /// Schema version that introduced it.
    pub since: u32,
}

/// Columns by which rows are looked up. Each index is paid for by every write: it says where it is needed.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// By their names, references without `_id`.
    pub columns: &'static [&'static str],
    /// On the hub as well as on the till.
    pub hub: bool,
    /// Only rows where that column is there.
    pub present: Option<&'static str>,
    /// Schema version that introduced it.
    pub since: u32,
}

/// What a second row with the same natural key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// The two are one.
    Merge,
    /// A person decides.
    Propose,
    /// Cannot be: the key carries the series of the till that minted it.
    Never,
}

/// What makes two rows of an entity the same thing.
#[derive(Clone, Copy, Debug)]
pub struct NaturalKey {
    /// The columns compared, folded ones by their fold; `codes.code` is any of a part's. Rows are looked up by the
    /// first of them.
    pub columns: &'static [&'static str],
    /// What a twin is.
    pub twin: Twin,
}

/// An entity.
#[derive(Clone, Copy, Debug)]
pub struct Entity {
    /// Its name on the wire, camelCase.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// Its columns, beside those every row has (identity, revision, birth, archival).
    pub columns: &'static [Column],
    /// Its parts.
    pub parts: &'static [Part],
    /// Its natural key.
    pub natural: Option<NaturalKey>,
    /// How its rows are looked up, beside uid, revision and natural key.
    pub indexes: &'static [Index],
    /// Recorded once and never edited.
    pub document: bool,
    /// The instant from which what it moves counts, by column.
    pub moves_at: &'static str,
    /// A row where that column is set never changes again: the column, and the code of the refusal.
    pub closed: Option<(&'static str, &'static str)>,
    /// Only the hub makes one, and none is archived: a till that tries is told `made_by_hub`.
    pub hub_born: bool,
    /// What it takes to record one, where a person does.
    pub create: Option<Permission>,
    /// What it takes to edit or archive one.
    pub edit: Option<Permission>,
    /// Schema version that introduced it.
    pub since: u32,
}

/// The table of the ledger: every document's movements are rows of it.
pub const LEDGER: &str = "stock_movement";

/// Whether rows with these columns are payments: a means, and the operator's reference.
pub fn pays(columns: &[Column]) -> bool {
    ["means", "reference"].iter().all(|name| columns.iter().any(|column| column.name == *name))
}

/// `lot_number` → `lotNumber`.
pub fn camel(snake: &str) -> String {
    let mut name = String::with_capacity(snake.len());
    let mut upper = false;
    for c in snake.chars() {
        if c == '_' {
            upper = true;
        } else {
            name.push(if upper { c.to_ascii_uppercase() } else { c });
            upper = false;
        }
    }
    name
}
