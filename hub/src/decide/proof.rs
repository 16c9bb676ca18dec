//! What a ticket proves by itself: its lines, its sums, its movements, its link. Sums are taken in 128 bits.

use std::collections::HashMap;

use officine_protocol::{
    chain,
    entities::{ENTITIES, PRODUCT_BATCH, SALE, SALE_RETURN, SALE_SETTLEMENT},
    record::Record,
    schema::Entity,
    ticket,
    value::Value,
};

use super::{
    WorkingSet,
    cells::{Cells, sum},
    stock,
};

/// What does not add up on a sale, if anything.
pub(crate) fn sale_mismatch(working: &WorkingSet, sale: &Record) -> Option<&'static str> {
    let int = |name| i128::from(sale.get(&SALE, name).int().unwrap_or(0));
    let [items, movements, payments] = ["items", "movements", "payments"].map(|part| Cells::of(&SALE, sale, part));
    let checks: [(&'static str, bool); 7] = [
        ("lines", lines_run(&items)),
        ("amount", items.iter().all(amount_is_count_times_price_less_discount)),
        ("unit", items.iter().all(|item| item.int("quantity") % item.int("unit_count").max(1) == 0)),
        ("total", sum(&items, "amount") - int("discount") + int("rounding") == int("total")),
        ("payments", sum(&payments, "amount") == int("total")),
        ("tendered", int("tendered") >= int("total")),
        ("movements", movements_carry(&items, &movements, -1) && stock::stays_in_bounds(working, &movements)),
    ];
    let failed = checks.iter().find(|(_, holds)| !holds).map(|(what, _)| *what);
    failed.or_else(|| (!lots_are_of_their_product(working, &items, &movements)).then_some("product"))
}

/// What does not add up on a ticket that takes another back, if anything.
pub(crate) fn return_mismatch(working: &WorkingSet, back: &Record, sold: &Record) -> Option<&'static str> {
    let total = i128::from(back.get(&SALE_RETURN, "total").int().unwrap_or(0));
    let [items, movements, payments] =
        ["items", "movements", "payments"].map(|part| Cells::of(&SALE_RETURN, back, part));
    let sold = Cells::of(&SALE, sold, "items");
    let of_ticket = |item: &Cells<'_>| {
        let same = |line: &&Cells<'_>| line.int("line") == item.int("sale_line");
        sold.iter().find(same).is_some_and(|line| line.int("product") == item.int("product"))
    };
    let checks: [(&'static str, bool); 6] = [
        ("lines", lines_run(&items)),
        ("sale_line", items.iter().all(of_ticket)),
        ("total", sum(&items, "amount") == total),
        ("payments", sum(&payments, "amount") == total),
        ("movements", movements_carry(&items, &movements, 1) && stock::stays_in_bounds(working, &movements)),
        ("product", lots_are_of_their_product(working, &items, &movements)),
    ];
    checks.iter().find(|(_, holds)| !holds).map(|(what, _)| *what)
}

/// What on a decision on a refused ticket keeps it from standing, if anything: what is kept is what was taken, when it was.
pub(crate) fn settlement_mismatch(working: &WorkingSet, decided: &Record, sold: &Record) -> Option<&'static str> {
    let movements = Cells::of(&SALE_SETTLEMENT, decided, "movements");
    let kept = decided.get(&SALE_SETTLEMENT, "decision").text() == Some("kept");
    let taken = if kept { moved(&Cells::own_movements(&SALE, sold)) } else { HashMap::new() };
    let checks: [(&'static str, bool); 2] = [
        ("sold_at", decided.get(&SALE_SETTLEMENT, "sold_at") == sold.get(&SALE, "occurred_at")),
        ("movements", moved(&movements) == taken && stock::stays_in_bounds(working, &movements)),
    ];
    checks.iter().find(|(_, holds)| !holds).map(|(what, _)| *what)
}

/// What of its money a person should look at: only what is cancelled gives money back, and no more than was paid less what
/// was `returned` before. It has left the drawer whatever it is.
pub(crate) fn settlement_money(decided: &Record, sold: &Record, returned: i128) -> Vec<&'static str> {
    let total = i128::from(decided.get(&SALE_SETTLEMENT, "total").int().unwrap_or(0));
    let paid = i128::from(sold.get(&SALE, "total").int().unwrap_or(0));
    let cancelled = decided.get(&SALE_SETTLEMENT, "decision").text() == Some("cancelled");
    let checks: [(&'static str, bool); 3] = [
        ("total", total == 0 || cancelled),
        ("payments", sum(&Cells::of(&SALE_SETTLEMENT, decided, "payments"), "amount") == total),
        ("given_back", total == 0 || total + returned <= paid),
    ];
    checks.iter().filter(|(_, holds)| !holds).map(|(what, _)| *what).collect()
}

