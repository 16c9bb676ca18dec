//! Products and lots: a group of commands, flattened into the command line. Whatever is edited is named by
//! its uid, or as people name it: a product by a code.

use clap::Subcommand;
use officine_protocol::{
    entities::{PRODUCT, PRODUCT_BATCH},
    params,
};
use officine_till::{Error, Result, Till, catalogue::product_acts::NewUnit};
use serde_json::Value as Json;

use super::{Arguments, commands::by_code, fields::Set};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Products: add, edit, archive, their units, their codes.
    #[command(subcommand)]
    Product(Product),
    /// Lots: add, edit, block, unblock, archive.
    #[command(subcommand)]
    Lot(Lot),
}

/// Products.
#[derive(Subcommand)]
pub enum Product {
    /// A new one.
    Add {
        /// Its name.
        name: String,
        /// A unit, the default first: `boîte:16:4500`, its base units and its price.
        #[arg(long = "unit", value_name = "NAME[:FACTOR[:PRICE]]")]
        units: Vec<String>,
        /// A code.
        #[arg(long = "code")]
        codes: Vec<String>,
        #[command(flatten)]
        set: Set,
    },
    /// Other fields.
    Edit {
        /// A code of it, or its uid.
        product: String,
        #[command(flatten)]
        set: Set,
    },
    /// Archive it.
    Archive {
        /// A code of it, or its uid.
        product: String,
    },
    /// One more unit.
    AddUnit {
        /// A code of it, or its uid.
        product: String,
        /// `plaquette:4:1200`.
        unit: String,
    },
    /// Another name or factor for a unit.
    EditUnit {
        /// A code of it, or its uid.
        product: String,
        /// Position of the unit.
        position: u32,
        /// Name.
        #[arg(long)]
        name: Option<String>,
        /// Base units in one.
        #[arg(long)]
        factor: Option<i64>,
    },
    /// One more code.
    AddCode {
        /// A code of it, or its uid.
        product: String,
        /// The new code; one is minted where none is given.
        code: Option<String>,
        /// Position of the unit it stands for.
        #[arg(long)]
        unit: Option<u32>,
    },
    /// It is no longer found by that code.
    RemoveCode {
        /// A code of it, or its uid.
        product: String,
        /// The code.
        code: String,
    },
    /// A code goes to another product.
    MoveCode {
        /// The code.
        code: String,
        /// A code of the other product, or its uid.
        to: String,
    },
}

/// Lots, by uid (`stock` lists them).
#[derive(Subcommand)]
pub enum Lot {
    /// A lot with nothing in it: `--set expiry=2028-03-31`.
    Add {
        /// A code of the product, or its uid.
        product: String,
        /// Its number.
        number: String,
        #[command(flatten)]
        set: Set,
    },
    /// Number, expiry, supplier or cost.
    Edit {
        /// Its uid.
        lot: String,
        #[command(flatten)]
        set: Set,
    },
    /// Take it off sale.
    Block {
        /// Its uid.
        lot: String,
        /// Why.
        reason: String,
    },
    /// Put it back on sale.
    Unblock {
        /// Its uid.
        lot: String,
    },
    /// Archive it, once empty.
    Archive {
        /// Its uid.
        lot: String,
    },
}

/// Does it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        Command::Product(command) => product(till, command),
        Command::Lot(command) => lot(till, command),
    }
}

fn product(till: &Till, command: &Product) -> Result<Json> {
    match command {
        Product::Add { name, units, codes, set } => {
            let units = units.iter().map(|text| unit(text)).collect::<Result<Vec<_>>>()?;
            till.create_product(&set.with(&PRODUCT, &[("name", name)])?, &units, codes)
        }
        Product::Edit { product, set } => till.edit_product(&product_of(till, product)?, &set.with(&PRODUCT, &[])?),
        Product::Archive { product } => till.archive_product(&product_of(till, product)?),
        Product::AddUnit { product, unit: text } => till.add_unit(&product_of(till, product)?, &unit(text)?),
        Product::EditUnit { product, position, name, factor } => {
            till.edit_unit(&product_of(till, product)?, *position, name.as_deref(), *factor)
        }
        Product::AddCode { product, code, unit } => add_code(till, product_of(till, product)?, code.clone(), *unit),
        Product::RemoveCode { product, code } => till.remove_code(&product_of(till, product)?, code),
        Product::MoveCode { code, to } => till.move_code(&product_of(till, code)?, &product_of(till, to)?, code),
    }
}

fn add_code(till: &Till, product: String, code: Option<String>, unit: Option<u32>) -> Result<Json> {
    match code {
        None => till.mint_code(&product, unit),
        Some(code) => {
            let args = officine_till::views::AttachCodeArgs { product, code, unit };
            Ok(serde_json::to_value(till.attach_code(&args)?)?)
        }
    }
}

fn lot(till: &Till, command: &Lot) -> Result<Json> {
    match command {
        Lot::Add { product, number, set } => {
            let fields = set.with(&PRODUCT_BATCH, &[("lotNumber", number)])?;
            till.create_lot(&product_of(till, product)?, &fields)
        }
        Lot::Edit { lot, set } => till.edit_lot(lot, &set.with(&PRODUCT_BATCH, &[])?),
        Lot::Block { lot, reason } => till.block_lot(lot, reason),
        Lot::Unblock { lot } => till.unblock_lot(lot),
        Lot::Archive { lot } => till.archive_lot(lot),
    }
}

/// The product somebody means: a uid, or a code.
pub fn product_of(till: &Till, text: &str) -> Result<String> {
    match officine_protocol::Uid::try_parse(text) {
        Ok(uid) => Ok(uid.to_string()),
        Err(_) => Ok(by_code(till, text)?.uid),
    }
}

fn unit(text: &str) -> Result<NewUnit> {
    let mut parts = text.splitn(3, ':');
    let name = parts.next().unwrap_or_default().to_owned();
    let mut number = || parts.next().map(str::parse::<i64>).transpose();
    let malformed = |_| Error::refused("field_invalid", params! { field: "unit" });
    let factor = number().map_err(malformed)?.unwrap_or(1);
    Ok(NewUnit { name, factor, price: number().map_err(malformed)? })
}
