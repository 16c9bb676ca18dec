//! The stocktake under way, as the window shows it.

use std::collections::{HashMap, HashSet};

use officine_protocol::Uid;
use rusqlite::Connection;

use super::{
    draft::{self, Draft, StoredCount},
    tallies::{self, Tallied},
};
use crate::{
    catalogue::lots,
    error::{Error, Result},
    settings,
    store::rows::read_uid,
    views::{CountedLot, StocktakeView, UncountedLot, ZoneCount},
};

const MOST_UNCOUNTED: usize = 500;

/// Reads it.
pub fn read(connection: &Connection) -> Result<StocktakeView> {
    let draft = draft::current(connection)?;
    let tallied = tallies::of(connection, draft::counts(connection, &draft)?)?;
    let done: HashSet<i64> = tallied.iter().map(|lot| lot.lot.id).collect();
    let (uncounted, uncounted_total) = uncounted(connection, &draft, &done)?;
    let people = names(connection)?;
    let products = products(connection, &tallied)?;
    let mut counted: Vec<_> = tallied.iter().map(|lot| counted(lot, &products, &people)).collect();
    counted.sort_by_cached_key(|lot| {
        (lot.difference == 0, std::cmp::Reverse(lot.cost.map(i64::abs)), lot.name.clone(), lot.batch.clone())
    });
    let (cost_missing, cost_found) = costs(&tallied);
    Ok(StocktakeView {
        uid: draft.uid.to_string(),
        user: people.get(&draft.user).cloned().unwrap_or_default(),
        started_at: draft.started_at,
        note: draft.note,
        zones: settings::zones(connection)?,
        differing: counted.iter().filter(|lot| lot.difference != 0).count() as u32,
        counted,
        cost_missing: Some(cost_missing),
        cost_found: Some(cost_found),
        uncounted,
        uncounted_total,
    })
}

/// One lot of it.
pub fn of_lot(connection: &Connection, lot: i64) -> Result<CountedLot> {
    let draft = draft::current(connection)?;
    let mut counts = draft::counts(connection, &draft)?;
    counts.retain(|count| count.batch == lot);
    let tallied = tallies::of(connection, counts)?;
    let first = tallied.first().ok_or_else(|| Error::refused("stocktake_empty", Default::default()))?;
    Ok(counted(first, &products(connection, &tallied)?, &names(connection)?))
}

/// What is missing and what was found had cost.
pub fn costs(tallied: &[Tallied]) -> (i64, i64) {
    let costs = tallied.iter().map(Tallied::cost);
    costs.fold((0, 0), |(missing, found), cost| match cost {
        ..0 => (missing - cost, found),
        _ => (missing, found + cost),
    })
}

fn counted(lot: &Tallied, products: &HashMap<i64, (Uid, String)>, people: &HashMap<i64, String>) -> CountedLot {
    let (product, name) = products.get(&lot.lot.product).cloned().unwrap_or_default();
    let zone = |count: &StoredCount, elsewhere| ZoneCount {
        zone: count.zone.clone(),
        counted: count.counted,
        counted_at: count.counted_at,
        user: people.get(&count.user).cloned().unwrap_or_default(),
        elsewhere,
        later_count: if elsewhere { None } else { lot.later(&count.zone) },
    };
    let standing = lot.standing();
    let kept = lot.known.iter().filter(|count| standing.iter().any(|one| (one.document, one.line) == count.place()));
    let zones = lot.counts.iter().map(|count| zone(count, false)).chain(kept.map(|count| zone(&count.stored, true)));
    let zones = zones.collect();
    CountedLot {
        product: product.to_string(),
        name,
        batch: lot.lot.uid().to_string(),
        lot_number: lot.lot.number.clone(),
        expiry: lot.lot.expiry_text(),
        quarantine: lot.lot.quarantine,
        zones,
        counted: lot.tally().counted,
        book: lot.book(),
        difference: lot.difference(),
        cost: Some(lot.cost()),
    }
}

/// Lots of the scope that hold something and that nobody has counted: the first of them, and how many there are.
fn uncounted(connection: &Connection, draft: &Draft, done: &HashSet<i64>) -> Result<(Vec<UncountedLot>, u32)> {
    let sql = "SELECT b.id, p.uid, p.name FROM product_batch b JOIN product p ON p.id = b.product_id \
               WHERE b.quantity <> 0 AND b.archived_at IS NULL ORDER BY p.name_fold, b.expiry IS NULL, b.expiry, b.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, read_uid(row, 1)?, row.get::<_, String>(2)?)))?;
    let scope: HashSet<Uid> = draft
        .products
        .iter()
        .map(|uid| crate::store::rows::canonical(connection, &officine_protocol::entities::PRODUCT, *uid))
        .collect::<Result<_>>()?;
    let (mut left, mut total) = (Vec::new(), 0);
    for row in rows {
        let (id, product, name) = row?;
        if done.contains(&id) || !(scope.is_empty() || scope.contains(&product)) {
            continue;
        }
        total += 1;
        if left.len() < MOST_UNCOUNTED {
            let lot = lots::load(connection, id)?;
            left.push(UncountedLot {
                product: product.to_string(),
                name,
                batch: lot.uid().to_string(),
                lot_number: lot.number.clone(),
                expiry: lot.expiry_text(),
                quantity: lot.lot.quantity,
            });
        }
    }
    Ok((left, total))
}

fn products(connection: &Connection, tallied: &[Tallied]) -> Result<HashMap<i64, (Uid, String)>> {
    let ids: Vec<i64> = tallied.iter().map(|lot| lot.lot.product).collect();
    let sql = "SELECT DISTINCT p.id, p.uid, p.name FROM json_each(?1) j JOIN product p ON p.id = j.value";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([lots::keys(&ids)], |row| Ok((row.get(0)?, (read_uid(row, 1)?, row.get(2)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn names(connection: &Connection) -> Result<HashMap<i64, String>> {
    let mut statement = connection.prepare_cached("SELECT id, name FROM \"user\"")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