/// What a document moves, by step, line and lot.
fn moved(movements: &[Cells<'_>]) -> HashMap<(i64, i64, i64), i128> {
    let mut moved = HashMap::new();
    for movement in movements {
        let place = (movement.int("step"), movement.int("line"), movement.int("batch"));
        *moved.entry(place).or_default() += i128::from(movement.int("delta"));
    }
    moved
}

fn lines_run(items: &[Cells<'_>]) -> bool {
    let mut lines: Vec<i64> = items.iter().map(|item| item.int("line")).collect();
    lines.sort_unstable();
    !lines.is_empty() && lines.iter().zip(1..).all(|(line, place)| *line == place)
}

fn amount_is_count_times_price_less_discount(item: &Cells<'_>) -> bool {
    let full = i128::from(item.int("unit_count")) * i128::from(item.int("unit_price"));
    i128::from(item.int("amount")) == full - i128::from(item.int("discount"))
}

/// Each line moves exactly its quantity, all one way, and nothing else moves. What is destroyed at the counter moves
/// nothing.
fn movements_carry(items: &[Cells<'_>], movements: &[Cells<'_>], way: i128) -> bool {
    let mut moved: HashMap<i64, i128> = HashMap::new();
    for movement in movements {
        let quantity = i128::from(movement.int("delta")) * way;
        if movement.int("step") != 0 || quantity <= 0 {
            return false;
        }
        *moved.entry(movement.int("line")).or_default() += quantity;
    }
    let carried = |item: &Cells<'_>| match (moved.remove(&item.int("line")), item.text("disposition")) {
        (None, "destroyed") => true,
        (moved, _) => moved == Some(i128::from(item.int("quantity"))),
    };
    let mut items = items.iter();
    items.all(carried) && moved.is_empty()
}

fn lots_are_of_their_product(working: &WorkingSet, items: &[Cells<'_>], movements: &[Cells<'_>]) -> bool {
    let products: HashMap<i64, i64> = items.iter().map(|item| (item.int("line"), item.int("product"))).collect();
    movements.iter().all(|movement| {
        let lot = working.row(PRODUCT_BATCH.name, movement.int("batch"));
        let product = lot.and_then(|lot| lot.get(&PRODUCT_BATCH, "product").int());
        product.is_some() && product == products.get(&movement.int("line")).copied()
    })
}

/// Whether the ticket's link in the chain is the one its printed fields give. Its references are uids.
pub(crate) fn chain_holds(entity: &Entity, sent: &Record) -> bool {
    let version = sent.get(entity, "chain_version").int().unwrap_or(0);
    let hash = sent.get(entity, "hash").bytes();
    (1..=chain::VERSION).contains(&version) && hash == Some(ticket::link(entity, sent).as_slice())
}

/// Whether a ticket is the link that its chain has between those of its neighbours which are here. Its references are uids.
pub(crate) fn in_chain(working: &WorkingSet, entity: &Entity, sent: &Record) -> bool {
    let mut sorted = sent.clone();
    if let Some(movements) = sorted.part_mut(entity, "movements") {
        let expiry = |cell: &Value| cell.int().unwrap_or(i64::MAX);
        movements.sort_by_key(|row| (row[0].int(), row[1].int(), expiry(&row[6]), row[5].text().map(str::to_owned)));
    }
    let place = |ticket: &Record, kind: &Entity| (ticket.get(kind, "series").int(), ticket.get(kind, "number").int());
    let (series, number) = place(sent, entity);
    let beside = |kind: &&'static Entity, step: i64| {
        let wanted = (series, number.map(|number| number.saturating_add(step)));
        let name = if step < 0 { "hash" } else { "previous_hash" };
        let found = working.rows(kind.name).find(|(_, ticket)| place(ticket, kind) == wanted);
        found.map(|(_, ticket)| ticket.get(kind, name).clone())
    };
    let fits = |step, own: &str| {
        let mut neighbours = ENTITIES.iter().filter(|kind| kind.numbered()).filter_map(|kind| beside(kind, step));
        neighbours.all(|link| link == *sent.get(entity, own))
    };
    (chain_holds(entity, sent) || chain_holds(entity, &sorted)) && fits(-1, "previous_hash") && fits(1, "hash")
}

/// Whether a ticket is what it says it is: its link is the one its printed fields give, and it names the ticket before it. The
/// first of a series names none, or, where its till replaces another, the last link known of that one's series.
pub(crate) fn is_link(working: &WorkingSet, entity: &Entity, sent: &Record) -> bool {
    let int = |name| sent.get(entity, name).int().unwrap_or(0);
    let (series, number, previous) = (int("series"), int("number"), sent.get(entity, "previous_hash"));
    let follows = match number {
        1 => is_genesis(previous) || working.tickets.values().any(|link| link == previous),
        _ => working.tickets.get(&(series, number - 1)).is_none_or(|link| link.is_null() || link == previous),
    };
    follows && chain_holds(entity, sent)
}

/// What comes before the first ticket of all.
pub(crate) fn is_genesis(link: &Value) -> bool {
    link.bytes().is_none_or(|bytes| bytes == chain::GENESIS)
}

/// A ticket's link, if it is known: one may have been stored as far as it could be read.
pub(crate) fn link_of(entity: &Entity, ticket: &Record) -> Value {
    let unread = entity.name == SALE.name && ticket.get(&SALE, "reason_code").text() == Some("field_invalid");
    if unread { Value::Null } else { ticket.get(entity, "hash").clone() }
}
