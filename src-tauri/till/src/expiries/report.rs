//! The report of Périmés: a pure function of the lots, the thresholds and the day.

use std::cmp::Reverse;

use officine_protocol::{date::Date, fold::fold};

use super::{shelf::Shelf, thresholds::Thresholds};
use crate::{
    catalogue::{lots::StoredLot, products::Product},
    views::{ExpiriesArgs, ExpiryBand, ExpiryReport, ExpiryRow, ExpirySort, ExpiryTotals},
};

/// Makes the report: at most `limit` rows, costs only where they may be seen.
pub fn report(
    shelf: &Shelf,
    thresholds: &Thresholds,
    today: Date,
    args: &ExpiriesArgs,
    limit: usize,
    costs: bool,
) -> ExpiryReport {
    let mut rows: Vec<_> =
        shelf.lots().filter_map(|(product, lot)| row(product, lot, thresholds, today, costs)).collect();
    let suppliers = suppliers(&rows);
    rows.retain(|row| asked(row, args));
    let bands = bands(&rows, thresholds, costs);
    let total = totals(rows.iter(), costs);
    rows.retain(|row| args.band.is_none_or(|band| row.band == band));
    sort(&mut rows, args.sort);
    let left_off = rows.len().saturating_sub(limit) as u32;
    rows.truncate(limit);
    ExpiryReport { today: today.to_string(), bands, total, suppliers, rows, left_off, cost_shown: costs }
}

fn row(product: &Product, stored: &StoredLot, bands: &Thresholds, today: Date, costs: bool) -> Option<ExpiryRow> {
    let (expiry, quantity) = (stored.lot.expiry?, stored.lot.quantity);
    let days_left = expiry.days_from(today);
    Some(ExpiryRow {
        batch: stored.uid().to_string(),
        product: product.uid.to_string(),
        name: product.name.clone(),
        detail: product.detail(),
        code: product.code.clone(),
        lot_number: stored.number.clone(),
        expiry: expiry.to_string(),
        days_left,
        band: u32::try_from(bands.band(days_left)?).ok()?,
        quantity,
        quantity_text: product.quantity_text(quantity),
        boxes: product.boxes(quantity),
        at_price: product.price_of(quantity),
        at_cost: costs.then(|| stored.cost_of(quantity)).flatten(),
        supplier: stored.supplier.clone(),
        blocked: stored.blocked_reason.clone(),
        recount_open: stored.recount_open,
    })
}

fn asked(row: &ExpiryRow, args: &ExpiriesArgs) -> bool {
    if args.supplier.as_ref().is_some_and(|supplier| *supplier != row.supplier) {
        return false;
    }
    let typed = fold(&args.text);
    if typed.is_empty() {
        return true;
    }
    let text = fold(&[&row.name, &row.detail, &row.code, &row.lot_number, &row.supplier].map(String::as_str).join(" "));
    typed.split(' ').all(|typed| text.split(' ').any(|word| word.starts_with(typed)))
}

fn suppliers(rows: &[ExpiryRow]) -> Vec<String> {
    let mut names: Vec<_> = rows.iter().map(|row| row.supplier.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names.sort_by_cached_key(|name| fold(name));
    names
}

fn bands(rows: &[ExpiryRow], thresholds: &Thresholds, costs: bool) -> Vec<ExpiryBand> {
    let ends = std::iter::once(None).chain(thresholds.days().iter().copied().map(Some));
    let bands = ends.zip(0..).map(|(days, place)| {
        let within = rows.iter().filter(|row| row.band == place);
        ExpiryBand { days, totals: totals(within, costs) }
    });
    bands.collect()
}

fn totals<'a>(rows: impl Iterator<Item = &'a ExpiryRow>, costs: bool) -> ExpiryTotals {
    let none = costs.then_some(0);
    let empty = ExpiryTotals { at_cost: none, uncosted: none.map(|_| 0), ..ExpiryTotals::default() };
    rows.fold(empty, |sum, row| ExpiryTotals {
        lots: sum.lots + 1,
        boxes: sum.boxes.saturating_add(row.boxes),
        at_price: sum.at_price.saturating_add(row.at_price.unwrap_or(0)),
        unpriced: sum.unpriced + u32::from(row.at_price.is_none()),
        at_cost: sum.at_cost.map(|cost| cost.saturating_add(row.at_cost.unwrap_or(0))),
        uncosted: sum.uncosted.map(|lots| lots + u32::from(row.at_cost.is_none())),
    })
}

fn sort(rows: &mut [ExpiryRow], sort: ExpirySort) {
    rows.sort_by_cached_key(|row| {
        let first = match sort {
            ExpirySort::Expiry | ExpirySort::Value => String::new(),
            ExpirySort::Product => fold(&row.name),
            ExpirySort::Supplier => fold(&row.supplier),
        };
        let value = (sort == ExpirySort::Value).then(|| Reverse(row.at_cost.or(row.at_price)));
        (first, value, row.expiry.clone(), fold(&row.name), row.lot_number.clone(), row.batch.clone())
    });
}
