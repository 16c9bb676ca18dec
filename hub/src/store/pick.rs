//! Which rows of an entity a batch touches: one statement, made of the declaration and of what was gathered.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::{self, CONFLICT, ENTITIES, PRODUCT_BATCH, SALE, SALE_RETURN, STOCKTAKE},
    natural::Place,
    roles::Role,
    schema::{Column, Entity, Kind, LEDGER},
    sql::Dialect,
    value::Value,
};

use super::{
    session::{Affinity, Param, Query},
    text,
};
use crate::decide::{Device, Lots, Named, Need, Needs};

/// Collects the conditions of one query, and its parameters. The first parameter is the pharmacy.
pub(crate) struct Picker {
    dialect: Dialect,
    pub params: Vec<Param>,
    picks: Vec<String>,
}

impl Picker {
    pub(crate) fn new(dialect: Dialect, pharmacy: i64) -> Self {
        Self { dialect, params: vec![pharmacy.into()], picks: Vec::new() }
    }

    /// A parameter.
    pub(crate) fn one(&mut self, value: i64) -> String {
        self.params.push(value.into());
        self.dialect.parameter(self.params.len())
    }

    /// The condition that a column is one of a list.
    pub(crate) fn list(&mut self, column: &str, param: Param) -> String {
        let storage = match param {
            Param::Texts(_) => Affinity::Text,
            Param::Blobs(_) => Affinity::Blob,
            _ => Affinity::Int,
        };
        self.params.push(param);
        text::any(self.dialect, column, self.params.len(), storage)
    }

    fn pick(&mut self, select: &str, condition: &str) {
        let pharmacy = self.dialect.parameter(1);
        self.picks.push(format!("SELECT {select} WHERE pharmacy_id = {pharmacy} AND {condition}"));
    }

    /// The server ids that some picks find.
    fn ids(&mut self, picks: impl FnOnce(&mut Self)) -> String {
        let outer = std::mem::take(&mut self.picks);
        picks(self);
        std::mem::replace(&mut self.picks, outer).join(" UNION ")
    }

    /// The server ids of rows by uid, own or alias, and by server id.
    pub(crate) fn named(&mut self, entity: &Entity, named: &Named) -> String {
        self.ids(|picker| picker.identities(entity, named))
    }

    fn identities(&mut self, entity: &Entity, named: &Named) {
        let from = format!("id FROM \"{}\"", entity.table);
        let own = self.list("uid", Param::uids(&named.uids));
        self.pick(&from, &own);
        let alias = self.list("alias", Param::uids(&named.uids));
        self.pick("id FROM uid_map", &format!("entity = '{}' AND {alias}", entity.name));
        if !named.ids.is_empty() {
            let by_id = self.list("id", Param::Ints(named.ids.iter().copied().collect()));
            self.pick(&from, &by_id);
        }
    }

    /// Rows by the first column of their natural key.
    fn keys(&mut self, entity: &Entity, keys: &BTreeSet<Value>) {
        let (Some(place), Some(column), false) = (entity.key_places().next(), entity.key_column(), keys.is_empty())
        else {
            return;
        };
        let select = match place {
            Place::Own(_) => format!("id FROM \"{}\"", entity.table),
            Place::Listed { part, .. } => {
                entity.parts.get(part).map(|part| format!("{} FROM \"{}\"", part.owner, part.table)).unwrap_or_default()
            }
        };
        let condition = self.list(&format!("\"{}\"", column.sql_name()), listed(column, keys));
        self.pick(&select, &condition);
    }

    /// Rows by what their references name, whatever that turns out to be.
    fn references(&mut self, entity: &Entity, need: &Need, needs: &Needs) {
        for (name, named) in &need.of {
            let Some(column) = entity.columns.iter().find(|column| column.name == *name) else { continue };
            let Some(target) = target_of(column) else { continue };
            let ids = self.ids(|picker| {
                picker.identities(target, named);
                let twins = needs.entities.get(target.name).map(|need| &need.keys);
                twins.into_iter().for_each(|keys| picker.keys(target, keys));
            });
            self.pick(&format!("id FROM \"{}\"", entity.table), &format!("\"{}\" IN ({ids})", column.sql_name()));
        }
        for ((via, name), named) in &need.through {
            let Some(via) = entities::entity(via) else { continue };
            let Some(column) = via.columns.iter().find(|column| column.name == *name) else { continue };
            let (ids, column) = (self.named(via, named), column.sql_name());
            let select = format!("\"{column}\" FROM \"{}\"", via.table);
            self.pick(&select, &format!("\"{column}\" IS NOT NULL AND id IN ({ids})"));
        }
    }

    fn tickets(&mut self, entity: &Entity, devices: &[Device], need: &Need) {
        if !need.numbers.is_empty() {
            let series = self.list("series", Param::Ints(devices.iter().map(|device| device.series).collect()));
            let numbers = self.list("number", Param::Ints(need.numbers.iter().copied().collect()));
            self.pick(&format!("id FROM \"{}\"", entity.table), &format!("{series} AND {numbers}"));
        }
    }

