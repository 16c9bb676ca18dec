//! `--set field=value`: fields of any entity as somebody types them, read by the declaration.

use clap::Args;
use officine_protocol::{params, schema::Entity};
use officine_till::{
    Error, Result,
    editing::{self, Fields},
};

/// Fields by their names on the wire.
#[derive(Args)]
#[group(skip)]
pub struct Set {
    /// A field: `phone=622123456`. May be given several times; empty is none.
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    set: Vec<String>,
}

impl Set {
    /// These fields, and those that the command names by itself.
    pub fn with(&self, entity: &Entity, own: &[(&str, &str)]) -> Result<Fields> {
        let malformed = |text: &str| Error::refused("field_invalid", params! { field: text });
        let typed = self.set.iter().map(|text| text.split_once('=').ok_or_else(|| malformed(text)));
        let mut fields = Fields::new();
        for pair in typed.chain(own.iter().map(|pair| Ok(*pair))) {
            let (name, value) = pair?;
            fields.insert(name.trim().to_owned(), editing::typed(entity, name.trim(), value));
        }
        Ok(fields)
    }
}
