//! What a ticket proves by itself: its lines, its sums, its movements. Sums are taken in 128 bits.

use std::collections::HashMap;

use officine_protocol::{
    chain::{self, Printed, PrintedLine, PrintedPayment},
    entities::{PRODUCT_BATCH, SALE},
    record::Record,
};

use super::{WorkingSet, adjustment::Cells, sale::Sent, stock};

/// What does not add up, if anything.
pub(crate) fn mismatch(working: &WorkingSet, sale: &Record) -> Option<&'static str> {
    let items = Cells::of(&SALE, sale, "items");
    let movements = Cells::of(&SALE, sale, "movements");
    let checks: [(&'static str, bool); 7] = [
        ("lines", lines_run(&items)),
        ("amount", items.iter().all(amount_is_count_times_price_less_discount)),
        ("unit", items.iter().all(|item| item.int("quantity") % item.int("unit_count").max(1) == 0)),
        ("total", sum(&items, "amount") - int(sale, "discount") + int(sale, "rounding") == int(sale, "total")),
        ("payments", sum(&Cells::of(&SALE, sale, "payments"), "amount") == int(sale, "total")),
        ("tendered", sale.get(&SALE, "tendered").int() >= sale.get(&SALE, "total").int()),
        ("movements", movements_carry(&items, &movements) && stock::stays_in_bounds(working, &movements)),
    ];
    let failed = checks.iter().find(|(_, holds)| !holds).map(|(what, _)| *what);
    failed.or_else(|| (!lots_are_of_their_product(working, &items, &movements)).then_some("product"))
}

fn int(sale: &Record, name: &str) -> i128 {
    sale.get(&SALE, name).int().unwrap_or(0).into()
}

fn sum(rows: &[Cells<'_>], name: &str) -> i128 {
    rows.iter().map(|row| i128::from(row.int(name))).sum()
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

/// Each line takes from its lots exactly what it sells, and nothing else moves.
fn movements_carry(items: &[Cells<'_>], movements: &[Cells<'_>]) -> bool {
    let mut taken: HashMap<i64, i128> = HashMap::new();
    for movement in movements {
        if movement.int("step") != 0 || movement.int("delta") >= 0 {
            return false;
        }
        *taken.entry(movement.int("line")).or_default() -= i128::from(movement.int("delta"));
    }
    let sold = items.iter().all(|item| taken.remove(&item.int("line")) == Some(i128::from(item.int("quantity"))));
    sold && taken.is_empty()
}

fn lots_are_of_their_product(working: &WorkingSet, items: &[Cells<'_>], movements: &[Cells<'_>]) -> bool {
    let products: HashMap<i64, i64> = items.iter().map(|item| (item.int("line"), item.int("product"))).collect();
    movements.iter().all(|movement| {
        let lot = working.row(PRODUCT_BATCH.name, movement.int("batch"));
        let product = lot.and_then(|lot| lot.get(&PRODUCT_BATCH, "product").int());
        product.is_some() && product == products.get(&movement.int("line")).copied()
    })
}

/// Whether the ticket's link in the chain is the one its printed fields give.
pub(crate) fn chain_holds(sale: &Record, sent: &Sent<'_>) -> bool {
    let bytes = |name| sale.get(&SALE, name).bytes().and_then(|bytes| chain::Hash::try_from(bytes).ok());
    let int = |name| sale.get(&SALE, name).int().unwrap_or(0);
    let named = |name| SALE.column(name).and_then(|place| sent.values.get(place)).and_then(|value| value.uid());
    let user = named("user");
    let (Some(previous), Some(hash), Some(user)) = (bytes("previous_hash"), bytes("hash"), user) else { return false };
    let items = sent.part("items");
    let movements = sent.part("movements");
    let line = |item: &Cells<'_>| {
        let own = movements.iter().filter(|movement| movement.int("line") == item.int("line"));
        (item.int("line"), own.map(|movement| (movement.text("lot_number"), -movement.int("delta"))).collect())
    };
    let mut lots: HashMap<i64, Vec<(&str, i64)>> = items.iter().map(line).collect();
    let printed = |item: &Cells<'_>| item.int("line");
    let mut ordered: Vec<_> = items.iter().collect();
    ordered.sort_by_key(|item| printed(item));
    let ticket = Printed {
        version: int("chain_version"),
        uid: sale.uid,
        series: int("series"),
        number: int("number"),
        occurred_at: int("occurred_at"),
        user,
        total: int("total"),
        tendered: int("tendered"),
        lines: ordered.iter().map(|item| printed_line(item, &mut lots)).collect(),
        kind: "sale",
        takes_back: None,
        customer: named("customer"),
        discount: int("discount"),
        rounding: int("rounding"),
        payments: printed_payments(sent),
    };
    (1..=chain::VERSION).contains(&ticket.version) && chain::link(&previous, &ticket) == hash
}

fn printed_payments<'a>(sent: &Sent<'a>) -> Vec<PrintedPayment<'a>> {
    let mut payments = sent.part("payments");
    payments.sort_by_key(|payment| payment.int("position"));
    let printed = |payment: &Cells<'a>| PrintedPayment {
        means: payment.text("means"),
        amount: payment.int("amount"),
        reference: payment.text("reference"),
    };
    payments.iter().map(printed).collect()
}

fn printed_line<'a>(item: &Cells<'a>, lots: &mut HashMap<i64, Vec<(&'a str, i64)>>) -> PrintedLine<'a> {
    PrintedLine {
        name: item.text("name"),
        unit: item.text("unit_name"),
        count: item.int("unit_count"),
        unit_price: item.int("unit_price"),
        amount: item.int("amount"),
        lots: lots.remove(&item.int("line")).unwrap_or_default(),
        discount: item.int("discount"),
    }
}
