//! Who wins where an edit meets another: the pharmacy's strategy, or a person. What is left to a person is a row of its
//! own, born here; what gave way is a line of the log.

use officine_protocol::{
    Uid,
    entities::{CONFLICT, SETTING, USER},
    fault::{Fault, armed},
    merge::{Path, Side},
    messages::{ConflictField, Outcome},
    record::Record,
    schema::{Entity, Rule},
    strategy::{self, Strategy, effective},
    value::Value,
};

use super::{
    PartsWrite, WorkingSet,
    journal::{Overwritten, shown, told},
    merge::{Edit, Meeting, Settled},
};
use crate::operation::Body;

/// Who wins, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// A strategy decides.
    Decided(Side, Strategy),
    /// A person will; until then the hub's value stands.
    Open,
}

impl Ruling {
    pub(crate) fn side(self) -> Side {
        match self {
            Self::Decided(side, _) => side,
            Self::Open => Side::Hub,
        }
    }

    pub(crate) fn strategy(self) -> &'static str {
        match self {
            Self::Decided(_, strategy) => strategy.name(),
            Self::Open => Strategy::Manual.name(),
        }
    }
}

/// The choice that a setting holds.
fn chosen(working: &WorkingSet, name: &str) -> Option<Strategy> {
    if armed(Fault::StrategyUnasked) {
        return None;
    }
    let rows = working.keyed(SETTING.name, &Value::from(name)).filter_map(|id| working.row(SETTING.name, id));
    let row = rows.filter(|row| row.archived_at.is_none()).max_by_key(|row| row.rev)?;
    row.get(&SETTING, "value").text().and_then(Strategy::of_setting)
}

/// The strategy that holds for a place of an entity. A secret is shown to nobody: the later stands.
pub(crate) fn strategy_for(working: &WorkingSet, entity: &Entity, rule: Rule, secret: bool) -> Strategy {
    let own = chosen(working, &strategy::setting_of(entity.name));
    match effective(rule, own, chosen(working, strategy::DEFAULT)) {
        Strategy::Manual if secret => Strategy::LastWrite,
        strategy => strategy,
    }
}

/// Who wins at one place. What the same device wrote later stands, whatever the strategy.
pub(crate) fn rule(working: &WorkingSet, body: &Body, meeting: &Meeting) -> Ruling {
    let secret = meeting.path.column(body.entity).is_some_and(|column| column.secret);
    let strategy = strategy_for(working, body.entity, meeting.path.rule(body.entity), secret);
    rule_by(working, body, meeting, strategy, secret)
}

/// The same, by that strategy.
pub(crate) fn rule_by(
    working: &WorkingSet,
    body: &Body,
    meeting: &Meeting,
    strategy: Strategy,
    secret: bool,
) -> Ruling {
    let later = (working.hub_time(body.hlc.millis), body.hlc.counter) > meeting.last;
    let by_time = if later { Side::Sent } else { Side::Hub };
    match strategy {
        _ if meeting.own => Ruling::Decided(Side::Hub, Strategy::LastWrite),
        Strategy::Server => Ruling::Decided(Side::Hub, strategy),
        Strategy::Client => Ruling::Decided(Side::Sent, strategy),
        Strategy::Manual => Ruling::Open,
        Strategy::LastWrite | Strategy::Merge if !secret && (body.doubtful || meeting.doubtful) => Ruling::Open,
        Strategy::LastWrite | Strategy::Merge => Ruling::Decided(by_time, Strategy::LastWrite),
    }
}

/// An edit that was settled, with its rows as they are told.
pub(crate) struct Told<'a> {
    pub entity: &'static Entity,
    pub base: &'a Record,
    pub sent: &'a Record,
    pub hub: &'a Record,
}

