//! Edits of one row by several tills, put together by field and by cell. Where an edit meets what its editor had not
//! seen, the pharmacy's strategy says whose value is written; what the editor had seen does not count against them, nor
//! what they wrote themselves before.

use std::collections::HashMap;

use officine_protocol::{
    hlc::Hlc,
    merge::{self, Path, Rows, Side, changed},
    record::{Record, decode_part},
    schema::{Column, Entity, Kind},
    value::Value,
};
use serde_json::{Map, Value as Json};

use super::{
    Stop, WorkingSet,
    conflict::{self, Ruling},
    resolve::Resolver,
};
use crate::operation::{Body, invalid};

/// The kinds of lines of the log that say that a field changed, where they are applied.
pub(crate) const EDITS: &[&str] = &["edit", "archive", "conflict", "resolution"];

/// The field that says that a row is archived.
pub(crate) const ARCHIVED: &str = "archivedAt";

/// A field as somebody wrote it.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The row's revision with it.
    pub rev: i64,
    /// When, in the till's hybrid time.
    pub hlc: Hlc,
    /// When, in the hub's time.
    pub at: i64,
    /// That clock was not to be trusted.
    pub doubtful: bool,
    /// By which device of the pharmacy.
    pub device: i64,
    /// By whom: the server id.
    pub user: Option<i64>,
    /// JSON of what it replaced.
    pub old: Option<String>,
    /// JSON of what it wrote.
    pub new: Option<String>,
}

/// Edits by entity, server id and field.
pub(crate) type Edits = HashMap<(&'static str, i64, String), Vec<Edit>>;

/// What an edit met at one place.
#[derive(Clone, Debug)]
pub(crate) struct Meeting {
    pub path: Path,
    /// The last of others to write it; nothing where only a merge of twins did, or the same device later.
    pub theirs: Option<Edit>,
    /// All that others wrote is older than this instant of the hub's time.
    pub last: (i64, u16),
    /// One of their clocks was not to be trusted.
    pub doubtful: bool,
    /// Nobody else wrote it: the same device did, later. This one was held, and sent again.
    pub own: bool,
}

/// An edit that met another, settled: whose value is written, and by which strategy.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub meeting: Meeting,
    pub ruling: Ruling,
}

/// An edit against its row.
pub(crate) struct Quarrel<'a> {
    pub working: &'a WorkingSet,
    pub body: &'a Body,
    pub row: i64,
    /// What the hub holds.
    pub before: &'a Record,
    /// The row as its editor wants it.
    pub sent: &'a Record,
    /// The row as its editor saw it.
    pub base: Record,
}

impl<'a> Quarrel<'a> {
    pub(crate) fn new(
        working: &'a WorkingSet,
        body: &'a Body,
        row: i64,
        (before, sent): (&'a Record, &'a Record),
    ) -> Self {
        let base = seen(working, body, row, before);
        Self { working, body, row, before, sent, base }
    }

    /// What was written of a field since the editor saw it: by others, or later by the same device.
    fn since(&self, field: &str) -> impl Iterator<Item = &'a Edit> + use<'a> {
        since(self.working, self.body, self.row, field)
    }

    /// What an edit at that place meets.
    fn meeting(&self, path: Path, met: &[&Edit]) -> Option<Meeting> {
        let entity = self.body.entity;
        let others: Vec<_> = met.iter().filter(|edit| edit.device != self.working.device.id).collect();
        let theirs = others.iter().max_by_key(|edit| edit.rev).map(|edit| (**edit).clone());
        let merged = self.before.uid != self.body.uid && self.told(&path) && {
            path.read(entity, &self.base) != path.read(entity, self.before)
        };
        if met.is_empty() && !merged {
            return None;
        }
        let last = others.iter().map(|edit| (edit.at, edit.hlc.counter)).max();
        let doubtful = others.iter().any(|edit| edit.doubtful);
        let own = theirs.is_none() && !merged;
        Some(Meeting { path, theirs, last: last.unwrap_or((self.before.created_at, 0)), doubtful, own })
    }

    /// Whether the editor said what they saw there.
    fn told(&self, path: &Path) -> bool {
        let text = path.text(self.body.entity);
        self.body.replaced.contains_key(text.split('/').next().unwrap_or_default())
    }

    /// The row with what was sent, wherever it met nothing or won; and what it met.
    pub(crate) fn settle(&self) -> Result<(Record, Vec<Settled>), Stop> {
        let (entity, mut after, mut settled) = (self.body.entity, self.sent.clone(), Vec::new());
        let values = self.before.values.iter().zip(&mut after.values);
        for (place, (column, (old, new))) in entity.columns.iter().zip(values).enumerate() {
            if old == new || !column.travels() {
                continue;
            }
            let met: Vec<_> = self.since(&column.wire_name()).collect();
            let Some(meeting) = self.meeting(Path::Column(place), &met) else { continue };
            let ruling = conflict::rule(self.working, self.body, &meeting);
            if ruling.side() == Side::Hub {
                new.clone_from(old);
            }
            settled.push(Settled { meeting, ruling });
        }
        for place in 0..entity.parts.len() {
            if let Some(rows) = self.part(place, &mut settled)?
                && let Some(slot) = after.parts.get_mut(place)
            {
                *slot = rows;
            }
        }
        after.derive(entity);
        Ok((after, settled))
    }

