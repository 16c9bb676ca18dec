//! What met, and what became of it: everybody sees the same conflicts, one resolution of each stands and was written, and
//! no value that lost is lost.

use officine_protocol::{
    Uid,
    entities::{CONFLICT, SETTING, entity},
    merge::{Path, changed},
    messages::{ConflictField, Operation, Resolution},
    record::{Record, decode_part},
    schema::{Column, Entity, Kind, Rule},
    strategy::{self, Strategy},
};
use serde_json::Value as Json;

use super::{HubAtRest, Rest, log::Line};
use crate::{rows::Rows, run::Lived};

/// A conflict on the hub.
struct Met<'a> {
    uid: Uid,
    record: &'a Record,
    target: &'static Entity,
    /// The row it is about.
    row: &'a Record,
    fields: Vec<ConflictField>,
    resolution: Option<Resolution>,
}

impl Met<'_> {
    fn twins(&self) -> bool {
        self.record.get(&CONFLICT, "kind").text() == Some("twin")
    }

    fn place(&self, path: &str) -> Result<Path, String> {
        let place = Path::parse(self.target, path);
        place.ok_or_else(|| format!("conflict {}: {path} is no place of a {}", self.uid, self.target.name))
    }
}

/// The conflicts among these rows.
pub fn among(rows: &Rows) -> impl Iterator<Item = (Uid, &Record)> {
    rows.iter().filter(|((entity, _), _)| *entity == CONFLICT.name).map(|((_, uid), record)| (*uid, record))
}

/// What of conflicts was lived through; how often one was undone no table tells.
pub fn lived(rest: &Rest) -> Lived {
    let met = rest.hub.iter().flat_map(|hub| among(&hub.rows));
    let (open, resolved): (Vec<_>, Vec<_>) = met.partition(|(_, met)| met.get(&CONFLICT, "resolution").is_null());
    let refused = rest.tills.iter().flat_map(|till| &till.open).filter(|queued| queued.entity == CONFLICT.name);
    let settled = |problem: &Option<String>| problem.as_ref().is_some_and(|said| said.contains("conflict_settled"));
    let lines = rest.hub.iter().flat_map(|hub| hub.log.rows()).flat_map(|(_, _, lines)| lines);
    Lived {
        conflicts: open.len() + resolved.len(),
        decided: lines.filter(|line| line.kind == "conflict" && line.strategy != "manual").count(),
        resolved: resolved.len(),
        overtaken: refused.filter(|queued| settled(&queued.problem)).count(),
        ..Lived::default()
    }
}

/// The conflicts of a pharmacy of which the hub has never lost anything: of the others it knows how they stand, and not how
/// they came to.
fn told(hub: &HubAtRest) -> Result<impl Iterator<Item = Met<'_>>, String> {
    let lost =
        |met: &Met<'_>| hub.log.given_back(CONFLICT.name, met.uid) || hub.log.given_back(met.target.name, met.row.uid);
    Ok(read(hub)?.into_iter().filter(move |met| !lost(met)))
}

fn read(hub: &HubAtRest) -> Result<Vec<Met<'_>>, String> {
    let read = |(uid, record): (Uid, &'_ Record)| -> Option<Met<'_>> {
        let record = hub.rows.get(&(CONFLICT.name, uid)).filter(|there| there.uid == record.uid)?;
        let text = |name| record.get(&CONFLICT, name).text();
        let (target, row) = (entity(text("entity")?)?, Uid::try_parse(text("row")?).ok()?);
        let fields = serde_json::from_str(text("fields")?).ok()?;
        let resolution = text("resolution").map(serde_json::from_str).transpose().ok()?;
        Some(Met { uid, record, target, row: hub.rows.get(&(target.name, row))?, fields, resolution })
    };
    among(&hub.rows).map(|one| read(one).ok_or_else(|| format!("conflict {} cannot be read", one.0))).collect()
}

