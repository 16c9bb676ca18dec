//! The hub's log of a pharmacy, read beside its rows: what stood where and when, and whether a value is told of at all.

use officine_protocol::{
    Uid,
    merge::Path,
    record::{Record, decode_part},
    schema::Entity,
};
use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use crate::rows::Rows;

/// A line.
#[derive(Debug)]
pub struct Line {
    /// The row's revision with it.
    pub rev: i64,
    /// Column, part or path.
    pub field: String,
    /// What it says was overwritten, or lost.
    pub old: Json,
    /// What it says stands.
    pub new: Json,
    /// Why it is there.
    pub kind: String,
    /// What decided.
    pub strategy: String,
    /// Whether the new value was written by it.
    pub applied: bool,
}

/// Lines by entity and row, in the order of revisions.
#[derive(Default)]
pub struct HubLog(std::collections::BTreeMap<(String, Uid), Vec<Line>>);

impl HubLog {
    /// Reads that of a pharmacy with these rows.
    pub fn read(file: &Connection, pharmacy: i64, rows: &Rows) -> Self {
        let named: std::collections::BTreeMap<(&str, i64), Uid> =
            rows.iter().filter_map(|((entity, uid), row)| Some(((*entity, row.server_id?), *uid))).collect();
        let sql = "SELECT entity, row_id, rev, field, old_value, new_value, kind, strategy, applied FROM change_log \
                   WHERE pharmacy_id = ?1 ORDER BY rev";
        let mut statement = file.prepare(sql).expect("the log");
        let mut lines = statement.query([pharmacy]).expect("the log");
        let mut log = Self::default();
        while let Some(line) = lines.next().expect("the log") {
            let (entity, row): (String, i64) = (line.get(0).expect("an entity"), line.get(1).expect("a row"));
            let json = |place| {
                let text: Option<String> = line.get(place).expect("a value");
                text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
            };
            if let Some(uid) = named.get(&(entity.as_str(), row)).copied() {
                log.0.entry((entity, uid)).or_default().push(Line {
                    rev: line.get(2).expect("a revision"),
                    field: line.get(3).expect("a field"),
                    old: json(4),
                    new: json(5),
                    kind: line.get(6).expect("a kind"),
                    strategy: line.get(7).expect("a strategy"),
                    applied: line.get::<_, i64>(8).expect("whether it was written") == 1,
                });
            }
        }
        log
    }

    /// Every row with its lines.
    pub fn rows(&self) -> impl Iterator<Item = (&str, Uid, &[Line])> {
        self.0.iter().map(|((entity, uid), lines)| (entity.as_str(), *uid, lines.as_slice()))
    }

    /// The lines of a row.
    pub fn of(&self, entity: &str, uid: Uid) -> &[Line] {
        self.0.get(&(entity.to_owned(), uid)).map_or(&[], Vec::as_slice)
    }

    /// Whether a row was given back to a hub that had lost it: what its log said until then is lost.
    pub fn given_back(&self, entity: &str, uid: Uid) -> bool {
        self.of(entity, uid).iter().any(|line| line.kind == "restore")
    }

    /// What a row held at a place once it had that revision: what the next write there overwrote, else what it holds now.
    pub fn after(&self, entity: &'static Entity, now: &Record, place: &Path, rev: i64) -> Json {
        let field = field_of(entity, place);
        let wrote = |line: &&Line| {
            line.rev > rev && line.applied && line.field == field && !["merge", "twin"].contains(&line.kind.as_str())
        };
        match self.of(entity.name, now.uid).iter().find(wrote) {
            Some(line) => at(entity, place, &line.old),
            None => place.read(entity, now),
        }
    }

    /// Whether some line of a row says that a value stood at a place, or was meant to.
    pub fn tells(&self, entity: &'static Entity, uid: Uid, place: &Path, value: &Json) -> bool {
        let (field, path) = (field_of(entity, place), place.text(entity));
        self.of(entity.name, uid).iter().any(|line| {
            let sides = [&line.old, &line.new];
            line.field == path && sides.contains(&value)
                || line.field == field && sides.iter().any(|json| at(entity, place, json) == *value)
        })
    }
}

/// The column or part that a place is in.
fn field_of(entity: &Entity, place: &Path) -> String {
    place.text(entity).split('/').next().unwrap_or_default().to_owned()
}

/// What stands at a place in what a line tells of its column or part.
fn at(entity: &'static Entity, place: &Path, json: &Json) -> Json {
    let (Path::Row { part, .. } | Path::Cell { part, .. }) = place else { return json.clone() };
    let rows: Vec<Map<String, Json>> = serde_json::from_value(json.clone()).unwrap_or_default();
    let mut record = Record::new(entity, Uid::nil(), 0);
    record.parts[*part] = decode_part(&entity.parts[*part], &rows).unwrap_or_default();
    place.read(entity, &record)
}
