//! Suppliers and what they offer: a group of commands, flattened into the command line.

use clap::Subcommand;
use officine_protocol::{
    entities::{PRODUCT_SUPPLIER, SUPPLIER},
    params,
};
use officine_till::{Error, Result, Till};
use serde_json::Value as Json;

use super::{Arguments, catalogue::product_of, fields::Set};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Suppliers: list, add, edit, archive.
    #[command(subcommand)]
    Supplier(Supplier),
    /// What suppliers ask for a product.
    #[command(subcommand)]
    Offer(Offer),
}

/// Suppliers.
#[derive(Subcommand)]
pub enum Supplier {
    /// Those in whose name these words occur.
    List {
        /// Words.
        #[arg(default_value = "")]
        text: String,
    },
    /// A new one.
    Add {
        /// Its name.
        name: String,
        #[command(flatten)]
        set: Set,
    },
    /// Other fields.
    Edit {
        /// Its name or uid.
        supplier: String,
        #[command(flatten)]
        set: Set,
    },
    /// Archive it.
    Archive {
        /// Its name or uid.
        supplier: String,
    },
}

/// What suppliers ask for a product.
#[derive(Subcommand)]
pub enum Offer {
    /// The offers of a product.
    List {
        /// A code of it, or its uid.
        product: String,
    },
    /// What one supplier asks: `--set reference=AMX500 --set packCost=3900 --set preferred=true`.
    Set {
        /// A code of it, or its uid.
        product: String,
        /// The supplier's name or uid.
        supplier: String,
        #[command(flatten)]
        set: Set,
    },
    /// It offers it no more.
    Remove {
        /// A code of it, or its uid.
        product: String,
        /// The supplier's name or uid.
        supplier: String,
    },
}

/// Does it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        Command::Supplier(command) => supplier(till, command),
        Command::Offer(command) => offer(till, command),
    }
}

fn supplier(till: &Till, command: &Supplier) -> Result<Json> {
    match command {
        Supplier::List { text } => Ok(till.list_suppliers(text, 1_000)?.into()),
        Supplier::Add { name, set } => till.create_supplier(&set.with(&SUPPLIER, &[("name", name)])?),
        Supplier::Edit { supplier, set } => {
            till.edit_supplier(&supplier_of(till, supplier)?, &set.with(&SUPPLIER, &[])?)
        }
        Supplier::Archive { supplier } => till.archive_supplier(&supplier_of(till, supplier)?),
    }
}

fn offer(till: &Till, command: &Offer) -> Result<Json> {
    match command {
        Offer::List { product } => Ok(till.list_offers(&product_of(till, product)?)?.into()),
        Offer::Set { product, supplier, set } => {
            let fields = set.with(&PRODUCT_SUPPLIER, &[])?;
            till.set_offer(&product_of(till, product)?, &supplier_of(till, supplier)?, &fields)
        }
        Offer::Remove { product, supplier } => {
            till.remove_offer(&product_of(till, product)?, &supplier_of(till, supplier)?)
        }
    }
}

/// The supplier somebody means: a uid, or a name that is one supplier's alone.
pub fn supplier_of(till: &Till, text: &str) -> Result<String> {
    if let Ok(uid) = officine_protocol::Uid::try_parse(text) {
        return Ok(uid.to_string());
    }
    let fold = |text: &str| officine_protocol::fold::fold(text);
    let named = till.list_suppliers(text, 1_000)?;
    let exact = named.iter().find(|supplier| fold(supplier["name"].as_str().unwrap_or_default()) == fold(text));
    let found = exact.or_else(|| named.first().filter(|_| named.len() == 1));
    let unknown = || Error::refused("reference_missing", params! { entity: SUPPLIER.name, uid: text });
    Ok(found.ok_or_else(unknown)?["uid"].as_str().unwrap_or_default().to_owned())
}
