//! What must be true at rest, one function for each invariant, from what the tables hold and a small model of what they
//! should. None of it asks the code it judges.

pub mod conflicts;
mod documents;
pub mod edits;
mod equal;
pub mod log;
pub mod passing;
mod promises;
mod queue;
mod settled;
mod stock;
pub mod watch;

use std::collections::BTreeMap;

use officine_protocol::{Uid, messages::Operation};
use rusqlite::Connection;

use self::{edits::Edits, log::HubLog};
use crate::{
    rows::{self, Of, Rows},
    world::{Broken, Promise, World},
};

/// An operation as it stands in a till's queue.
#[derive(Debug)]
pub struct Queued {
    /// Device sequence.
    pub seq: i64,
    /// Entity.
    pub entity: String,
    /// Row.
    pub uid: Uid,
    /// 3 blocked, 4 rejected, 5 settled.
    pub state: i64,
    /// Why, as JSON.
    pub problem: Option<String>,
}

/// A till at rest.
pub struct TillAtRest {
    /// Its name.
    pub name: String,
    /// Place of its pharmacy.
    pub pharmacy: usize,
    /// Its ticket series.
    pub series: i64,
    /// It was put back, or copied: what it did is in no one log.
    pub strange: bool,
    /// Its rows.
    pub rows: Rows,
    /// What it has not done with.
    pub open: Vec<Queued>,
    /// How far it has read.
    pub cursor: i64,
    /// Rows it holds back.
    pub held: Vec<Uid>,
    /// Rows it has put aside.
    pub aside: i64,
    /// How often somebody edited here: by entity, row, field and value.
    pub edits: Edits,
    /// Other names of rows: of an entity, the loser and the winner.
    pub aliases: BTreeMap<(String, Uid), Uid>,
}

/// A pharmacy on the hub at rest.
pub struct HubAtRest {
    /// Its rows.
    pub rows: Rows,
    /// Its revision.
    pub revision: i64,
    /// Its log.
    pub log: HubLog,
    /// How often a till's edit was written: by series, entity, row, field and value.
    pub edits: Edits,
    /// Other names of rows.
    pub aliases: BTreeMap<(String, Uid), Uid>,
}

/// Everything at rest.
pub struct Rest {
    /// The tills.
    pub tills: Vec<TillAtRest>,
    /// The pharmacies.
    pub hub: Vec<HubAtRest>,
    /// What was promised.
    pub promises: Vec<Promise>,
    /// What tills sent and the hub did not refuse: place of the pharmacy, and the operation.
    pub applied: Vec<(usize, Operation)>,
}

impl Rest {
    /// Reads it.
    pub fn of(world: &World) -> Self {
        let file = world.hub_file();
        let hub = world.pharmacies.iter().map(|uid| hub_at_rest(&file, *uid)).collect();
        let tills = world.stations.iter().enumerate().map(|(place, station)| {
            let file = world.till_file(place);
            TillAtRest {
                name: station.name.clone(),
                pharmacy: station.pharmacy,
                strange: station.strange,
                series: one(&file, "SELECT series FROM till_state"),
                rows: rows::read(&file, Of::Till, |_| true),
                open: open(&file),
                cursor: one(&file, "SELECT cursor_rev FROM sync_state"),
                held: held(&file),
                aside: one(&file, "SELECT count(*) FROM row_aside"),
                edits: edits::of_till(&file),
                aliases: aliases(&file, "SELECT entity, uid, winner FROM uid_map"),
            }
        });
        Self { tills: tills.collect(), hub, promises: world.promises.clone(), applied: world.applied.clone() }
    }
}

fn hub_at_rest(file: &Connection, uid: Uid) -> HubAtRest {
    let key = pharmacy_key(file, uid);
    let rows = rows::read(file, Of::Hub(key), |_| true);
    let named: BTreeMap<(&str, i64), Uid> =
        rows.iter().filter_map(|((entity, uid), record)| Some(((*entity, record.server_id?), *uid))).collect();
    let mut statement =
        file.prepare("SELECT entity, alias, id FROM uid_map WHERE pharmacy_id = ?1").expect("the hub's names");
    let read = statement.query_map([key], |row| Ok((row.get::<_, String>(0)?, uid_at(row, 1)?, row.get::<_, i64>(2)?)));
    let aliases = read.expect("the hub's names").filter_map(|name| {
        let (entity, alias, id) = name.ok()?;
        let winner = named.get(&(entity.as_str(), id)).copied()?;
        Some(((entity, alias), winner))
    });
    let revision = one(file, &format!("SELECT revision FROM pharmacy WHERE id = {key}"));
    let log = HubLog::read(file, key, &rows);
    HubAtRest { aliases: aliases.collect(), revision, log, edits: edits::of_hub(file, key, &rows), rows }
}

