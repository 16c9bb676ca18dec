//! Money that is owed, and payments from a telephone. Balances, ceilings and references are shared by all tills: they
//! refuse nothing, a document that crosses them is flagged.

use officine_protocol::{
    entities::{CREDIT_PAYMENT, CUSTOMER, SALE, SALE_RETURN, SALE_SETTLEMENT},
    record::Record,
    schema::{Column, pays},
    value::Value,
};

use super::{WorkingSet, cells::Cells, document::Draft, returns::is_void, sale::is_reversed};

/// What is on the customer's account.
pub(crate) const ACCOUNT: &str = "credit";
/// Means whose reference is the operator's, and unique.
const TELEPHONES: [&str; 2] = ["orange_money", "mtn_momo"];

/// Flags a reference borne before and a ceiling passed; the account follows.
pub(crate) fn weigh(working: &mut WorkingSet, draft: &mut Draft<'_>) {
    match draft.body.entity.name {
        name if name == SALE_RETURN.name => unpay(working, &draft.record),
        name if name == SALE_SETTLEMENT.name => {}
        _ if pays_again(working, draft) => draft.flags.push("reference_reused"),
        _ => {}
    }
    account(working, draft);
}

fn pays_again(working: &mut WorkingSet, draft: &Draft<'_>) -> bool {
    let (entity, uid) = (draft.body.entity, draft.body.uid);
    let borne = references(entity, &draft.record).into_iter();
    borne.fold(false, |again, (means, reference)| working.books.pay(means, reference, uid) || again)
}

/// What a cancelled ticket was paid with may pay another. Other returns give money back, and bear nothing.
fn unpay(working: &mut WorkingSet, back: &Record) {
    let sold = back.get(&SALE_RETURN, "sale").int().and_then(|id| working.row(SALE.name, id)).map(|sold| sold.uid);
    let Some(sold) = sold.filter(|_| back.get(&SALE_RETURN, "kind").text() == Some("cancellation")) else { return };
    for (means, reference) in references(&SALE_RETURN, back) {
        working.books.unpay(means, reference, sold);
    }
}

/// The telephone payments of a document: means and reference.
pub(crate) fn references<'a>(
    entity: &'static officine_protocol::schema::Entity,
    record: &'a Record,
) -> Vec<(&'a str, &'a str)> {
    let own = pays(entity.columns).then_some((entity.columns, record.values.as_slice()));
    let parts = entity.parts.iter().zip(&record.parts).filter(|(part, _)| pays(part.columns));
    let rows = parts.flat_map(|(part, rows)| rows.iter().map(|row| (part.columns, row.as_slice())));
    let read = |(columns, row): (&'static [Column], &'a [Value])| {
        let text = |name| {
            let place = columns.iter().position(|column| column.name == name)?;
            row.get(place)?.text()
        };
        text("means").zip(text("reference"))
    };
    let told = own.into_iter().chain(rows).filter_map(read);
    told.filter(|(means, reference)| TELEPHONES.contains(means) && !reference.is_empty()).collect()
}

/// What a ticket puts on its customer's account, or a return takes off it.
pub(crate) fn on_account(entity: &officine_protocol::schema::Entity, record: &Record) -> i64 {
    let payments = Cells::of(entity, record, "payments");
    let credit = payments.iter().filter(|payment| payment.text("means") == ACCOUNT);
    credit.map(|payment| payment.int("amount")).fold(0, i64::saturating_add)
}

fn account(working: &mut WorkingSet, draft: &mut Draft<'_>) {
    let (entity, record) = (draft.body.entity, &draft.record);
    let customer = record.get(entity, "customer").int();
    match (entity.name, customer) {
        (name, Some(customer)) if name == CREDIT_PAYMENT.name => {
            working.books.owe(customer, -record.get(entity, "amount").int().unwrap_or(0));
        }
        (name, Some(customer)) if name == SALE_RETURN.name => {
            let sold = record.get(entity, "sale").int().and_then(|id| working.row(SALE.name, id));
            if !is_void(record) && !sold.is_some_and(is_reversed) {
                working.books.owe(customer, -on_account(entity, record));
            }
        }
        (name, customer) if name == SALE.name && on_account(entity, record) > 0 => {
            let crossed = customer.is_none_or(|customer| crosses(working, customer, on_account(entity, record)));
            draft.flags.extend(crossed.then_some("ceiling_passed"));
        }
        _ => {}
    }
}

/// Puts an amount on a customer's account, and says whether that is more than the customer may owe.
pub(crate) fn crosses(working: &mut WorkingSet, customer: i64, amount: i64) -> bool {
    working.books.owe(customer, amount);
    let row = working.row(CUSTOMER.name, customer);
    let ceiling = row.and_then(|row| row.get(&CUSTOMER, "credit_ceiling").int()).unwrap_or(0);
    working.books.owed(customer) > ceiling
}
