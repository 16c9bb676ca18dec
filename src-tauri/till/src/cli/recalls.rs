//! Recalls and what was asked for in vain: a group of commands, flattened into the command line.

use clap::Subcommand;
use officine_protocol::entities::REQUESTED_PRODUCT;
use officine_till::{Result, Till, catalogue::recalls::Recalled};
use serde_json::Value as Json;

use super::{Arguments, catalogue::product_of, fields::Set};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Recalls: open, list, tickets, close.
    #[command(subcommand)]
    Recall(Recall),
    /// What customers asked for: add, list, mark.
    #[command(subcommand)]
    Request(Request),
}

/// Recalls.
#[derive(Subcommand)]
pub enum Recall {
    /// Recall every lot of a product with a number, or one lot alone.
    Open {
        /// Why.
        reason: String,
        /// The product: a code of it, or its uid.
        #[arg(long, requires = "number")]
        product: Option<String>,
        /// The lot's number.
        #[arg(long, requires = "product")]
        number: Option<String>,
        /// One lot, by its uid.
        #[arg(long, conflicts_with = "product", required_unless_present = "product")]
        lot: Option<String>,
        /// The authority's reference.
        #[arg(long, default_value = "")]
        reference: String,
    },
    /// All of them, the open ones first.
    List,
    /// The tickets by which it was sold.
    Tickets {
        /// Its uid.
        recall: String,
    },
    /// Close it.
    Close {
        /// Its uid.
        recall: String,
    },
}

/// What customers asked for.
#[derive(Subcommand)]
pub enum Request {
    /// Note one: `--set label=… --set quantity=2 --set contact=622123456`.
    Add {
        /// A product of the catalogue: a code of it, or its uid.
        #[arg(long)]
        product: Option<String>,
        #[command(flatten)]
        set: Set,
    },
    /// The most asked for first.
    List {
        /// `open`, `ordered`, `served` or `dropped`.
        #[arg(default_value = "open")]
        state: String,
    },
    /// What became of one.
    Mark {
        /// Its uid.
        request: String,
        /// `open`, `ordered`, `served` or `dropped`.
        state: String,
    },
}

/// Does it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        Command::Recall(command) => recall(till, command),
        Command::Request(command) => request(till, command),
    }
}

fn recall(till: &Till, command: &Recall) -> Result<Json> {
    match command {
        Recall::Open { reason, product, number, lot, reference } => {
            let product = product.as_deref().map(|product| product_of(till, product)).transpose()?.unwrap_or_default();
            let what = match lot {
                Some(lot) => Recalled::Lot(lot),
                None => Recalled::Number(&product, number.as_deref().unwrap_or_default()),
            };
            till.record_recall(&what, reason, reference)
        }
        Recall::List => Ok(till.list_recalls()?.into()),
        Recall::Tickets { recall } => till.recalled_tickets(recall),
        Recall::Close { recall } => till.close_recall(recall),
    }
}

fn request(till: &Till, command: &Request) -> Result<Json> {
    match command {
        Request::Add { product, set } => {
            let product = product.as_deref().map(|product| product_of(till, product)).transpose()?;
            till.request_product(product.as_deref(), &set.with(&REQUESTED_PRODUCT, &[])?)
        }
        Request::List { state } => Ok(till.list_requests(state)?.into()),
        Request::Mark { request, state } => till.mark_request(request, state),
    }
}
