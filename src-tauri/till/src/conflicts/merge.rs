//! Twins that are one: what would move is shown first, counted from the declared references; then a person says which row
//! stays. The hub makes one of the two, and its answer makes one of them here.

use officine_protocol::{
    Uid,
    entities::{CONFLICT, ENTITIES, PRODUCT, PRODUCT_BATCH, USER},
    messages::{MergedRow, Resolution},
    params,
    record::Record,
    roles::Permission,
    schema::{Column, Entity, Kind, LEDGER},
    value::Value,
};
use rusqlite::Connection;
use serde_json::Map;

use super::{Conflict, names};
use crate::{
    editing,
    engine::Till,
    error::{Error, Result},
    refuse,
    store::rows,
    views::{
        ConflictArgs, ConflictKindName, ConflictView, MergeArgs, MergeCount, MergePreview, MergeSide, TakenName, Topic,
    },
};

/// The two rows, as they are here.
struct Pair {
    entity: &'static Entity,
    winner: (i64, Record),
    loser: (i64, Record),
}

impl Till {
    /// What would become of two rows that are one.
    pub fn preview_merge(&self, args: &MergeArgs) -> Result<MergePreview> {
        self.allow(Permission::ResolveConflicts)?;
        self.store.read(|connection| Pair::of(connection, args)?.preview(connection))
    }

    /// Makes one of the two. `units_differ` where what one sells the other does not know.
    pub fn merge_twins(&self, args: &MergeArgs) -> Result<ConflictView> {
        let session = self.allow(Permission::ResolveConflicts)?;
        self.act(Some(session.user), |act| {
            let pair = Pair::of(act.tx, args)?;
            let conflict = Conflict::read(act.tx, &args.uid)?;
            if !conflict.open() {
                return refuse!("conflict_settled");
            }
            if let Some(needed) = pair.entity.edit
                && !session.role.may(needed)
            {
                return refuse!("forbidden", permission: needed.name());
            }
            pair.check()?;
            let resolution = Resolution {
                entity: conflict.target.name.to_owned(),
                row: conflict.row,
                strategy: TakenName::Merged.word().to_owned(),
                fields: Map::new(),
                replaced: Map::new(),
                winner: Some(pair.winner.1.uid),
                loser: Some(pair.loser.1.uid),
                before: pair.before(act.tx)?,
            };
            let values = vec![
                ("resolved_at", Value::Int(act.now)),
                ("resolved_by", Value::Uid(session.user)),
                ("resolution", serde_json::to_string(&resolution)?.into()),
            ];
            act.update(&CONFLICT, conflict.uid, values, vec![]).map(|_| ())
        })?;
        self.changed(&[Topic::Conflicts, Topic::Sync]);
        self.read_conflict(&ConflictArgs { uid: args.uid.clone() })
    }
}

impl Pair {
    /// Only the two between which the conflict asks.
    fn of(connection: &Connection, args: &MergeArgs) -> Result<Self> {
        let invalid = |field: &str| Error::refused("field_invalid", params! { field: field });
        let conflict = Conflict::read(connection, &args.uid)?;
        let entity = conflict.target;
        let read = |text: &str, field: &str| -> Result<(i64, Record)> {
            let uid = rows::canonical(connection, entity, editing::uid_of(entity, text)?)?;
            rows::get(connection, entity, uid)?.ok_or_else(|| invalid(field))
        };
        let (winner, loser) = (read(&args.winner, "winner")?, read(&args.loser, "loser")?);
        let asked = conflict.fields.first().map(|met| met.hub.clone()).unwrap_or_default();
        let asked: Vec<Uid> = serde_json::from_value(asked).unwrap_or_default();
        let mut alike = Vec::with_capacity(asked.len());
        for uid in asked {
            alike.push(rows::canonical(connection, entity, uid)?);
        }
        let row = rows::canonical(connection, entity, conflict.row)?;
        let (kept, lost) = (winner.1.uid, loser.1.uid);
        let between = (kept == row && alike.contains(&lost)) || (lost == row && alike.contains(&kept));
        if conflict.kind != ConflictKindName::Twin || !between || kept == lost {
            return Err(invalid("winner"));
        }
        Ok(Self { entity, winner, loser })
    }