/// I8: every till sees the hub's conflicts, and of each the same resolution, whatever was refused there.
pub fn seen_alike(rest: &Rest) -> Result<(), String> {
    for till in &rest.tills {
        let hub = &rest.hub[till.pharmacy].rows;
        let said = |record: &Record| record.values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>();
        for (uid, there) in among(hub) {
            let here = till.rows.get(&(CONFLICT.name, uid));
            if here.map(said) != Some(said(there)) {
                return Err(format!("{}: conflict {uid}: expected {there:?}, found {here:?}", till.name));
            }
        }
        if let Some((uid, _)) = among(&till.rows).find(|(uid, _)| !hub.contains_key(&(CONFLICT.name, *uid))) {
            return Err(format!("{}: conflict {uid} is not on the hub", till.name));
        }
    }
    Ok(())
}

/// I2: a conflict is resolved once, or it is open.
pub fn resolved_once(rest: &Rest) -> Result<(), String> {
    for hub in &rest.hub {
        for met in told(hub)? {
            let lines = hub.log.of(CONFLICT.name, met.uid);
            let written = lines.iter().filter(|line| line.applied && line.field == "resolution").count();
            if written != usize::from(met.resolution.is_some()) {
                return Err(format!("conflict {}: its resolution was written {written} times", met.uid));
            }
        }
    }
    Ok(())
}

/// I4: what a person chose stood in the row once its conflict was closed; while it is open, what the hub had.
pub fn in_force(rest: &Rest) -> Result<(), String> {
    for hub in &rest.hub {
        for met in told(hub)?.filter(|met| !met.twins()) {
            let chosen: Vec<(&str, &Json)> = match &met.resolution {
                Some(resolution) => resolution.fields.iter().map(|(path, json)| (path.as_str(), json)).collect(),
                None => met.fields.iter().map(|field| (field.field.as_str(), &field.hub)).collect(),
            };
            for (path, json) in chosen {
                let stood = hub.log.after(met.target, met.row, &met.place(path)?, met.record.rev);
                if stood != *json {
                    let (uid, name, row) = (met.uid, met.target.name, met.row.uid);
                    return Err(format!("conflict {uid}: {name} {row}: {path}: expected {json}, found {stood}"));
                }
            }
        }
    }
    Ok(())
}

/// I11: both values of every place that met are in the hub's log, or in force.
pub fn both_logged(rest: &Rest) -> Result<(), String> {
    for hub in &rest.hub {
        for met in told(hub)?.filter(|met| !met.twins()) {
            for field in &met.fields {
                for json in [&field.till, &field.hub] {
                    if !known(hub, met.target, met.row, &met.place(&field.field)?, json) {
                        let (uid, path) = (met.uid, &field.field);
                        return Err(format!("conflict {uid}: {path}: {json} met, and no line of the log says so"));
                    }
                }
            }
        }
    }
    Ok(())
}

/// A value that is nothing, in force, or in the log.
fn known(hub: &HubAtRest, entity: &'static Entity, row: &Record, place: &Path, json: &Json) -> bool {
    json.is_null() || place.read(entity, row) == *json || hub.log.tells(entity, row.uid, place, json)
}

/// I11: whatever tills sent of rows that are edited, and the hub did not refuse, is in the hub's log, or in force.
pub fn nothing_lost(rest: &Rest) -> Result<(), String> {
    for (pharmacy, operation) in &rest.applied {
        let hub = &rest.hub[*pharmacy];
        let Some(target) = entity(&operation.entity).filter(|entity| !entity.document) else { continue };
        let uid = hub.aliases.get(&(operation.entity.clone(), operation.uid)).copied().unwrap_or(operation.uid);
        let row =
            hub.rows.get(&(target.name, uid)).ok_or_else(|| format!("{} {uid} is not on the hub", target.name))?;
        for (place, json) in sent(target, operation) {
            if !known(hub, target, row, &place, &json) {
                let (name, path, seq) = (target.name, place.text(target), operation.seq);
                return Err(format!("{name} {uid}: {path} = {json} was sent ({seq}), and no line of the log says so"));
            }
        }
    }
    Ok(())
}

