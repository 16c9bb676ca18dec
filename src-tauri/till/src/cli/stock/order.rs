//! `order`: what is ordered, and how it stands.

use clap::Subcommand;
use officine_till::{
    Result, Till,
    views::{CreateOrderArgs, EditOrderArgs, ListOrdersArgs, OrderItemArgs},
};
use serde_json::Value as Json;

use super::{
    json,
    lines::{HELP, Line},
};

/// What to do with orders.
#[derive(Subcommand)]
pub enum Command {
    /// Order from a supplier.
    #[command(after_help = HELP)]
    Create {
        /// Name of the supplier.
        #[arg(long)]
        supplier: String,
        /// Day it is awaited.
        #[arg(long)]
        expected: Option<String>,
        /// A word to oneself.
        #[arg(long, default_value = "")]
        note: String,
        /// What is ordered: `CODE,quantity=10boite,free=1,cost=4500`.
        #[arg(required = true)]
        lines: Vec<String>,
    },
    /// Change an order: the lines given are all it has from now on.
    #[command(after_help = HELP)]
    Edit {
        /// Its number.
        order: String,
        /// Day it is awaited.
        #[arg(long)]
        expected: Option<String>,
        /// A word to oneself.
        #[arg(long, default_value = "")]
        note: String,
        /// What is ordered.
        #[arg(required = true)]
        lines: Vec<String>,
    },
    /// Orders, newest first.
    List {
        /// Only those that await something.
        #[arg(long)]
        awaited: bool,
        /// First row.
        #[arg(long, default_value_t = 0)]
        offset: u32,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// An order: ordered, received, free, awaited.
    Show {
        /// Its number.
        order: String,
    },
    /// What to reorder: at the threshold or below it.
    Suggest {
        /// From that supplier only.
        #[arg(long)]
        supplier: Option<String>,
    },
    /// Cancel an order of which nothing came.
    Cancel {
        /// Its number.
        order: String,
    },
    /// Await no more of an order.
    Close {
        /// Its number.
        order: String,
    },
}

/// Does it.
pub fn run(till: &Till, command: &Command) -> Result<Json> {
    match command {
        Command::Create { supplier, expected, note, lines } => json(till.create_order(&CreateOrderArgs {
            supplier: supplier.clone(),
            expected_on: expected.clone(),
            note: note.clone(),
            items: items(till, lines)?,
        })?),
        Command::Edit { order, expected, note, lines } => json(till.edit_order(&EditOrderArgs {
            order: order.clone(),
            expected_on: expected.clone(),
            note: note.clone(),
            items: items(till, lines)?,
        })?),
        Command::List { awaited, offset, limit } => {
            json(till.list_orders(&ListOrdersArgs { awaited: *awaited, offset: *offset, limit: *limit })?)
        }
        Command::Show { order } => json(till.order(order)?),
        Command::Suggest { supplier } => json(till.suggest_order(supplier.as_deref())?),
        Command::Cancel { order } => json(till.cancel_order(order)?),
        Command::Close { order } => json(till.close_order(order)?),
    }
}

fn items(till: &Till, lines: &[String]) -> Result<Vec<OrderItemArgs>> {
    let item = |text: &String| {
        let line = Line::of(till, text, &["quantity", "free", "cost"])?;
        Ok(OrderItemArgs {
            product: line.product(),
            quantity: line.quantity()?,
            free_count: line.number("free")?.unwrap_or(0),
            pack_cost: line.number("cost")?,
        })
    };
    lines.iter().map(item).collect()
}
