//! The vocabulary in which entities are declared: columns, classes, keys, parts, rules.
//! Everything else about a row (wire form, SQL, order, coverage) is derived from it.

use crate::{roles::Permission, value::Value};

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
    /// Derived by folding that text column.
    pub fold_of: Option<&'static str>,
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
    /// Its columns.
    pub columns: &'static [Column],
    /// The most rows an owner may have.
    pub max_rows: usize,
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
    /// A row where that column is set never changes again: the column, and the code of the refusal.
    pub closed: Option<(&'static str, &'static str)>,
    /// What it takes to record one, where a person does.
    pub create: Option<Permission>,
    /// What it takes to edit or archive one.
    pub edit: Option<Permission>,
    /// Schema version that introduced it.
    pub since: u32,
}

/// The table of the ledger: every document's movements are rows of it.
pub const LEDGER: &str = "stock_movement";

impl Column {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            nullable: false,
            class: Class::Synced,
            rule: Rule::Policy,
            secret: false,
            fold_of: None,
            through: None,
            since: 1,
        }
    }

    /// Text of at most `max` characters.
    pub const fn text(name: &'static str, max: usize) -> Self {
        Self::new(name, Kind::Text(max))
    }

    /// One of these words; the first where nobody has said which.
    pub const fn one_of(name: &'static str, words: &'static [&'static str]) -> Self {
        Self::new(name, Kind::OneOf(words))
    }

    /// A JSON document.
    pub const fn json(name: &'static str, max: usize) -> Self {
        Self::new(name, Kind::Json(max))
    }

    /// An integer within bounds.
    pub const fn int(name: &'static str, min: i64, max: i64) -> Self {
        Self::new(name, Kind::Int(min, max))
    }

    /// An amount in whole francs, 0 or more.
    pub const fn money(name: &'static str) -> Self {
        Self::new(name, Kind::Int(0, crate::limits::LARGEST))
    }

    /// True or false.
    pub const fn bool(name: &'static str) -> Self {
        Self::new(name, Kind::Bool)
    }

    /// A day.
    pub const fn date(name: &'static str) -> Self {
        Self::new(name, Kind::Date)
    }

    /// An instant.
    pub const fn instant(name: &'static str) -> Self {
        Self::new(name, Kind::Instant)
    }

    /// Exactly `len` bytes.
    pub const fn bytes(name: &'static str, len: usize) -> Self {
        Self::new(name, Kind::Bytes(len))
    }

    /// A row of `entity`.
    pub const fn refers(name: &'static str, entity: &'static str) -> Self {
        Self::new(name, Kind::Ref(entity))
    }

    /// The fold of a text column.
    pub const fn fold(name: &'static str, of: &'static str) -> Self {
        Self { class: Class::Derived, fold_of: Some(of), ..Self::new(name, Kind::Text(512)) }
    }

    /// May be absent.
    pub const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// Written once.
    pub const fn immutable(self) -> Self {
        Self { class: Class::Immutable, ..self }
    }

    /// Computed.
    pub const fn derived(self) -> Self {
        Self { class: Class::Derived, ..self }
    }

    /// Never leaves the till.
    pub const fn local(self) -> Self {
        Self { class: Class::LocalOnly, ..self }
    }

    /// Never shown.
    pub const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// A person settles conflicts.
    pub const fn manual(self) -> Self {
        Self { rule: Rule::Manual, ..self }
    }

    /// What the row named by that reference says, where there is one.
    pub const fn through(self, reference: &'static str) -> Self {
        Self { through: Some(reference), ..self }
    }

    /// Only the hub writes it.
    pub const fn hub_only(self) -> Self {
        Self { rule: Rule::HubOnly, ..self }
    }

    /// Came with that version of the schema.
    pub const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }

    /// What it holds where nobody has said anything: absent, 0, false or empty.
    pub fn empty(&self) -> Value {
        match self.kind {
            _ if self.nullable => Value::Null,
            Kind::Text(_) => Value::Text(String::new()),
            Kind::OneOf(words) => words.first().copied().unwrap_or_default().into(),
            Kind::Bool | Kind::Int(..) => Value::Int(0),
            _ => Value::Null,
        }
    }

    /// Whether it travels.
    pub const fn travels(&self) -> bool {
        matches!(self.class, Class::Synced | Class::Immutable)
    }

    /// Its name on the wire.
    pub fn wire_name(&self) -> String {
        camel(self.name)
    }

    /// Its name in a table.
    pub fn sql_name(&self) -> String {
        match self.kind {
            Kind::Ref(_) => format!("{}_id", self.name),
            _ => self.name.to_owned(),
        }
    }
}