    /// Tickets that are these links of a chain.
    fn links(&mut self, entity: &Entity, need: &Need) {
        if !need.links.is_empty() {
            let links = need.links.iter().filter_map(|link| link.bytes().map(<[u8]>::to_vec)).collect();
            let links = self.list("hash", Param::Blobs(links));
            self.pick(&format!("id FROM \"{}\"", entity.table), &links);
        }
    }

    /// Open conflicts about these rows, by whichever of their uids.
    fn about(&mut self, rows: &BTreeMap<&'static str, BTreeSet<Uid>>) {
        for (name, uids) in rows {
            let Some(entity) = entities::entity(name) else { continue };
            let named = Named { uids: uids.clone(), ..Named::default() };
            let (ids, pharmacy) = (self.named(entity, &named), self.dialect.parameter(1));
            let [uid, alias] = ["uid", "alias"].map(|column| text::uid_text(self.dialect, column));
            let rows = format!(
                "SELECT {uid} FROM \"{}\" WHERE pharmacy_id = {pharmacy} AND id IN ({ids}) UNION ALL SELECT {alias} FROM \
                 uid_map WHERE pharmacy_id = {pharmacy} AND entity = '{name}' AND id IN ({ids})",
                entity.table
            );
            self.pick(
                "id FROM conflict",
                &format!("entity = '{name}' AND resolved_at IS NULL AND \"row\" IN ({rows})"),
            );
        }
    }

    /// Lots to which boxes of these tickets came back.
    fn come_back(&mut self, settled: &Named) {
        let Some(kind) = SALE_RETURN.movements().and_then(|part| part.kind).filter(|_| !settled.uids.is_empty()) else {
            return;
        };
        let (sales, pharmacy) = (self.named(&SALE, settled), self.dialect.parameter(1));
        let returns = format!("SELECT id FROM sale_return WHERE pharmacy_id = {pharmacy} AND sale_id IN ({sales})");
        let condition = format!("document_kind = {} AND document_id IN ({returns})", kind.1);
        self.pick(&format!("batch_id FROM {LEDGER}"), &condition);
    }

    /// Stocktakes that counted lots at an instant or since, those included to which boxes of settled tickets came back.
    fn counts(&mut self, moved: &Lots, settled: &Named) {
        let Some(since) = moved.since else { return };
        let lots = self.ids(|picker| {
            picker.identities(&PRODUCT_BATCH, &moved.lots);
            picker.come_back(settled);
        });
        let (pharmacy, since) = (self.dialect.parameter(1), self.one(since));
        let apart = text::clocks_apart(&pharmacy);
        let recent =
            format!("SELECT id FROM stocktake WHERE pharmacy_id = {pharmacy} AND occurred_at >= {since} - ({apart})");
        self.pick("stocktake_id FROM stocktake_count", &format!("stocktake_id IN ({recent}) AND batch_id IN ({lots})"));
    }
}

fn target_of(column: &Column) -> Option<&'static Entity> {
    match column.kind {
        Kind::Ref(target) => entities::entity(target),
        _ => None,
    }
}

fn listed(column: &Column, values: &BTreeSet<Value>) -> Param {
    match text::storage(column) {
        Affinity::Text => Param::Texts(values.iter().filter_map(|value| value.text().map(str::to_owned)).collect()),
        Affinity::Int => Param::Ints(values.iter().filter_map(Value::int).collect()),
        Affinity::Blob => Param::Blobs(values.iter().filter_map(|value| value.bytes().map(<[u8]>::to_vec)).collect()),
    }
}

/// What reads the rows of one entity that a batch of these devices touches.
pub(crate) fn rows(
    dialect: Dialect,
    pharmacy: i64,
    devices: &[Device],
    (entity, need): (&'static Entity, &Need),
    needs: &Needs,
) -> Query {
    let mut picker = Picker::new(dialect, pharmacy);
    picker.identities(entity, &need.named);
    picker.keys(entity, &need.keys);
    picker.references(entity, need, needs);
    picker.tickets(entity, devices, need);
    picker.links(entity, need);
    if entity.name == CONFLICT.name {
        picker.about(&needs.about);
    }
    if entity.name == STOCKTAKE.name {
        picker.counts(&needs.moved, &needs.settled);
    }
    if entity.name == PRODUCT_BATCH.name {
        picker.come_back(&needs.settled);
    }
    if need.owners {
        let owner = Role::Owner.name();
        picker.pick(&format!("id FROM \"{}\"", entity.table), &format!("role = '{owner}' AND archived_at IS NULL"));
    }
    let sql = format!(
        "SELECT {} FROM \"{}\" t WHERE t.pharmacy_id = {} AND t.id IN ({})",
        text::stored(entity),
        entity.table,
        picker.dialect.parameter(1),
        picker.picks.join(" UNION ")
    );
    Query { sql, params: picker.params }
}

/// The documents that move stock and count nothing: what they move happened when they did.
pub(crate) fn moving() -> impl Iterator<Item = (&'static Entity, i64)> {
    let moving = ENTITIES.iter().filter(|entity| entity.name != STOCKTAKE.name);
    moving.filter_map(|entity| Some((*entity, entity.movements()?.kind?.1)))
}