/// What an operation wants to stand where: columns, and cells of rows that were there before. What names other rows is
/// written by other names in other places.
fn sent(target: &'static Entity, operation: &Operation) -> Vec<(Path, Json)> {
    let mut values = Vec::new();
    for (place, column) in target.columns.iter().enumerate().filter(|(_, column)| plain(column)) {
        let json = operation.fields.get(&column.wire_name());
        values.extend(json.map(|json| (Path::Column(place), json.clone())));
    }
    for (place, part) in target.parts.iter().enumerate() {
        let Some(rows) = operation.parts.get(part.name) else { continue };
        let before: Option<Vec<_>> =
            operation.replaced.get(part.name).and_then(|json| serde_json::from_value(json.clone()).ok());
        let decoded = before.and_then(|before| decode_part(part, &before).ok()).zip(decode_part(part, rows).ok());
        let Some((before, after)) = decoded else { continue };
        let cells = changed(target, place, &before, &after).into_iter();
        let cells = cells.filter(|path| path.column(target).is_some_and(plain));
        let mut record = Record::new(target, operation.uid, 0);
        record.parts[place] = after;
        values.extend(cells.map(|path| (path.clone(), path.read(target, &record))));
    }
    values
}

fn plain(column: &Column) -> bool {
    column.travels() && column.rule != Rule::HubOnly && !column.secret && !matches!(column.kind, Kind::Ref(_))
}

/// I11: where edits met, the log says that what the pharmacy had chosen by then decided.
pub fn as_chosen(rest: &Rest) -> Result<(), String> {
    for hub in &rest.hub {
        for (name, uid, lines) in hub.log.rows() {
            for line in lines.iter().filter(|line| line.kind == "conflict") {
                let own = choices(hub, &strategy::setting_of(name), line.rev);
                let default = choices(hub, strategy::DEFAULT, line.rev);
                if !own.iter().any(|own| default.iter().any(|default| may_decide(line, *own, *default))) {
                    return Err(format!(
                        "{name} {uid}: {} at revision {}: {} decided, chosen were {own:?}, for all {default:?}",
                        line.field, line.rev, line.strategy
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Whether a line may be so. What the same device wrote later stands whatever was chosen; in doubt a person decides, and
/// where the declaration wants one.
fn may_decide(line: &Line, own: Option<Strategy>, default: Option<Strategy>) -> bool {
    let by_time = line.strategy == "lastWrite";
    let chosen = match own {
        None | Some(Strategy::Merge) => default.filter(|_| own.is_none()),
        own => own,
    };
    let person = line.strategy == "manual";
    by_time && !line.applied
        || match chosen {
            None | Some(Strategy::Merge | Strategy::LastWrite) => by_time || person,
            Some(chosen) => line.strategy == chosen.name() || person && own != Some(chosen),
        }
}

/// What a setting may have said just before a revision: one that no line tells of before may not have been there yet.
fn choices(hub: &HubAtRest, name: &str, rev: i64) -> Vec<Option<Strategy>> {
    let named = |record: &&Record| record.get(&SETTING, "name").text() == Some(name);
    let rows = hub.rows.iter().filter(|((entity, _), _)| *entity == SETTING.name).map(|(_, record)| record);
    let Some(setting) = rows.filter(named).max_by_key(|record| record.rev) else { return vec![None] };
    let place = Path::Column(SETTING.column("value").expect("a setting's value"));
    let said = hub.log.after(&SETTING, setting, &place, rev - 1);
    let said = said.as_str().and_then(Strategy::of_setting);
    let earlier = hub.log.of(SETTING.name, setting.uid).iter().any(|line| line.rev < rev && line.applied);
    if earlier { vec![said] } else { vec![said, None] }
}