impl Part {
    /// A list of rows without a place in another's table.
    pub const fn new(
        name: &'static str,
        table: &'static str,
        owner: &'static str,
        key: &'static [&'static str],
        columns: &'static [Column],
        max_rows: usize,
    ) -> Self {
        Self { name, table, owner, kind: None, key, columns, max_rows, since: 1 }
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl Index {
    /// Rows by these columns, on the till.
    pub const fn on(columns: &'static [&'static str]) -> Self {
        Self { columns, hub: false, present: None, since: 1 }
    }

    /// On the hub too.
    pub const fn everywhere(self) -> Self {
        Self { hub: true, ..self }
    }

    /// Leaves out rows where that column is absent.
    pub const fn where_present(self, column: &'static str) -> Self {
        Self { present: Some(column), ..self }
    }

    /// Came with that version of the schema.
    pub const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }
}

impl Entity {
    /// An entity of the first schema, edited freely, without parts.
    pub const fn new(name: &'static str, table: &'static str, columns: &'static [Column]) -> Self {
        Self {
            name,
            table,
            columns,
            parts: &[],
            natural: None,
            indexes: &[],
            document: false,
            closed: None,
            create: None,
            edit: None,
            since: 1,
        }
    }

    /// Recorded and edited by whoever may.
    pub const fn allowed(self, create: Permission, edit: Permission) -> Self {
        Self { create: Some(create), edit: Some(edit), ..self }
    }

    /// Recorded once and never edited.
    pub const fn document(self) -> Self {
        Self { document: true, ..self }
    }

    /// Once that column is set, a row never changes again; who tries is told that code.
    pub const fn closed_by(self, column: &'static str, code: &'static str) -> Self {
        Self { closed: Some((column, code)), ..self }
    }

    /// With these parts.
    pub const fn parts(self, parts: &'static [Part]) -> Self {
        Self { parts, ..self }
    }

    /// What makes two rows the same thing, and what is done about it.
    pub const fn known_by(self, columns: &'static [&'static str], twin: Twin) -> Self {
        Self { natural: Some(NaturalKey { columns, twin }), ..self }
    }

    /// Looked up by these.
    pub const fn indexes(self, indexes: &'static [Index]) -> Self {
        Self { indexes, ..self }
    }

    /// Came with that version of the schema.
    pub const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }

    /// The part that is its rows of the ledger, if it moves stock.
    pub fn movements(&self) -> Option<&'static Part> {
        self.parts.iter().find(|part| part.table == LEDGER)
    }

    /// Whether it is a ticket: it bears the next number of a series and is a link of its chain.
    pub fn numbered(&self) -> bool {
        ["series", "number", "hash"].iter().all(|name| self.column(name).is_some())
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The place of a part.
    pub fn part(&self, name: &str) -> Option<usize> {
        self.parts.iter().position(|part| part.name == name)
    }

    /// The entities its rows and parts name, itself left out.
    pub fn references(&self) -> impl Iterator<Item = &'static str> {
        let own = self.columns.iter().chain(self.parts.iter().flat_map(|part| part.columns));
        let name = self.name;
        own.filter_map(|column| match column.kind {
            Kind::Ref(entity) => Some(entity),
            _ => None,
        })
        .filter(move |entity| *entity != name)
    }
}

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
