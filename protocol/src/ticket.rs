//! What a ticket prints, read from its record: the one way from a row to its link in the chain, for who writes it and
//! for who checks it.

use std::collections::HashMap;

use crate::{
    Uid,
    chain::{self, Hash, Printed, PrintedLine, PrintedPayment},
    record::Record,
    schema::Entity,
    value::Value,
};

/// A row of a part, by column name.
struct Row<'a> {
    names: Vec<&'static str>,
    values: &'a [Value],
}

impl<'a> Row<'a> {
    fn of(entity: &Entity, record: &'a Record, part: &str) -> Vec<Self> {
        let declared = entity.part(part).and_then(|place| entity.parts.get(place));
        let names = || declared.map(|part| part.columns.iter().map(|column| column.name).collect());
        record.part(entity, part).iter().map(|values| Row { names: names().unwrap_or_default(), values }).collect()
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.names.iter().position(|known| *known == name).and_then(|place| self.values.get(place))
    }

    fn int(&self, name: &str) -> i64 {
        self.get(name).and_then(Value::int).unwrap_or(0)
    }

    fn text(&self, name: &str) -> &'a str {
        self.get(name).and_then(Value::text).unwrap_or_default()
    }
}

/// The link that the printed fields of a ticket give; its references are uids. A line shows its own lots (step 0) in the
/// order of the record, in quantities above zero; a line of a ticket that takes another back has no unit price.
pub fn link(entity: &Entity, ticket: &Record) -> Hash {
    let previous = ticket.get(entity, "previous_hash").bytes().and_then(|bytes| Hash::try_from(bytes).ok());
    chain::link(&previous.unwrap_or(chain::GENESIS), &printed(entity, ticket))
}

/// The printed fields of a ticket; its references are uids.
pub fn printed<'a>(entity: &Entity, ticket: &'a Record) -> Printed<'a> {
    let int = |name| ticket.get(entity, name).int().unwrap_or(0);
    let uid = |name| ticket.get(entity, name).uid();
    Printed {
        version: int("chain_version"),
        uid: ticket.uid,
        series: int("series"),
        number: int("number"),
        occurred_at: int("occurred_at"),
        user: uid("user").unwrap_or(Uid::nil()),
        total: int("total"),
        tendered: int("tendered"),
        lines: lines(entity, ticket),
        kind: ["kind", "decision"].iter().find_map(|name| ticket.get(entity, name).text()).unwrap_or("sale"),
        takes_back: uid("sale"),
        customer: uid("customer"),
        discount: int("discount"),
        rounding: int("rounding"),
        payments: payments(entity, ticket),
    }
}

fn lines<'a>(entity: &Entity, ticket: &'a Record) -> Vec<PrintedLine<'a>> {
    let mut lots: HashMap<i64, Vec<(&str, i64)>> = HashMap::new();
    for movement in Row::of(entity, ticket, "movements").iter().filter(|movement| movement.int("step") == 0) {
        let taken = (movement.text("lot_number"), movement.int("delta").saturating_abs());
        lots.entry(movement.int("line")).or_default().push(taken);
    }
    let mut items = Row::of(entity, ticket, "items");
    items.sort_by_key(|item| item.int("line"));
    let line = |item: &Row<'a>| PrintedLine {
        name: item.text("name"),
        unit: item.text("unit_name"),
        count: item.int("unit_count"),
        unit_price: item.int("unit_price"),
        amount: item.int("amount"),
        lots: lots.remove(&item.int("line")).unwrap_or_default(),
        discount: item.int("discount"),
    };
    items.iter().map(line).collect()
}

fn payments<'a>(entity: &Entity, ticket: &'a Record) -> Vec<PrintedPayment<'a>> {
    let mut payments = Row::of(entity, ticket, "payments");
    payments.sort_by_key(|payment| payment.int("position"));
    let printed = |payment: &Row<'a>| PrintedPayment {
        means: payment.text("means"),
        amount: payment.int("amount"),
        reference: payment.text("reference"),
    };
    payments.iter().map(printed).collect()
}
