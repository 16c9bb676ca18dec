//! What a batch touches: one need per entity, so that one query per entity loads it. Derived from the declaration; what
//! counts, returns and payments ask of the books is told apart.

mod edits;

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::{ENTITIES, PRODUCT, PRODUCT_BATCH, SALE, SALE_RETURN, SALE_SETTLEMENT, STOCKTAKE, USER},
    record::Record,
    schema::{Entity, Kind, Twin},
    value::Value,
};

use super::{Lots, Named, Need, credit, document::moves_at, proof::is_genesis};
use crate::operation::{Body, Content, Prepared, references};

/// What a batch touches.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Idempotency keys.
    pub keys: Vec<Uid>,
    /// Device sequences.
    pub seqs: Vec<i64>,
    /// Rows edited, and the earliest revision that one of the edits was made upon.
    pub edited: BTreeMap<&'static str, BTreeMap<Uid, i64>>,
    /// Entities of which a line of the log may name what their rows refer to.
    pub told: BTreeSet<&'static str>,
    /// Rows of which the open conflicts may be answered.
    pub about: BTreeMap<&'static str, BTreeSet<Uid>>,
    /// How the pharmacy's devices are called.
    pub devices: bool,
    /// By entity.
    pub entities: BTreeMap<&'static str, Need>,
    /// Lots moved by documents: stocktakes that counted them since.
    pub moved: Lots,
    /// Lots counted: what has moved of them since.
    pub counted: Lots,
    /// In which zones they were counted.
    pub zones: BTreeMap<Uid, BTreeSet<String>>,
    /// Customers: what they owe.
    pub owing: Named,
    /// Refused tickets on which something is decided: the lots to which their boxes came back.
    pub settled: Named,
    /// Payment references: who bears them.
    pub references: BTreeSet<String>,
}

/// Gathers what a batch touches.
pub fn needs<'a>(operations: impl IntoIterator<Item = &'a Prepared>) -> Needs {
    let mut needs = Needs::default();
    for operation in operations {
        needs.keys.push(operation.key);
        needs.seqs.push(operation.seq);
        if let Ok(body) = &operation.body {
            Gather { needs: &mut needs, ids: &operation.server_ids }.body(body);
        }
    }
    if needs.moved.since.is_some() {
        needs.entities.entry(STOCKTAKE.name).or_default().parts = true;
    }
    needs
}

struct Gather<'a> {
    needs: &'a mut Needs,
    ids: &'a BTreeMap<Uid, i64>,
}