/// The rows of every place.
fn everywhere(rest: &Rest) -> impl Iterator<Item = (String, &Rows)> {
    let hub = rest.hub.iter().enumerate().map(|(place, hub)| (format!("the hub, pharmacy {}", place + 1), &hub.rows));
    hub.chain(rest.tills.iter().map(|till| (till.name.clone(), &till.rows)))
}

/// The hub's key of a pharmacy.
pub fn pharmacy_key(file: &Connection, uid: Uid) -> i64 {
    file.query_row("SELECT id FROM pharmacy WHERE uid = ?1", [uid.as_bytes()], |row| row.get(0)).expect("a pharmacy")
}

fn one(file: &Connection, sql: &str) -> i64 {
    file.query_row(sql, [], |row| row.get(0)).expect("a number")
}

fn held(file: &Connection) -> Vec<Uid> {
    let mut statement = file.prepare("SELECT uid FROM held_row").expect("held rows");
    let read = statement.query_map([], |row| uid_at(row, 0)).expect("held rows");
    read.collect::<rusqlite::Result<_>>().expect("held rows")
}

fn uid_at(row: &rusqlite::Row<'_>, place: usize) -> rusqlite::Result<Uid> {
    Ok(Uid::from_bytes(row.get(place)?))
}

fn aliases(file: &Connection, sql: &str) -> BTreeMap<(String, Uid), Uid> {
    let mut statement = file.prepare(sql).expect("names");
    let read = statement.query_map([], |row| Ok(((row.get(0)?, uid_at(row, 1)?), uid_at(row, 2)?)));
    read.expect("names").collect::<rusqlite::Result<_>>().expect("names")
}

fn open(file: &Connection) -> Vec<Queued> {
    let sql = "SELECT seq, entity, uid, state, problem FROM outbox WHERE state <> 5 ORDER BY seq";
    let mut statement = file.prepare(sql).expect("the queue");
    let read = statement.query_map([], |row| {
        Ok(Queued {
            seq: row.get(0)?,
            entity: row.get(1)?,
            uid: uid_at(row, 2)?,
            state: row.get(3)?,
            problem: row.get(4)?,
        })
    });
    read.expect("the queue").collect::<rusqlite::Result<_>>().expect("the queue")
}

type Check = fn(&Rest) -> Result<(), String>;

/// Every invariant that is checked at rest: its name, what it says, how it is checked. I7 and I11 are watched step by step
/// (see [`watch`]), and once more here where rest can tell.
pub const INVARIANTS: &[(&str, &str, Check)] = &[
    ("I5", "a rejection never blocks what does not depend on it", queue::rejections_block_nothing),
    ("I12", "once the network is back the queue drains, except what is blocked, and that is shown", queue::drained),
    ("I10", "no row crosses a pharmacy", promises::pharmacies_apart),
    ("I1", "an acknowledged sale survives any crash", promises::tickets_survive),
    ("I9", "no ticket disappears: numbers are gapless per series, and the chain verifies", documents::chained),
    ("I2", "nothing is applied twice", promises::nothing_twice),
    ("I2", "an edit that was overwritten is not written again", edits::once),
    ("I2", "one decision stands on a refused ticket, and the ticket says which", settled::once),
    ("I2", "a conflict is resolved once, or it is open", conflicts::resolved_once),
    ("I4", "what was chosen for a conflict stood in its row; while it is open, what the hub had", conflicts::in_force),
    ("I4", "a document is applied whole or not at all", documents::whole),
    ("I3", "quantity = latest count + later movements; below zero only with a recount open", stock::follows),
    ("I6", "every till reaches the last state of every row", equal::everybody_has_everything),
    ("I11", "both values that met are in the hub's log, or in force", conflicts::both_logged),
    ("I11", "whatever was sent and not refused is in the hub's log, or in force", conflicts::nothing_lost),
    ("I11", "where edits met, the log says that what was chosen decided", conflicts::as_chosen),
    ("I8", "everybody sees the same conflicts, and the same resolutions", conflicts::seen_alike),
    ("I8", "at rest, every till and the hub are equal", equal::contents),
];

/// Checks them all, in order: the first that does not hold.
pub fn check(rest: &Rest) -> Result<(), Broken> {
    INVARIANTS.iter().try_for_each(|(name, _, check)| check(rest).map_err(|said| Broken::new(name, said)))
}
