//! Orders, receipts, counts, adjustments, supplier returns: a group of commands, flattened into the command line.

mod lines;
mod order;
mod stocktake;

use clap::{Args, Subcommand};
use officine_till::{
    Result, Till,
    views::{
        ConvertStockArgs, CorrectStockArgs, DestroyStockArgs, JournalArgs, LotQuantityArgs, NameLotsArgs,
        NamedPartArgs, OpenStockArgs, ReceiveArgs, ReceiveLineArgs, ReleaseStockArgs, SupplierReturnArgs,
    },
};
use serde::Serialize;
use serde_json::Value as Json;

use super::Arguments;
use lines::{HELP, Line};

/// Why, and whether the book may go below zero for it.
#[derive(Args)]
pub struct Why {
    /// Why: three letters at least.
    #[arg(long, default_value = "")]
    reason: String,
    /// Even where a lot goes below zero.
    #[arg(long)]
    below_zero: bool,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Orders to suppliers.
    Order {
        #[command(subcommand)]
        command: order::Command,
    },
    /// Take a delivery, of an order or without one.
    #[command(after_help = HELP)]
    Receive {
        /// Number of the order it answers.
        #[arg(long)]
        order: Option<String>,
        /// Name of the supplier, without an order.
        #[arg(long)]
        supplier: Option<String>,
        /// Delivery note.
        #[arg(long, default_value = "")]
        reference: String,
        /// What came: `CODE,quantity=3boite,free=1,cost=4500,lot=DL4417@2028-03-31,price=6000`.
        #[arg(required = true)]
        lines: Vec<String>,
    },
    /// Name the lots of boxes received without: they leave the nameless lot.
    #[command(after_help = HELP)]
    NameLots {
        /// The product's code.
        code: String,
        /// What its boxes say: `lot=DL4417@2028-03-31,quantity=3boite`.
        #[arg(required = true)]
        parts: Vec<String>,
    },
    /// Count lots while the shop sells on.
    Stocktake {
        #[command(subcommand)]
        command: stocktake::Command,
    },
    /// Lots that are to be counted again.
    Recounts,
    /// Correct what the book says of a lot: `CODE,lot=DL4417,quantity=-2`.
    #[command(after_help = HELP)]
    Adjust {
        /// The lot, and how much more or less there is.
        line: String,
        #[command(flatten)]
        why: Why,
    },
    /// Destroy boxes: `CODE,lot=DL4417` for all of a lot.
    #[command(after_help = HELP)]
    Destroy {
        /// The lots, each with how much of it.
        #[arg(required = true)]
        lines: Vec<String>,
        #[command(flatten)]
        why: Why,
    },
    /// Release boxes from quarantine: `CODE,lot=q:DL4417`.
    #[command(after_help = HELP)]
    Release {
        /// The lot, and how much of it.
        line: String,
        #[command(flatten)]
        why: Why,
    },
    /// Turn packs of a product into another product: `CODE,lot=DL4417,quantity=1boite --to CODE,quantity=10`.
    #[command(after_help = HELP)]
    Convert {
        /// The lot, and how much of it.
        line: String,
        /// What they become.
        #[arg(long)]
        to: String,
        #[command(flatten)]
        why: Why,
    },
    /// Put a lot on the book that was there before: `CODE,lot=DL4417@2028-03-31,quantity=3boite,cost=4500`.
    #[command(after_help = HELP)]
    OpenStock {
        /// The lot, how much there is and what a pack had cost.
        line: String,
        #[command(flatten)]
        why: Why,
    },
    /// Send goods back to a supplier.
    #[command(after_help = HELP)]
    SupplierReturn {
        /// Name of the supplier.
        #[arg(long)]
        supplier: String,
        /// Their number for it.
        #[arg(long, default_value = "")]
        reference: String,
        /// Francs they are to give back.
        #[arg(long)]
        credit: Option<i64>,
        /// The lots, each with how much of it.
        #[arg(required = true)]
        lines: Vec<String>,
        #[command(flatten)]
        why: Why,
    },
    /// What went back to suppliers, newest first.
    SupplierReturns {
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Movements of a product or a lot, newest first.
    Journal {
        /// The product's code.
        code: String,
        /// Only this lot.
        #[arg(long)]
        lot: Option<String>,
        /// First row.
        #[arg(long, default_value_t = 0)]
        offset: u32,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}

/// Does it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        Command::Order { command } => order::run(till, command),
        Command::Stocktake { command } => stocktake::run(till, command),
        Command::Receive { order, supplier, reference, lines } => {
            let lines = lines.iter().map(|line| received(till, line)).collect::<Result<_>>()?;
            let (order, supplier, reference) = (order.clone(), supplier.clone(), reference.clone());
            json(till.receive(&ReceiveArgs { order, supplier, reference, lines })?)
        }
        Command::NameLots { code, parts } => {
            let batch = Line::of(till, code, &[])?.known_lot(Some("-"))?;
            let part = |part: &String| {
                let line = Line::of(till, &format!("{code},{part}"), &["lot", "quantity"])?;
                Ok(NamedPartArgs { lot: line.lot_name()?, quantity: line.quantity()? })
            };
            json(till.name_lots(&NameLotsArgs { batch, parts: parts.iter().map(part).collect::<Result<_>>()? })?)
        }
        Command::Journal { code, lot, offset, limit } => {
            let line = Line::of(till, code, &[])?;
            let batch = lot.as_deref().map(|lot| line.known_lot(Some(lot))).transpose()?;
            json(till.journal(&JournalArgs { product: line.product(), batch, offset: *offset, limit: *limit })?)
        }
        Command::Recounts => json(till.recounts()?),
        Command::SupplierReturns { limit } => json(till.list_supplier_returns(*limit)?),
        moving => moved(till, moving),
    }
}