impl Gather<'_> {
    fn of(&mut self, entity: &'static str) -> &mut Need {
        self.needs.entities.entry(entity).or_default()
    }

    fn name(&mut self, which: impl FnOnce(&mut Needs) -> &mut Named, uid: Uid) {
        let id = self.ids.get(&uid).copied();
        let named = which(self.needs);
        named.uids.insert(uid);
        named.ids.extend(id);
    }

    fn row(&mut self, entity: &'static str, uid: Uid) {
        self.name(|needs| &mut needs.entities.entry(entity).or_default().named, uid);
    }

    fn body(&mut self, body: &Body) {
        self.row(body.entity.name, body.uid);
        self.edited(body);
        self.resolved(body);
        self.of(body.entity.name).parts |= !body.entity.document || !matches!(body.content, Content::Delete);
        body.user.into_iter().for_each(|user| self.row(USER.name, user));
        self.of(body.entity.name).owners |= body.entity.name == USER.name;
        references(body.entity, &body.content).into_iter().for_each(|(target, uid)| self.row(target, uid));
        if let Content::Create(record) = &body.content {
            self.natural(body.entity, record);
            self.through(body.entity, record);
            self.ticket(body.entity, record);
            self.stock(body.entity, record);
            let references = credit::references(body.entity, record).into_iter();
            self.needs.references.extend(references.map(|(_, reference)| reference.to_owned()));
        }
    }

    /// Rows that may be the same thing.
    fn natural(&mut self, entity: &'static Entity, record: &Record) {
        let Some(column) = entity.key_column() else { return };
        if entity.natural.is_none_or(|natural| natural.twin == Twin::Never) {
            return;
        }
        for value in entity.key_values(record) {
            match value {
                Value::Uid(uid) => self.rows_of(entity.name, column.name, *uid),
                Value::Null => {}
                value => _ = self.of(entity.name).keys.insert(value.clone()),
            }
        }
    }

    fn rows_of(&mut self, entity: &'static str, column: &'static str, uid: Uid) {
        self.name(|needs| needs.entities.entry(entity).or_default().of.entry(column).or_default(), uid);
    }

    /// What references are read through others.
    fn through(&mut self, entity: &'static Entity, record: &Record) {
        for column in entity.columns {
            let Some(way) = column.through.and_then(|name| entity.columns.get(entity.column(name)?)) else { continue };
            let (Kind::Ref(via), Kind::Ref(target)) = (way.kind, column.kind) else { continue };
            if let Some(uid) = record.get(entity, way.name).uid() {
                let place = (via, column.name);
                self.name(|needs| needs.entities.entry(target).or_default().through.entry(place).or_default(), uid);
            }
        }
    }

    /// Tickets of all kinds share their numbers, and each names the one before it; a return asks for its ticket and the other
    /// returns of it.
    fn ticket(&mut self, entity: &'static Entity, record: &Record) {
        if entity.numbered() {
            let number = record.get(entity, "number").int();
            let before = number.map(|number| number.saturating_sub(1));
            let link = Some(record.get(entity, "previous_hash")).filter(|link| number == Some(1) && !is_genesis(link));
            for need in ENTITIES.iter().filter(|kind| kind.numbered()).map(|kind| kind.name) {
                self.of(need).numbers.extend(number.into_iter().chain(before));
                self.of(need).links.extend(link.cloned());
            }
        }
        let sold = record.get(entity, "sale").uid().filter(|_| entity.name == SALE_RETURN.name);
        if let Some(sold) = sold {
            self.of(SALE.name).parts = true;
            self.rows_of(SALE_RETURN.name, "sale", sold);
        }
        self.refused(entity, record);
        let settles = entity.name == SALE_SETTLEMENT.name;
        let owes = settles || credit::on_account(entity, record) != 0;
        let customer = record.get(entity, "customer").uid().filter(|_| owes);
        customer.into_iter().for_each(|customer| self.name(|needs| &mut needs.owing, customer));
    }

    /// A decision asks for its ticket, the other decisions on it, and what came back of it, to which lots.
    fn refused(&mut self, entity: &'static Entity, record: &Record) {
        let settled = record.get(entity, "sale").uid().filter(|_| entity.name == SALE_SETTLEMENT.name);
        let Some(settled) = settled else { return };
        for name in [SALE.name, SALE_RETURN.name, SALE_SETTLEMENT.name] {
            self.of(name).parts = true;
        }
        self.rows_of(SALE_RETURN.name, "sale", settled);
        self.rows_of(SALE_SETTLEMENT.name, "sale", settled);
        self.of(PRODUCT_BATCH.name);
        self.name(|needs| &mut needs.settled, settled);
    }

    /// Lots: all of a product for a sale, which may draw on others; with what was counted of them, or moved.
    fn stock(&mut self, entity: &'static Entity, record: &Record) {
        let named = record.references(entity);
        let (lots, products): (Vec<_>, Vec<_>) = named.partition(|(target, _)| *target == PRODUCT_BATCH.name);
        for (_, product) in products.iter().filter(|(target, _)| entity.name == SALE.name && *target == PRODUCT.name) {
            self.rows_of(PRODUCT_BATCH.name, "product", *product);
        }
        if entity.movements().is_none() {
            return;
        }
        let counting = entity.name == STOCKTAKE.name;
        let at = if counting { earliest_count(record) } else { moves_at(entity, record) };
        let which: fn(&mut Needs) -> &mut Lots =
            if counting { |needs| &mut needs.counted } else { |needs| &mut needs.moved };
        let known = which(self.needs).since.unwrap_or(at);
        which(self.needs).since = Some(known.min(at));
        lots.into_iter().for_each(|(_, lot)| self.name(|needs| &mut which(needs).lots, lot));
        for count in super::cells::Cells::of(&STOCKTAKE, record, "counts").iter().filter(|_| counting) {
            let zones = count.uid("batch").map(|lot| self.needs.zones.entry(lot).or_default());
            zones.into_iter().for_each(|zones| _ = zones.insert(count.text("zone").to_owned()));
        }
    }
}

/// When the first lot of a stocktake was counted.
fn earliest_count(record: &Record) -> i64 {
    let counts = super::cells::Cells::of(&STOCKTAKE, record, "counts");
    let told = counts.iter().map(|count| count.int("counted_at"));
    told.fold(moves_at(&STOCKTAKE, record), i64::min)
}
