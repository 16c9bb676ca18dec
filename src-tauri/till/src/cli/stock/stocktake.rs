//! `stocktake`: counts, zone by zone.

use clap::Subcommand;
use officine_till::{
    Result, Till,
    stocktaking::Others,
    views::{CountArgs, StartStocktakeArgs},
};
use serde_json::Value as Json;

use super::{
    json,
    lines::{HELP, Line},
};

/// What to do with a stocktake.
#[derive(Subcommand)]
pub enum Command {
    /// Begin one.
    Start {
        /// A word on it.
        #[arg(long, default_value = "")]
        note: String,
        /// Codes of the products to be counted; all of them where none is given.
        codes: Vec<String>,
    },
    /// Write down what was counted in a zone: `CODE,lot=DL4417@2028-03-31,quantity=12`.
    #[command(after_help = HELP)]
    Count {
        /// Where: one of the zones of the settings.
        #[arg(long, default_value = "shelf")]
        zone: String,
        /// On top of what was counted there before.
        #[arg(long)]
        add: bool,
        /// What was counted.
        #[arg(required = true)]
        lines: Vec<String>,
    },
    /// Counts, differences so far, lots nobody has counted.
    Show,
    /// Close it: every lot counted holds what was counted and what has happened since.
    Close {
        /// Zones that held a lot when they were last counted, and were not counted now, hold none of it any more.
        #[arg(long)]
        others_empty: bool,
        /// Those zones hold what their last count says: somebody else counts them.
        #[arg(long, conflicts_with = "others_empty")]
        others_kept: bool,
    },
    /// Throw the counts away.
    Cancel,
}

/// Does it.
pub fn run(till: &Till, command: &Command) -> Result<Json> {
    match command {
        Command::Start { note, codes } => {
            let product = |code: &String| Ok(Line::of(till, code, &[])?.product());
            let products = codes.iter().map(product).collect::<Result<_>>()?;
            json(till.start_stocktake(&StartStocktakeArgs { products, note: note.clone() })?)
        }
        Command::Count { zone, add, lines } => {
            let counts = lines.iter().map(|line| count(till, line, zone, *add)).collect::<Result<Vec<_>>>()?;
            for count in &counts {
                till.count_lot(count)?;
            }
            json(till.stocktake()?)
        }
        Command::Show => json(till.stocktake()?),
        Command::Close { others_kept: true, .. } => json(till.close_stocktake(Others::Kept)?),
        Command::Close { others_empty, .. } => json(till.close_stocktake(*others_empty)?),
        Command::Cancel => {
            till.cancel_stocktake()?;
            Ok(Json::Null)
        }
    }
}

/// A lot that the book has is named as everywhere; another name is that of a box that was found.
fn count(till: &Till, text: &str, zone: &str, add: bool) -> Result<CountArgs> {
    let line = Line::of(till, text, &["lot", "quantity"])?;
    let named = line.get("lot");
    let batch = match named.map(|lot| line.known_lot(Some(lot))) {
        Some(Err(error)) if error.code() != "lot_unknown" => return Err(error),
        known => known.and_then(Result::ok),
    };
    Ok(CountArgs {
        product: line.product(),
        batch,
        lot: line.lot_name()?,
        scan: if named.is_some() { String::new() } else { line.code.clone() },
        zone: zone.to_owned(),
        quantity: line.quantity()?,
        add,
    })
}
