//! Quarrels: a few rows that every till has, and the same few fields of them, edited everywhere; who wins, chosen anew
//! under way; what waits for a person resolved, wherever one sees it, and taken back.

use std::collections::BTreeMap;

use officine_protocol::strategy::STRATEGIES;
use officine_till::{
    Error, Result, Till,
    demo::random::Random,
    views::{
        CellKind, ConflictArgs, ConflictField, ConflictKindName, ConflictSummary, ListConflictsArgs, ResolveAllArgs,
        ResolveConflictArgs, SetPriceArgs, TakenName,
    },
};
use serde_json::{Value as Json, json};

use super::{Done, money, pick, products, uid_in};
use crate::template::fields;

/// Entities for which somebody chooses who wins, and all of them.
const CHOSEN: [&str; 6] = ["default", "product", "productBatch", "supplier", "customer", "setting"];

/// Mostly the oldest of these, which every till has; sometimes the next.
fn contested(random: &mut Random, mut uids: Vec<String>) -> Result<String> {
    uids.sort();
    uids.truncate(if random.once_in(4) { 2 } else { 1 });
    uids.pop().ok_or_else(|| Error::refused("nothing_there", Default::default()))
}

/// Two edits of what others edit too.
pub fn quarrel(till: &Till, random: &mut Random) -> Result<Done> {
    let mut said = Vec::new();
    for _ in 0..2 {
        let edit = pick(random, &[price, price, price, price, lot, lot, product, supplier, customer, others])?;
        said.push(edit(till, random)?);
    }
    Ok(Done::said(said.join(", ")))
}

fn price(till: &Till, random: &mut Random) -> Result<String> {
    let product = contested(random, products(till)?)?;
    let price = random.between(10, 90) * 100;
    till.set_price(&SetPriceArgs { product, unit: 0, price })?;
    Ok(format!("{price} F"))
}

fn lot(till: &Till, random: &mut Random) -> Result<String> {
    let product = till.product(&contested(random, products(till)?)?)?;
    let lots = product.lots.into_iter().filter(|lot| !lot.quarantine).map(|lot| lot.uid).collect();
    let (lot, number) = (contested(random, lots)?, random.between(1, 9));
    let change = match random.once_in(2) {
        true => json!({ "lotNumber": format!("C{number}") }),
        false => json!({ "expiry": format!("203{number}-0{number}-28") }),
    };
    till.edit_lot(&lot, &fields(change.clone()))?;
    Ok(change.to_string())
}

fn product(till: &Till, random: &mut Random) -> Result<String> {
    let (uid, number) = (contested(random, products(till)?)?, random.between(0, 99));
    let change = match random.once_in(2) {
        true => json!({ "name": format!("Renommé {number}") }),
        false => json!({ "dci": format!("DCI {number}") }),
    };
    till.edit_product(&uid, &fields(change.clone()))?;
    Ok(change.to_string())
}

fn supplier(till: &Till, random: &mut Random) -> Result<String> {
    let uid = contested(random, till.list_suppliers("", 50)?.iter().map(uid_in).collect())?;
    if random.once_in(6) {
        till.archive_supplier(&uid)?;
        return Ok(format!("archived {uid}"));
    }
    let change = json!({ "address": format!("Quartier {}", random.between(0, 99)) });
    till.edit_supplier(&uid, &fields(change.clone()))?;
    Ok(change.to_string())
}

fn customer(till: &Till, random: &mut Random) -> Result<String> {
    let uid = contested(random, till.find_customers("", 50)?.iter().map(uid_in).collect())?;
    if random.once_in(8) {
        till.archive_customer(&uid)?;
        return Ok(format!("archived {uid}"));
    }
    let change = json!({ "name": format!("Client {}", random.between(0, 99)) });
    till.edit_customer(&uid, &fields(change.clone()))?;
    Ok(change.to_string())
}

fn others(till: &Till, random: &mut Random) -> Result<String> {
    let edit = if random.once_in(2) { money::edit_user } else { money::setting };
    edit(till, random).map(|done| done.said)
}

/// Who wins from now on: for an entity, or for all; sometimes what the declaration says again.
pub fn choose(till: &Till, random: &mut Random) -> Result<Done> {
    let name = format!("conflict.{}", pick(random, &CHOSEN)?);
    let choice = if random.once_in(8) { Json::Null } else { json!(pick(random, STRATEGIES)?) };
    till.set_pharmacy_settings(&[(name.clone(), choice.clone())])?;
    Ok(Done::said(format!("{name} {choice}")))
}

fn listed(till: &Till, open: bool) -> Result<Vec<ConflictSummary>> {
    Ok(till.list_conflicts(&ListConflictsArgs { entity: None, open, after: None, limit: 500 })?.rows)
}

/// A conflict that waits, mostly the newest, which others look at too.
pub fn resolve(till: &Till, random: &mut Random) -> Result<Done> {
    let open = listed(till, true)?;
    let conflict = if random.once_in(3) { pick(random, &open)? } else { pick(random, &open[..open.len().min(1)])? };
    let view = till.read_conflict(&ConflictArgs { uid: conflict.uid.clone() })?;
    let all = [TakenName::Hub, TakenName::Till, TakenName::LastWrite, TakenName::Picked, TakenName::Picked];
    let taken = match conflict.kind {
        ConflictKindName::Twin => TakenName::Distinct,
        _ => *pick(random, &all)?,
    };
    let mut picked = BTreeMap::new();
    for field in view.fields.iter().filter(|_| taken == TakenName::Picked) {
        picked.insert(field.path.clone(), value(random, field));
    }
    let said = format!("{} {taken:?} {}", conflict.uid, json!(picked));
    till.resolve_conflict(&ResolveConflictArgs { uid: conflict.uid.clone(), taken, fields: picked })?;
    Ok(Done::said(said))
}

/// One side's, or what somebody types.
fn value(random: &mut Random, field: &ConflictField) -> Json {
    let (side, number) = (random.index(4), random.between(1, 9));
    match (side, field.kind) {
        (0, _) => field.till.clone(),
        (1, _) => field.hub.clone(),
        (_, CellKind::Money | CellKind::Int) => json!(number * 700),
        (_, CellKind::Text) => json!(format!("Tapé {number}")),
        (_, CellKind::Date) => json!(format!("204{number}-11-30")),
        (2, _) => field.till.clone(),
        _ => field.hub.clone(),
    }
}

/// Everything that waits, or all that waits of an entity, by one rule.
pub fn resolve_all(till: &Till, random: &mut Random) -> Result<Done> {
    let open = listed(till, true)?;
    let entity = pick(random, &open)?.entity.clone();
    let entity = (!random.once_in(3)).then_some(entity);
    let taken = *pick(random, &[TakenName::Hub, TakenName::Till, TakenName::LastWrite])?;
    let done = till.resolve_conflicts(&ResolveAllArgs { entity, taken })?;
    Ok(Done::said(format!("{} {taken:?}, {} left", done.resolved, done.left)))
}

/// A resolution of which something is in force is taken back.
pub fn undo(till: &Till, random: &mut Random) -> Result<Done> {
    let mut undoable = Vec::new();
    for conflict in listed(till, false)?.into_iter().filter(|conflict| conflict.taken.is_some()) {
        let args = ConflictArgs { uid: conflict.uid };
        if till.read_conflict(&args)?.resolution.is_some_and(|resolution| resolution.can_undo) {
            undoable.push(args.uid);
        }
    }
    let uid = pick(random, &undoable)?.clone();
    till.undo_resolution(&ConflictArgs { uid: uid.clone() })?;
    Ok(Done { undone: true, ..Done::said(uid) })
}
