//! Périmés on the command line: the report, or its file.

use std::path::Path;

use officine_till::{
    Result, Till,
    views::{ExpiriesArgs, ExpiryReport, ExpiryRow},
};
use serde_json::{Value as Json, json};

use super::Arguments;

/// What expires. Who signs in sees what it had cost, if they may.
pub fn run(till: &Till, arguments: &Arguments, days: Option<u32>, csv: Option<&Path>) -> Result<Json> {
    if arguments.user.is_some() {
        arguments.sign_in(till)?;
    }
    let args = ExpiriesArgs { days, ..ExpiriesArgs::default() };
    if let Some(path) = csv {
        return Ok(serde_json::to_value(till.export_expiries(&args, path)?)?);
    }
    let report = till.expiries(&args)?;
    if arguments.json { Ok(serde_json::to_value(report)?) } else { readable(&report) }
}

/// What a person reads: the sums, then a line per lot.
fn readable(report: &ExpiryReport) -> Result<Json> {
    let name = |days: Option<u32>| days.map_or("expired".to_owned(), |days| format!("≤ {days} days"));
    let bands = report.bands.iter().map(|band| {
        let mut row = serde_json::to_value(&band.totals)?;
        row["band"] = name(band.days).into();
        Ok(row)
    });
    let bands = bands.collect::<Result<Vec<_>>>()?;
    let mut answer = json!({ "today": report.today, "bands": bands });
    if !report.rows.is_empty() {
        answer["lots"] = report.rows.iter().map(line).collect();
    }
    if report.left_off > 0 {
        answer["leftOff"] = report.left_off.into();
    }
    Ok(answer)
}

fn line(row: &ExpiryRow) -> Json {
    json!({
        "expiry": row.expiry, "daysLeft": row.days_left, "name": row.name, "lot": row.lot_number,
        "quantity": row.quantity_text, "atPrice": row.at_price, "atCost": row.at_cost, "supplier": row.supplier,
        "blocked": row.blocked,
    })
}
