//! Each command: the same calls that the window makes.

use officine_till::{
    Error, Result, Till,
    views::{
        CreateOwnerArgs, EnrolArgs, ImportArgs, ListProductsArgs, ListSalesArgs, ProductHit, SearchArgs, SetPriceArgs,
    },
};
use serde_json::{Value as Json, json};

use super::{
    Arguments, Command, catalogue, conflicts, expiries, money, people, recalls, repair, safety, selling, stock,
    suppliers, sync,
};

/// Runs the command.
pub fn run(till: &Till, arguments: &Arguments) -> Result<Json> {
    match &arguments.command {
        Command::Enrol { hub, code, name } => {
            till.enrol(&EnrolArgs { hub: hub.clone(), code: code.clone(), till: name.clone() })?;
            status(till)
        }
        Command::Demo { seed } => {
            till.load_demo(*seed)?;
            status(till)
        }
        Command::Owner { name } => owner(till, arguments, name),
        Command::Import { file, rate, dry_run } => {
            arguments.sign_in(till)?;
            let args = ImportArgs { path: file.display().to_string(), rate: rate.clone() };
            let report = if *dry_run { till.check_import(&args)? } else { till.run_import(&args)? };
            Ok(serde_json::to_value(report)?)
        }
        Command::Search { text, limit } => {
            till.refresh_search()?;
            Ok(serde_json::to_value(till.search_products(&SearchArgs { text: text.clone(), limit: *limit })?)?)
        }
        Command::Scan { code } => scan(till, arguments, code),
        Command::Sell(wanted) => selling::sell(till, arguments, wanted),
        Command::Price { code, price, unit } => {
            arguments.sign_in(till)?;
            let product = by_code(till, code)?.uid;
            Ok(serde_json::to_value(till.set_price(&SetPriceArgs { product, unit: *unit, price: *price })?)?)
        }
        Command::Stock { code } => stock(till, code.as_deref()),
        Command::Expiries { days, csv } => expiries::run(till, arguments, *days, csv.as_deref()),
        Command::Sales { refused: Some(refused), .. } => selling::refused(till, arguments, refused),
        Command::Sales { limit, refused: None } => {
            let args =
                ListSalesArgs { text: String::new(), states: vec![], flagged: false, after: None, limit: *limit };
            Ok(serde_json::to_value(till.list_sales(&args)?)?)
        }
        Command::Ticket { ticket } => Ok(serde_json::to_value(till.receipt(&money::uid_of(till, ticket)?)?)?),
        Command::Sync { command } => sync::run(till, arguments, command.as_ref()),
        Command::Conflicts { command } => conflicts::run(till, arguments, command),
        Command::Log(wanted) => conflicts::log(till, arguments, wanted),
        Command::Digest => Ok(serde_json::to_value(till.digest(1)?)?),
        Command::Status => status(till),
        Command::Coverage => Ok(serde_json::to_value(till.coverage()?)?),
        Command::Catalogue(command) => catalogue::run(till, arguments, command),
        Command::Suppliers(command) => suppliers::run(till, arguments, command),
        Command::Recalls(command) => recalls::run(till, arguments, command),
        Command::People(command) => people::run(till, arguments, command),
        Command::Money(command) => money::run(till, arguments, command),
        Command::Goods(command) => stock::run(till, arguments, command),
        Command::Safety(command) => safety::run(till, arguments, command),
        Command::Repairs(command) => repair::run(till, arguments, command),
    }
}

fn owner(till: &Till, arguments: &Arguments, name: &str) -> Result<Json> {
    till.create_owner(&CreateOwnerArgs {
        name: name.to_owned(),
        login: arguments.user.clone().unwrap_or_default(),
        pin: arguments.pin.clone().unwrap_or_default(),
    })?;
    Ok(serde_json::to_value(till.people()?)?)
}

/// The only product that a code stands for.
pub fn by_code(till: &Till, code: &str) -> Result<ProductHit> {
    let mut hits = till.find_code(code)?;
    match hits.len() {
        1 => Ok(hits.remove(0)),
        0 => Err(Error::refused("code_unknown", officine_protocol::params! { code: code })),
        _ => Err(Error::refused("code_ambiguous", officine_protocol::params! { code: code })),
    }
}

fn scan(till: &Till, arguments: &Arguments, code: &str) -> Result<Json> {
    arguments.sign_in(till)?;
    let hits = till.find_code(code)?;
    if hits.is_empty() {
        return Err(Error::refused("code_unknown", officine_protocol::params! { code: code }));
    }
    Ok(serde_json::to_value(hits)?)
}

fn stock(till: &Till, code: Option<&str>) -> Result<Json> {
    let hits = match code {
        Some(code) => vec![by_code(till, code)?],
        None => {
            let page = |offset| ListProductsArgs { text: String::new(), standing: None, offset, limit: 200 };
            let mut hits = Vec::new();
            loop {
                let next = till.list_products(&page(hits.len() as u32))?;
                if next.rows.is_empty() {
                    break hits;
                }
                hits.extend(next.rows);
            }
        }
    };
    let mut rows = Vec::new();
    for hit in hits {
        for lot in till.product(&hit.uid)?.lots {
            rows.push(json!({
                "product": hit.uid, "name": hit.name, "code": hit.code, "batch": lot.uid, "lotNumber": lot.lot_number,
                "expiry": lot.expiry, "quantity": lot.quantity, "blocked": lot.blocked,
            }));
        }
    }
    Ok(Json::Array(rows))
}

fn status(till: &Till) -> Result<Json> {
    let start = till.start()?;
    Ok(json!({
        "version": start.version, "enrolled": start.enrolled, "pharmacy": start.pharmacy, "till": start.till,
        "people": start.people.len(), "store": till.check()?.unwrap_or_else(|| "ok".to_owned()),
        "ledgerDifferences": till.ledger_differences()?, "sync": till.sync_state()?,
    }))
}
