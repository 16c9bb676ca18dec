//! Customers, users, settings: a group of commands, flattened into the command line.

use clap::Subcommand;
use officine_protocol::{
    entities::{CUSTOMER, USER},
    params,
};
use officine_till::{Error, Result, Till, people::users::NewUser};
use serde_json::{Value as Json, json};

use super::{Arguments, fields::Set};

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Customers: list, add, edit, archive.
    #[command(subcommand)]
    Customer(Customer),
    /// Users: list, add, edit, archive, their PINs.
    #[command(subcommand)]
    User(User),
    /// The pharmacy's settings, and this till's.
    Settings {
        /// Set one first: `sale.roundingStep=50`, a JSON value or plain text. May be given several times.
        #[arg(long = "set", value_name = "NAME=VALUE")]
        set: Vec<String>,
    },
}

/// Customers.
#[derive(Subcommand)]
pub enum Customer {
    /// By words of their name, or the beginning of their number.
    List {
        /// Words, or digits.
        #[arg(default_value = "")]
        text: String,
    },
    /// A new one: `--set phone=622123456 --set creditCeiling=200000`.
    Add {
        /// Their name.
        name: String,
        #[command(flatten)]
        set: Set,
    },
    /// Other fields.
    Edit {
        /// Their number or uid.
        customer: String,
        #[command(flatten)]
        set: Set,
    },
    /// Archive them.
    Archive {
        /// Their number or uid.
        customer: String,
    },
}

/// Users, by login or uid.
#[derive(Subcommand)]
pub enum User {
    /// Everybody who may sign in.
    List,
    /// A new one.
    Add {
        /// Login.
        login: String,
        /// Full name.
        name: String,
        /// `cashier`, `pharmacist`, `manager` or `owner`.
        role: String,
        /// Their first PIN.
        #[arg(long, env = "OFFICINE_NEW_PIN", hide_env_values = true)]
        new_pin: String,
    },
    /// Another name, login or role.
    Edit {
        /// Login or uid.
        person: String,
        #[command(flatten)]
        set: Set,
    },
    /// Archive them.
    Archive {
        /// Login or uid.
        person: String,
    },
    /// Change one's own PIN, or that of somebody else.
    Pin {
        /// Login or uid; oneself where absent.
        person: Option<String>,
        /// The new one.
        #[arg(long, env = "OFFICINE_NEW_PIN", hide_env_values = true)]
        new_pin: String,
    },
}

/// Does it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    match command {
        Command::Customer(command) => customer(till, arguments, command),
        Command::User(command) => user(till, arguments, command),
        Command::Settings { set } => settings(till, arguments, set),
    }
}

fn customer(till: &Till, arguments: &Arguments, command: &Customer) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        Customer::List { text } => Ok(till.find_customers(text, 1_000)?.into()),
        Customer::Add { name, set } => till.create_customer(&set.with(&CUSTOMER, &[("name", name)])?),
        Customer::Edit { customer, set } => {
            till.edit_customer(&customer_of(till, customer)?, &set.with(&CUSTOMER, &[])?)
        }
        Customer::Archive { customer } => till.archive_customer(&customer_of(till, customer)?),
    }
}

/// The customer somebody means: a uid, or a number (or a name) that is one customer's alone.
pub fn customer_of(till: &Till, text: &str) -> Result<String> {
    if let Ok(uid) = officine_protocol::Uid::try_parse(text) {
        return Ok(uid.to_string());
    }
    let found = till.find_customers(text, 2)?;
    let unknown = || Error::refused("reference_missing", params! { entity: CUSTOMER.name, uid: text });
    let only = found.first().filter(|_| found.len() == 1).ok_or_else(unknown)?;
    Ok(only["uid"].as_str().unwrap_or_default().to_owned())
}

fn user(till: &Till, arguments: &Arguments, command: &User) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        User::List => Ok(serde_json::to_value(till.people()?)?),
        User::Add { login, name, role, new_pin } => till.create_user(&NewUser { login, name, role, pin: new_pin }),
        User::Edit { person, set } => till.edit_user(&user_of(till, person)?, &set.with(&USER, &[])?),
        User::Archive { person } => till.archive_user(&user_of(till, person)?),
        User::Pin { person: Some(person), new_pin } => till.reset_pin(&user_of(till, person)?, new_pin),
        User::Pin { person: None, new_pin } => {
            till.change_pin(arguments.pin.as_deref().unwrap_or_default(), new_pin)?;
            Ok(Json::Null)
        }
    }
}

fn user_of(till: &Till, text: &str) -> Result<String> {
    let login = text.to_lowercase();
    let person = till.people()?.into_iter().find(|person| person.login == login || person.uid == text);
    let unknown = || Error::refused("user_unknown", params! { login: text });
    Ok(person.ok_or_else(unknown)?.uid)
}

fn settings(till: &Till, arguments: &Arguments, set: &[String]) -> Result<Json> {
    if !set.is_empty() {
        arguments.sign_in(till)?;
        till.set_pharmacy_settings(&set.iter().map(|text| pair(text)).collect::<Result<Vec<_>>>()?)?;
    }
    Ok(json!({ "pharmacy": till.pharmacy_settings()?, "till": till.settings()? }))
}

/// `NAME=VALUE`, the value as JSON where it is some, as text otherwise.
fn pair(text: &str) -> Result<(String, Json)> {
    let malformed = || Error::refused("field_invalid", params! { field: text });
    let (name, value) = text.split_once('=').ok_or_else(malformed)?;
    Ok((name.trim().to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
}
