//! How a column is declared, and what follows from its declaration.

use super::{Class, Column, Entity, Kind, Rule, camel};
use crate::value::Value;

impl Column {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            nullable: false,
            class: Class::Synced,
            rule: Rule::Policy,
            secret: false,
            money: false,
            fold_of: None,
            fold: crate::fold::fold,
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
        Self { money: true, ..Self::new(name, Kind::Int(0, crate::limits::LARGEST)) }
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

    /// The fold of a column of lot numbers.
    pub const fn lot_fold(name: &'static str, of: &'static str) -> Self {
        Self { fold: crate::fold::fold_lot, ..Self::fold(name, of) }
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

    /// The entity whose rows it names, if it names any.
    pub fn target(&self) -> Option<&'static Entity> {
        match self.kind {
            Kind::Ref(name) => crate::entities::entity(name),
            _ => None,
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