fn moved(till: &Till, command: &Command) -> Result<Json> {
    match command {
        Command::Adjust { line, why } => {
            let line = Line::of(till, line, &["lot", "quantity"])?;
            let (batch, delta) = (line.known_lot(line.get("lot"))?, line.quantity()?);
            let (reason, below_zero) = (why.reason.clone(), why.below_zero);
            json(till.correct_stock(&CorrectStockArgs { batch, delta, reason, below_zero })?)
        }
        Command::Destroy { lines, why } => {
            let (reason, below_zero) = (why.reason.clone(), why.below_zero);
            json(till.destroy_stock(&DestroyStockArgs { lines: taken(till, lines)?, reason, below_zero })?)
        }
        Command::Release { line, why } => {
            let args = ReleaseStockArgs { lot: part(till, line)?, reason: why.reason.clone() };
            json(till.release_stock(&args)?)
        }
        Command::Convert { line, to, why } => {
            let to = Line::of(till, to, &["quantity"])?;
            let (product, quantity) = (to.product(), to.quantity()?);
            let (from, reason) = (part(till, line)?, why.reason.clone());
            json(till.convert_stock(&ConvertStockArgs { from, product, quantity, reason })?)
        }
        Command::OpenStock { line, why } => {
            let line = Line::of(till, line, &["lot", "quantity", "cost", "supplier"])?;
            json(till.open_stock(&OpenStockArgs {
                product: line.product(),
                lot: line.lot_name()?,
                quantity: line.quantity()?,
                pack_cost: line.number("cost")?,
                supplier: line.get("supplier").map(str::to_owned),
                reason: why.reason.clone(),
            })?)
        }
        Command::SupplierReturn { supplier, reference, credit, lines, why } => {
            json(till.return_to_supplier(&SupplierReturnArgs {
                supplier: supplier.clone(),
                reason: why.reason.clone(),
                reference: reference.clone(),
                credit: *credit,
                lines: taken(till, lines)?,
                below_zero: why.below_zero,
            })?)
        }
        _ => Ok(Json::Null),
    }
}

fn received(till: &Till, text: &str) -> Result<ReceiveLineArgs> {
    let line = Line::of(till, text, &["quantity", "free", "cost", "lot", "price"])?;
    Ok(ReceiveLineArgs {
        product: line.product(),
        quantity: line.quantity()?,
        free_count: line.number("free")?.unwrap_or(0),
        pack_cost: line.number("cost")?,
        lot: line.lot_name()?,
        scan: if line.get("lot").is_some() { String::new() } else { line.code.clone() },
        price: line.number("price")?,
    })
}

fn part(till: &Till, text: &str) -> Result<LotQuantityArgs> {
    let line = Line::of(till, text, &["lot", "quantity"])?;
    let quantity = line.get("quantity").map(|_| line.quantity()).transpose()?;
    Ok(LotQuantityArgs { batch: line.known_lot(line.get("lot"))?, quantity })
}

fn taken(till: &Till, lines: &[String]) -> Result<Vec<LotQuantityArgs>> {
    lines.iter().map(|line| part(till, line)).collect()
}

fn json(answer: impl Serialize) -> Result<Json> {
    Ok(serde_json::to_value(answer)?)
}
