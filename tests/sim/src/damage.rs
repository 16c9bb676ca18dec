//! What hands, disks and old bugs do to a till's file: rows lose the hub's name or bear another one, births are marked as
//! sent and were not, references lead nowhere, rows are gone, figures are changed, the cursor is moved, and one supplier is
//! there twice. Only what the hub knows is damaged, and what it has never heard of is hidden from the queue, not lost.

use officine_protocol::{
    Uid,
    entities::{CUSTOMER, ENTITIES, PRODUCT, PRODUCT_BATCH, SALE, SALE_RETURN, SUPPLIER, USER},
    schema::{Entity, Kind},
};
use officine_till::demo::random::Random;
use rusqlite::{Connection, OptionalExtension};

macro_rules! damages {
    ($($(#[doc = $doc:literal])+ $name:ident $function:path;)+) => {
        /// A way to damage a till's file.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Damage { $($(#[doc = $doc])+ $name,)+ }

        const ALL: &[Damage] = &[$(Damage::$name,)+];

        impl Damage {
            fn by(self) -> fn(&Connection, &mut Random) -> rusqlite::Result<Option<String>> {
                match self { $(Self::$name => $function,)+ }
            }
        }
    };
}

damages! {
    /// A row loses the hub's name for it, and maybe its revision.
    NameLost name_lost;
    /// A row bears another name than the hub's, or one that cannot be.
    NameWrong name_wrong;
    /// A birth is marked as done with, whether it was sent or not.
    NeverSent never_sent;
    /// The cursor stands behind what was read.
    CursorBack cursor_back;
    /// The cursor stands beyond what was read.
    CursorAhead cursor_ahead;
    /// A row names one that is nowhere.
    ReferenceCut reference_cut;
    /// A row that others name is gone.
    RowGone row_gone;
    /// Lines of a ticket are gone.
    LinesGone lines_gone;
    /// A lot holds more than has come.
    QuantityWrong quantity_wrong;
    /// A movement moved more than it did.
    MovementWrong movement_wrong;
    /// A row says what nobody wrote.
    ContentWrong content_wrong;
    /// A supplier is there once more, in capitals, and was never sent.
    Twin twin;
}

impl Damage {
    /// One of them.
    pub fn draw(random: &mut Random) -> Self {
        ALL.get(random.index(ALL.len())).copied().unwrap_or(Self::NameLost)
    }

    /// Does it to a file that nothing holds to its references. Says what, where there was something to damage.
    pub fn perform(self, file: &Connection, random: &mut Random) -> Option<String> {
        file.pragma_update(None, "foreign_keys", false).expect("a pragma");
        self.by()(file, random).unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }
}

/// A row that the hub has named, and that nothing is on its way for.
const QUIET: &str = "t.server_id > 0 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.uid = t.uid AND o.state <> 5)";

/// One of those numbers.
fn pick(file: &Connection, random: &mut Random, sql: &str) -> rusqlite::Result<Option<i64>> {
    let mut found = file.prepare(sql)?;
    let found: Vec<i64> = found.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(found.get(random.index(found.len())).copied())
}

/// A quiet row of an entity.
fn quiet(file: &Connection, random: &mut Random, entity: &Entity, more: &str) -> rusqlite::Result<Option<i64>> {
    pick(file, random, &format!("SELECT t.id FROM \"{}\" t WHERE {QUIET} {more} ORDER BY t.id", entity.table))
}

/// Writes something into a quiet row of one of these.
fn written(
    file: &Connection,
    random: &mut Random,
    entities: &[&Entity],
    set: &str,
) -> rusqlite::Result<Option<String>> {
    let entity = entities[random.index(entities.len())];
    let Some(id) = quiet(file, random, entity, "")? else { return Ok(None) };
    file.execute(&format!("UPDATE \"{}\" SET {set} WHERE id = ?1", entity.table), [id])?;
    Ok(Some(format!("{} {id}: {set}", entity.name)))
}

fn name_lost(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let set = if random.once_in(2) { "server_id = NULL" } else { "server_id = NULL, rev = 0" };
    written(file, random, ENTITIES, set)
}

fn name_wrong(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let set = if random.once_in(2) { "server_id = -4" } else { "server_id = server_id + 100000" };
    written(file, random, ENTITIES, set)
}

fn never_sent(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT seq FROM outbox o WHERE action = 'create' AND state < 2 AND NOT EXISTS \
               (SELECT 1 FROM outbox n WHERE n.uid = o.uid AND n.seq > o.seq) ORDER BY seq";
    let Some(seq) = pick(file, random, sql)? else { return Ok(None) };
    file.execute("UPDATE outbox SET state = 5, settled_at = 1 WHERE seq = ?1", [seq])?;
    Ok(Some(format!("operation {seq}")))
}

fn cursor_back(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    moved(file, &format!("max(1, cursor_rev - {})", random.between(1, 30)), random.once_in(2))
}

fn cursor_ahead(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    moved(file, &format!("cursor_rev + {}", random.between(1, 30)), random.once_in(2))
}

/// A cursor moves with the commit that it had, or with none; not while a first sync has only noted where it will stand.
fn moved(file: &Connection, to: &str, alone: bool) -> rusqlite::Result<Option<String>> {
    let commit = if alone { ", cursor_commit = NULL" } else { "" };
    let sql = format!(
        "UPDATE sync_state SET cursor_rev = {to}{commit} WHERE cursor_rev > 0 AND NOT EXISTS (SELECT 1 FROM walk)"
    );
    Ok((file.execute(&sql, [])? > 0).then(|| format!("cursor_rev = {to}{commit}")))
}

fn reference_cut(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let refers = |entity: &&Entity| entity.columns.iter().any(|column| matches!(column.kind, Kind::Ref(_)));
    let owners: Vec<&Entity> = ENTITIES.iter().copied().filter(refers).collect();
    let owner = owners[random.index(owners.len())];
    let columns: Vec<_> = owner.columns.iter().filter(|column| matches!(column.kind, Kind::Ref(_))).collect();
    let name = columns[random.index(columns.len())].sql_name();
    let Some(id) = quiet(file, random, owner, &format!("AND t.\"{name}\" IS NOT NULL"))? else { return Ok(None) };
    file.execute(&format!("UPDATE \"{}\" SET \"{name}\" = 4711000 WHERE id = ?1", owner.table), [id])?;
    Ok(Some(format!("{} {id}: {name}", owner.name)))
}

fn row_gone(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let entity = [&SUPPLIER, &CUSTOMER, &SALE][random.index(3)];
    let Some(id) = quiet(file, random, entity, "")? else { return Ok(None) };
    file.execute(&format!("DELETE FROM \"{}\" WHERE id = ?1", entity.table), [id])?;
    Ok(Some(format!("{} {id}", entity.name)))
}

fn lines_gone(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let Some(id) = quiet(file, random, &SALE, "")? else { return Ok(None) };
    file.execute("DELETE FROM sale_item WHERE sale_id = ?1", [id])?;
    Ok(Some(format!("sale {id}")))
}

fn quantity_wrong(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let set = format!("quantity = quantity + {}", random.between(1, 9));
    written(file, random, &[&PRODUCT_BATCH], &set)
}

fn movement_wrong(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let Some(id) = quiet(file, random, &SALE, "")? else { return Ok(None) };
    let sql = "UPDATE stock_movement SET delta = delta - 1 WHERE document_kind = 1 AND document_id = ?1";
    Ok((file.execute(sql, [id])? > 0).then(|| format!("sale {id}")))
}

fn content_wrong(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    match random.index(4) {
        0 => written(file, random, &[&SUPPLIER, &CUSTOMER, &PRODUCT, &USER], "name = 'Personne'"),
        1 => written(file, random, &[&PRODUCT], "name = 'Faux', name_fold = 'vrai'"),
        2 => written(file, random, &[&SALE, &SALE_RETURN], "total = total + 500"),
        _ => written(file, random, &[&SUPPLIER, &PRODUCT], "rev = rev + 1000000"),
    }
}

fn twin(file: &Connection, random: &mut Random) -> rusqlite::Result<Option<String>> {
    let Some(id) = quiet(file, random, &SUPPLIER, "AND t.archived_at IS NULL")? else { return Ok(None) };
    let mut columns = file.prepare("SELECT name FROM pragma_table_info('supplier') WHERE name <> 'id'")?;
    let columns: Vec<String> = columns.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let copied = columns.iter().map(|column| match column.as_str() {
        "uid" => "?2".to_owned(),
        "name" => "upper(name)".to_owned(),
        "server_id" => "NULL".to_owned(),
        "rev" => "0".to_owned(),
        column => format!("\"{column}\""),
    });
    let (names, copied) = (columns.join("\", \""), copied.collect::<Vec<_>>().join(", "));
    let sql = format!("INSERT INTO supplier (\"{names}\") SELECT {copied} FROM supplier WHERE id = ?1 RETURNING name");
    let uid = Uid::from_u128(u128::from_be_bytes(std::array::from_fn(|_| random.between(0, 255) as u8)));
    let named: Option<String> = file.query_row(&sql, (id, uid.as_bytes()), |row| row.get(0)).optional()?;
    Ok(named)
}