impl Told<'_> {
    /// What met at a place.
    pub(crate) fn field(&self, working: &WorkingSet, path: &Path) -> ConflictField {
        let read = |record: &Record| path.read(self.entity, &told(working, self.entity, record));
        ConflictField {
            field: path.text(self.entity),
            base: read(self.base),
            till: read(self.sent),
            hub: read(self.hub),
        }
    }

    /// Notes whatever gave way.
    pub(crate) fn log(&self, working: &mut WorkingSet, body: &Body, (row, rev): (i64, i64), settled: &[Settled]) {
        for Settled { meeting, ruling } in settled {
            let ConflictField { field, till, hub, .. } = self.field(working, &meeting.path);
            let secret = meeting.path.column(self.entity).is_some_and(|column| column.secret);
            let applied = ruling.side() == Side::Sent;
            if !applied && armed(Fault::LoserUnlogged) {
                continue;
            }
            let (old, new) = if applied { (hub, till) } else { (till, hub) };
            let (old, new) = (shown(old, secret), shown(new, secret));
            let (entity, kind, strategy) = (self.entity.name, "conflict", ruling.strategy());
            working.note(body, Overwritten { entity, row, rev, field, old, new, kind, strategy }, applied);
        }
    }

    /// What is left to a person.
    pub(crate) fn open(
        &self,
        working: &mut WorkingSet,
        (key, body): (Uid, &Body),
        row: i64,
        kind: &'static str,
        settled: &[Settled],
    ) {
        let open: Vec<_> = settled.iter().filter(|settled| settled.ruling == Ruling::Open).collect();
        let fields: Vec<_> = open.iter().map(|settled| self.field(working, &settled.meeting.path)).collect();
        let theirs = open.iter().filter_map(|settled| settled.meeting.theirs.as_ref()).max_by_key(|edit| edit.rev);
        let theirs = theirs.cloned();
        if !fields.is_empty() {
            open_conflict(working, (key, body), row, kind, &fields, theirs.as_ref());
        }
    }
}

/// A conflict is born, under the key of the operation that came second.
pub(crate) fn open_conflict(
    working: &mut WorkingSet,
    (key, body): (Uid, &Body),
    row: i64,
    kind: &'static str,
    fields: &[ConflictField],
    theirs: Option<&Edit>,
) {
    let Some(uid) = working.row(body.entity.name, row).map(|row| row.uid) else { return };
    let at = working.hub_time(body.occurred_at);
    let mut conflict = Record::new(&CONFLICT, key, at);
    conflict.set(&CONFLICT, "entity", body.entity.name).set(&CONFLICT, "row", uid.to_string());
    conflict.set(&CONFLICT, "kind", kind).set(&CONFLICT, "fields", serde_json::json!(fields).to_string());
    conflict.set(&CONFLICT, "base_rev", body.base_rev.unwrap_or(0));
    conflict.set(&CONFLICT, "device", called(working, Some(working.device.id))).set(&CONFLICT, "edited_at", at);
    conflict.set(&CONFLICT, "edited_by", body.user.and_then(|user| working.id_of(USER.name, user)));
    wrote(working, &mut conflict, theirs);
    let id = working.next_id();
    working.put(&CONFLICT, id, conflict, PartsWrite::Insert);
}

/// Who wrote what the hub holds, and when.
pub(crate) fn wrote(working: &WorkingSet, conflict: &mut Record, theirs: Option<&Edit>) {
    conflict.set(&CONFLICT, "hub_by", theirs.and_then(|edit| edit.user));
    conflict.set(&CONFLICT, "hub_at", theirs.map(|edit| edit.at));
    conflict.set(&CONFLICT, "hub_device", called(working, theirs.map(|edit| edit.device)));
}

/// What a device is called, as a conflict keeps it.
fn called(working: &WorkingSet, device: Option<i64>) -> Value {
    let name = device.and_then(|device| working.devices.get(&device));
    Value::from(name.map_or("", String::as_str).chars().take(80).collect::<String>())
}

/// The verdict on an edit of which something did not win.
pub(crate) fn verdict(entity: &Entity, kind: &str, rev: i64, settled: &[Settled]) -> Option<Outcome> {
    let lost = settled.iter().filter(|settled| settled.ruling.side() == Side::Hub);
    let fields: Vec<String> = lost.map(|settled| settled.meeting.path.text(entity)).collect();
    (!fields.is_empty()).then(|| Outcome::Conflict { kind: kind.to_owned(), fields, rev })
}
