//! Conflicts: what two tills wrote in one place, and what a person or a rule makes of it.

use std::collections::BTreeMap;

use officine_protocol::messages::RESOLUTIONS;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use ts_rs::TS;

/// « Conflits »: which rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListConflictsArgs {
    /// Only conflicts about rows of this entity.
    pub entity: Option<String>,
    /// Only those that wait for somebody; else all, newest first.
    pub open: bool,
    /// `next` of the page before.
    pub after: Option<String>,
    /// At most 500.
    pub limit: u32,
}

/// A page of conflicts, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConflictsView {
    /// The rows.
    pub rows: Vec<ConflictSummary>,
    /// How many wait for somebody, in all.
    pub open: u32,
    /// The same by entity, those that have none left out.
    pub by_entity: Vec<EntityConflicts>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// Conflicts of an entity that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EntityConflicts {
    /// Entity.
    pub entity: String,
    /// How many wait.
    pub open: u32,
    /// How many of those one rule resolves together: whether two records are one, a person says.
    pub together: u32,
}

/// What met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ConflictKindName {
    /// Two edits of one field.
    Edit,
    /// An edit and an archival.
    Delete,
    /// Two rows that may be the same thing.
    Twin,
}

/// How far a conflict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ConflictStateName {
    /// It waits for somebody; the hub's value is in force.
    Open,
    /// Resolved here; the hub has not heard of it yet.
    Sent,
    /// Resolved, and the hub knows.
    Settled,
}

/// How a conflict was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum TakenName {
    /// The hub's values stay.
    Hub,
    /// The values of the till that came second.
    Till,
    /// The later of the two, field by field.
    LastWrite,
    /// Values picked or typed field by field.
    Picked,
    /// The two rows are two things.
    Distinct,
    /// The two rows are one: [`MergeArgs`].
    Merged,
}

impl TakenName {
    const ALL: [Self; 6] = [Self::Hub, Self::Till, Self::LastWrite, Self::Picked, Self::Distinct, Self::Merged];

    /// Its name on the wire.
    pub fn word(self) -> &'static str {
        RESOLUTIONS[self as usize]
    }

    /// What a name on the wire stands for.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|taken| taken.word() == word)
    }
}

/// A conflict in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConflictSummary {
    /// Identity of the conflict.
    pub uid: String,
    /// Entity of the row it is about.
    pub entity: String,
    /// That row's identity; of a merged one, the one it became.
    pub row: String,
    /// How that row is called.
    pub label: String,
    /// What met.
    pub kind: ConflictKindName,
    /// Paths of the fields: `expiry`, `units/0/price`, `units/3`, `archivedAt`.
    pub fields: Vec<String>,
    /// Name of the till that came second.
    pub device: String,
    /// Who edited there.
    pub edited_by: Option<String>,
    /// When, by the hub's time.
    pub edited_at: i64,
    /// Who wrote the hub's value.
    pub hub_by: Option<String>,
    /// When.
    pub hub_at: Option<i64>,
    /// On which till.
    pub hub_device: String,
    /// How far it is.
    pub state: ConflictStateName,
    /// When it was resolved.
    pub resolved_at: Option<i64>,
    /// By whom.
    pub resolved_by: Option<String>,
    /// How.
    pub taken: Option<TakenName>,
}

/// A conflict, by identity.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConflictArgs {
    /// Identity of the conflict.
    pub uid: String,
}

/// A conflict, whole.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConflictView {
    /// As in the list.
    pub summary: ConflictSummary,
    /// The row was archived since.
    pub archived: bool,
    /// What met, field by field.
    pub fields: Vec<ConflictField>,
    /// What was decided.
    pub resolution: Option<ResolutionView>,
}

/// What a value is, so that it can be shown and typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CellKind {
    /// Text.
    Text,
    /// Whole francs.
    Money,
    /// `YYYY-MM-DD`.
    Date,
    /// Unix milliseconds.
    Instant,
    /// An integer.
    Int,
    /// Yes or no.
    Bool,
    /// A row, by identity.
    Ref,
    /// A whole row of a part, or nothing where there is none.
    Rows,
}

/// A field of a conflict.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConflictField {
    /// Its path.
    pub path: String,
    /// The column, or the part where a whole row of it is meant.
    pub column: String,
    /// The part its cell is of.
    pub part: Option<String>,
    /// Which row of the part: `boîte`, a code.
    pub part_label: Option<String>,
    /// What its values are.
    pub kind: CellKind,
    /// It may be empty.
    pub nullable: bool,
    /// Of a reference: the entity whose rows it may name.
    pub refers: Option<String>,
    /// What the editor had seen.
    #[ts(type = "unknown")]
    pub base: Json,
    /// What the till that came second wrote.
    #[ts(type = "unknown")]
    pub till: Json,
    /// What the hub had then.
    #[ts(type = "unknown")]
    pub hub: Json,
    /// What is in force here now.
    #[ts(type = "unknown")]
    pub now: Json,
    /// The four as texts.
    pub shown: ShownField,
}

/// Values as texts; references by the names of the rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ShownField {
    /// As [`ConflictField::base`].
    pub base: String,
    /// As [`ConflictField::till`].
    pub till: String,
    /// As [`ConflictField::hub`].
    pub hub: String,
    /// As [`ConflictField::now`].
    pub now: String,
}

/// What was decided of a conflict.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ResolutionView {
    /// How.
    pub taken: TakenName,
    /// The values written, by path.
    #[ts(type = "Record<string, unknown>")]
    pub fields: BTreeMap<String, Json>,
    /// It can be taken back: the row is there and still holds one of these values.
    pub can_undo: bool,
}

/// A resolution.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ResolveConflictArgs {
    /// Identity of the conflict.
    pub uid: String,
    /// How: `hub`, `till`, `lastWrite` decide every field; `picked` takes [`Self::fields`]; `distinct` is for twins.
    pub taken: TakenName,
    /// Values by path, validated like any edit. A path absent keeps the hub's present value.
    #[serde(default)]
    #[ts(type = "Record<string, unknown>")]
    pub fields: BTreeMap<String, Json>,
}

/// All open conflicts, or those of an entity, resolved alike. Proposed twins stay.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ResolveAllArgs {
    /// Only this entity.
    pub entity: Option<String>,
    /// `hub`, `till` or `lastWrite`.
    pub taken: TakenName,
}

/// What became of conflicts resolved together.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ResolvedView {
    /// Resolved here.
    pub resolved: u32,
    /// Left open: proposed twins, values that the declaration does not allow any more, and what came after somebody
    /// had it stopped.
    pub left: u32,
}
