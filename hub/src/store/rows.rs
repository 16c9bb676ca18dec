//! Rows asked for by name: by uid or alias, each with its aliases, and with all they refer to where that is wanted.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use officine_protocol::{
    Uid,
    entities::{entity, in_order},
    messages::{Missing, RowAsked, WireRow},
    schema::Entity,
    sql::{Place, select},
};

use super::{
    pull::{Reach, Read, beyond, bounded, counters, records, with_aliases},
    session::{Affinity, Param, Session},
    text,
};
use crate::StoreError;

/// The rows that a till wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// By entity and uid. An entity that is not known has no rows.
    pub rows: Vec<RowAsked>,
    /// Version of the till's tables: it is sent what it knows.
    pub schema: u32,
    /// With all that they refer to, which does not count among the bytes.
    pub with_references: bool,
    /// At most so many bytes, but for a single row.
    pub max_bytes: usize,
}

/// What the hub has of them. See [`RowsResponse`](officine_protocol::messages::RowsResponse).
#[derive(Debug)]
pub struct Given {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The rows, parents first.
    pub rows: Vec<WireRow>,
    /// Those that are not here.
    pub unknown: Vec<Missing>,
}

/// What a till may not have: everything.
const ALL: Reach = Reach { after: -1, below: 0 };

pub(crate) async fn given(session: &mut dyn Session, pharmacy: i64, wanted: &Wanted) -> Result<Given, StoreError> {
    let (epoch, revision) = counters(session, pharmacy).await?;
    let mut asked: BTreeMap<&str, BTreeSet<Uid>> = BTreeMap::new();
    for row in &wanted.rows {
        asked.entry(&row.entity).or_default().insert(row.uid);
    }
    let (mut read, mut unknown) = (Vec::new(), Vec::new());
    for (name, uids) in asked {
        let target = entity(name).filter(|entity| entity.since <= wanted.schema);
        let (rows, found) = match target {
            Some(target) => named(session, pharmacy, target, &uids).await?,
            None => Default::default(),
        };
        read.extend(rows);
        unknown.extend(uids.difference(&found).map(|uid| Missing { entity: name.to_owned(), uid: *uid }));
    }
    parents_first(&mut read);
    read.truncate(bounded(&read, wanted.schema, wanted.max_bytes));
    if wanted.with_references {
        beyond(session, pharmacy, &mut read, |_, target| (target.since <= wanted.schema).then_some(ALL)).await?;
        parents_first(&mut read);
    }
    let rows = with_aliases(session, pharmacy, read, wanted.schema).await?;
    Ok(Given { epoch, revision, rows, unknown })
}

fn parents_first(read: &mut [Read]) {
    let places: HashMap<&str, usize> = in_order().iter().map(|entity| entity.name).zip(0..).collect();
    read.sort_by_key(|(entity, record)| (places.get(entity.name).copied(), record.rev));
}

/// The rows of an entity that bear those names, and which of the names led to one.
async fn named(
    session: &mut dyn Session,
    pharmacy: i64,
    target: &'static Entity,
    uids: &BTreeSet<Uid>,
) -> Result<(Vec<Read>, BTreeSet<Uid>), StoreError> {
    let dialect = session.dialect();
    let (one, table, name) = (dialect.parameter(1), target.table, target.name);
    let [own, alias] = ["uid", "alias"].map(|column| text::any(dialect, column, 2, Affinity::Blob));
    let sql = format!(
        "SELECT id, uid FROM \"{table}\" WHERE pharmacy_id = {one} AND {own} \
         UNION SELECT id, alias FROM uid_map WHERE pharmacy_id = {one} AND entity = '{name}' AND {alias}"
    );
    let mut names = Vec::new();
    for row in session.query(&sql, &[pharmacy.into(), Param::uids(uids)]).await? {
        names.push((row.int(0)?, row.uid(1)?));
    }
    let ids: BTreeSet<i64> = names.iter().map(|(id, _)| *id).collect();
    let read = by_id(session, pharmacy, target, ids.into_iter().collect()).await?;
    let here: BTreeSet<i64> = read.iter().filter_map(|(_, record)| record.server_id).collect();
    Ok((read, names.into_iter().filter(|(id, _)| here.contains(id)).map(|(_, uid)| uid).collect()))
}

/// The rows of an entity with those server ids.
pub(super) async fn by_id(
    session: &mut dyn Session,
    pharmacy: i64,
    target: &'static Entity,
    ids: Vec<i64>,
) -> Result<Vec<Read>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let dialect = session.dialect();
    let list = text::any(dialect, "t.id", 2, Affinity::Int);
    let sql = format!("{} WHERE t.pharmacy_id = {} AND {list}", select(target, Place::Hub), dialect.parameter(1));
    let rows = session.query(&sql, &[pharmacy.into(), Param::Ints(ids)]).await?;
    records(session, pharmacy, target, rows).await
}