    /// What the hub would refuse.
    fn check(&self) -> Result<()> {
        if self.entity.name == USER.name {
            return refuse!("people_stay_two");
        }
        if self.winner.1.archived_at.is_some() {
            return refuse!("row_archived", entity: self.entity.name);
        }
        let factors = |record: &Record| -> Vec<(Option<i64>, Option<i64>)> {
            let units = record.part(&PRODUCT, "units").iter();
            units.map(|unit| (unit.first().and_then(Value::int), unit.get(2).and_then(Value::int))).collect()
        };
        if self.entity.name == PRODUCT.name {
            let kept = factors(&self.winner.1);
            if factors(&self.loser.1).iter().any(|unit| !kept.contains(unit)) {
                return refuse!("units_differ", part: "units");
            }
        }
        Ok(())
    }

    /// The two as they are, for an undo.
    fn before(&self, connection: &Connection) -> Result<Vec<MergedRow>> {
        let sql = "SELECT uid, quantity FROM product_batch WHERE product_id = ?1 AND quantity > 0";
        let mut lots = connection.prepare_cached(sql)?;
        let mut row = |(id, record): &(i64, Record)| -> Result<MergedRow> {
            let of = if self.entity.name == PRODUCT.name { *id } else { 0 };
            let boxes = lots.query_map([of], |row| Ok((rows::read_uid(row, 0)?, row.get(1)?)))?;
            Ok(MergedRow {
                uid: record.uid,
                fields: record.wire_fields(self.entity),
                parts: record.wire_parts(self.entity),
                boxes: boxes.collect::<rusqlite::Result<_>>()?,
            })
        };
        Ok(vec![row(&self.winner)?, row(&self.loser)?])
    }

    fn preview(&self, connection: &Connection) -> Result<MergePreview> {
        let mut moves = Vec::new();
        for owner in ENTITIES {
            let mut count = named(connection, owner.table, owner.columns, self.entity, self.loser.0)?;
            for part in owner.parts.iter().filter(|part| part.table != LEDGER) {
                count += named(connection, part.table, part.columns, self.entity, self.loser.0)?;
            }
            if count > 0 {
                moves.push(MergeCount { entity: owner.name.to_owned(), count });
            }
        }
        let side = |(id, record): &(i64, Record)| -> Result<MergeSide> {
            Ok(MergeSide {
                uid: record.uid.to_string(),
                label: names::label(connection, self.entity, record.uid)?,
                created_at: record.created_at,
                archived: record.archived_at.is_some(),
                stock: stock(connection, self.entity, *id)?,
            })
        };
        let (winner, loser) = (side(&self.winner)?, side(&self.loser)?);
        let stock = winner.stock.zip(loser.stock).map(|(one, two)| one.saturating_add(two));
        let problem = self.check().err().map(|error| error.problem());
        Ok(MergePreview { entity: self.entity.name.to_owned(), winner, loser, moves, stock, problem })
    }
}

/// How often rows of a table name one.
fn named(connection: &Connection, table: &str, columns: &[Column], entity: &Entity, id: i64) -> Result<u32> {
    let mut count = 0;
    for column in columns.iter().filter(|column| column.kind == Kind::Ref(entity.name)) {
        let sql = format!("SELECT count(*) FROM \"{table}\" WHERE \"{}\" = ?1", column.sql_name());
        count += connection.query_row(&sql, [id], |row| row.get::<_, u32>(0))?;
    }
    Ok(count)
}

/// Base units of a product or a lot.
fn stock(connection: &Connection, entity: &Entity, id: i64) -> Result<Option<i64>> {
    let of = match entity.name {
        name if name == PRODUCT.name => "product_id",
        name if name == PRODUCT_BATCH.name => "id",
        _ => return Ok(None),
    };
    let sql = format!("SELECT coalesce(sum(quantity), 0) FROM product_batch WHERE {of} = ?1");
    Ok(Some(connection.query_row(&sql, [id], |row| row.get(0))?))
}