    /// A part put together from the hub's rows and those sent; nothing where they stand as they were sent.
    fn part(&self, place: usize, settled: &mut Vec<Settled>) -> Result<Option<Rows>, Stop> {
        let entity = self.body.entity;
        let (Some(part), Some(hub), Some(sent), Some(base)) = (
            entity.parts.get(place),
            self.before.parts.get(place),
            self.sent.parts.get(place),
            self.base.parts.get(place),
        ) else {
            return Ok(None);
        };
        let written: Vec<(&Edit, _)> = self.since(part.name).map(|edit| (edit, paths(entity, place, edit))).collect();
        let merged = self.before.uid != self.body.uid && self.body.replaced.contains_key(part.name);
        if hub == sent || written.is_empty() && !merged {
            return Ok(None);
        }
        let rows = merge::part(entity, place, [base, sent, hub], |path| {
            let met = written.iter().filter(|(_, theirs)| theirs.iter().any(|their| path.meets(their)));
            let met: Vec<&Edit> = met.map(|(edit, _)| *edit).collect();
            let Some(meeting) = self.meeting(path.clone(), &met) else { return Side::Sent };
            let ruling = conflict::rule(self.working, self.body, &meeting);
            settled.push(Settled { meeting, ruling });
            ruling.side()
        });
        rows.map(Some).map_err(|error| Stop::Refused(invalid(&error)))
    }

    /// What an edit of a row that was archived since meets, or an archival of one that was edited since.
    pub(crate) fn whole(&self, fields: &[String]) -> Option<Meeting> {
        let met: Vec<_> = fields.iter().flat_map(|field| self.since(field)).collect();
        let met: Vec<_> = met.into_iter().filter(|edit| edit.device != self.working.device.id).collect();
        self.meeting(Path::Archived, &met).filter(|meeting| meeting.theirs.is_some())
    }
}

/// What was written of a field since its editor saw it: by others, or later by the same device. One that does not say
/// what it was made upon counts as it arrives.
pub(crate) fn since<'a>(
    working: &'a WorkingSet,
    body: &Body,
    row: i64,
    field: &str,
) -> impl Iterator<Item = &'a Edit> + use<'a> {
    let (base, here, hlc) = (body.base().unwrap_or(i64::MAX), working.device.id, body.hlc);
    let written = working.edits.get(&(body.entity.name, row, field.to_owned()));
    let counts = move |edit: &&Edit| edit.rev > base && (edit.device != here || edit.hlc > hlc);
    written.into_iter().flatten().filter(counts)
}

/// The places of a part that a line of the log says were changed.
fn paths(entity: &Entity, place: usize, edit: &Edit) -> std::collections::BTreeSet<Path> {
    let rows = |json: &Option<String>| -> Rows {
        let rows: Option<Vec<Map<String, Json>>> = json.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let part = entity.parts.get(place);
        part.zip(rows).and_then(|(part, rows)| decode_part(part, &rows).ok()).unwrap_or_default()
    };
    changed(entity, place, &rows(&edit.old), &rows(&edit.new))
}

/// The row as its editor saw it: by what they say they replaced, else by the log.
fn seen(working: &WorkingSet, body: &Body, row: i64, before: &Record) -> Record {
    let entity = body.entity;
    let mut replaced = body.replaced.clone();
    let names =
        entity.columns.iter().map(Column::wire_name).chain(entity.parts.iter().map(|part| part.name.to_owned()));
    for name in names.filter(|name| !body.replaced.contains_key(name)) {
        let first = since(working, body, row, &name).min_by_key(|edit| edit.rev);
        if let Some(edit) = first {
            let old = edit.old.as_deref().and_then(|text| serde_json::from_str(text).ok());
            replaced.insert(name, old.unwrap_or_default());
        }
    }
    let mut base = merge::replaced(entity, before, &replaced);
    let known = |column: &Column, value: &mut Value| {
        if let (Kind::Ref(target), Value::Uid(uid)) = (column.kind, &*value) {
            *value = working.id_of(target, *uid).map_or(Value::Uid(*uid), Value::Int);
        }
    };
    entity.columns.iter().zip(&mut base.values).for_each(|(column, value)| known(column, value));
    for (part, rows) in entity.parts.iter().zip(&mut base.parts) {
        rows.iter_mut().for_each(|row| part.columns.iter().zip(row).for_each(|(column, value)| known(column, value)));
    }
    base
}

/// A record whose changed references were uids, as it is stored.
pub(crate) fn stored(
    resolver: &mut Resolver<'_>,
    entity: &Entity,
    before: &Record,
    told: (&Record, &Record),
) -> Record {
    let (was, wanted) = told;
    let mut after = before.clone();
    after.archived_at = wanted.archived_at;
    let values = was.values.iter().zip(&wanted.values).zip(&mut after.values);
    for (column, ((old, new), slot)) in entity.columns.iter().zip(values) {
        if old != new {
            *slot = resolver.value(column, new);
        }
    }
    let parts = was.parts.iter().zip(&wanted.parts).zip(&mut after.parts);
    for (part, ((old, new), slot)) in entity.parts.iter().zip(parts) {
        if old != new {
            *slot = new.iter().map(|row| resolver.values(part.columns, row)).collect();
        }
    }
    after.derive(entity);
    after
}
