//! Customers, known by their phone. A number is kept as it is dialled in the country, without what is typed around it:
//! `+224 622-12-34-56` and `622123456` are one number. One of another country keeps its `+` and its prefix.

use officine_protocol::{Uid, entities::CUSTOMER, params, record::Record, roles::Permission, value::Value};
use rusqlite::Connection;
use serde_json::Value as Json;

use crate::{
    act::Act,
    editing::{self, Fields, Values},
    engine::Till,
    error::{Error, Result},
    refuse,
    store::rows,
    views::Topic,
};

const COUNTRY: &str = "224";
/// Fewest and most digits of a number.
const DIGITS: (usize, usize) = (6, 15);

impl Till {
    /// A new customer. `customer_exists` names the one who has that number.
    pub fn create_customer(&self, fields: &Fields) -> Result<Json> {
        self.on_customer(|till, act| {
            let mut customer = editing::newborn(act, &CUSTOMER, read(fields)?);
            if *customer.get(&CUSTOMER, "credit_ceiling") != 0.into() {
                till.allow(Permission::SetCeiling)?;
            }
            act.create(&CUSTOMER, &mut customer)?;
            check(act, customer.uid)
        })
    }

    /// Other fields of a customer; how much they may owe takes a permission of its own.
    pub fn edit_customer(&self, uid: &str, fields: &Fields) -> Result<Json> {
        self.on_customer(|till, act| {
            let uid = editing::known(act.tx, &CUSTOMER, uid)?;
            let (values, before) = (read(fields)?, act.living(&CUSTOMER, uid)?);
            let ceiling = values.iter().find(|(name, _)| *name == "credit_ceiling").map(|(_, value)| value);
            if ceiling.is_some_and(|ceiling| ceiling != before.get(&CUSTOMER, "credit_ceiling")) {
                till.allow(Permission::SetCeiling)?;
            }
            act.update(&CUSTOMER, uid, values, vec![])?;
            check(act, uid)
        })
    }

    /// Archives a customer. What they owe stays on the book.
    pub fn archive_customer(&self, uid: &str) -> Result<Json> {
        self.on_customer(|_, act| {
            let uid = editing::known(act.tx, &CUSTOMER, uid)?;
            act.archive(&CUSTOMER, uid).map(|_| uid)
        })
    }

    /// Customers by words of their name, or by the beginning of their number however it is typed.
    pub fn find_customers(&self, text: &str, limit: u32) -> Result<Vec<Json>> {
        self.session()?;
        let limit = limit.clamp(1, 1_000);
        self.store.read(|connection| match phone(text) {
            Ok(number) if !number.is_empty() => by_phone(connection, &number, limit),
            _ => editing::named(connection, &CUSTOMER, text, limit),
        })
    }

    fn on_customer(&self, act: impl FnOnce(&Self, &mut Act<'_>) -> Result<Uid>) -> Result<Json> {
        self.act_on(Permission::EditCustomer, &CUSTOMER, Topic::People, |begun, _| act(self, begun))
    }
}

/// A number as it is kept; empty for none.
pub fn phone(text: &str) -> Result<String> {
    let refused = || Error::refused("phone_invalid", params! { value: text.chars().take(40).collect::<String>() });
    let bare: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '(' | ')' | '/')).collect();
    let (abroad, digits) = match bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")) {
        Some(rest) => (true, rest),
        None => (false, bare.as_str()),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.len() > DIGITS.1 {
        return Err(refused());
    }
    Ok(match digits.strip_prefix(COUNTRY).filter(|_| abroad) {
        Some(national) => national.to_owned(),
        None if abroad => format!("+{digits}"),
        None => digits.to_owned(),
    })
}

fn read(fields: &Fields) -> Result<Values> {
    let mut values = editing::read(&CUSTOMER, fields, &[])?;
    for (_, value) in values.iter_mut().filter(|(name, _)| *name == "phone") {
        let typed = value.text().unwrap_or_default().to_owned();
        let number = phone(&typed)?;
        let digits = number.trim_start_matches('+').len();
        if !number.is_empty() && digits < DIGITS.0 {
            return refuse!("phone_invalid", value: typed);
        }
        *value = Value::Text(number);
    }
    Ok(values)
}

fn check(act: &Act<'_>, uid: Uid) -> Result<Uid> {
    editing::check_named(act, &CUSTOMER, uid)?;
    let phone = act.living(&CUSTOMER, uid)?.get(&CUSTOMER, "phone").clone();
    let text = |record: &Record, name| record.get(&CUSTOMER, name).text().unwrap_or_default().to_owned();
    match editing::twin(act.tx, &CUSTOMER, uid)?.filter(|_| phone != "".into()) {
        Some(twin) => refuse!("customer_exists", name: text(&twin, "name"), phone: text(&twin, "phone")),
        None => Ok(uid),
    }
}

fn by_phone(connection: &Connection, number: &str, limit: u32) -> Result<Vec<Json>> {
    let sql = "SELECT uid FROM customer WHERE archived_at IS NULL AND phone >= ?1 AND phone < ?1 || ':' \
               ORDER BY phone, id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let uids = statement.query_map((number, limit), |row| rows::read_uid(row, 0))?;
    uids.map(|uid| editing::view(connection, &CUSTOMER, uid?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_is_one_number_however_it_is_typed() {
        for typed in ["622123456", " 622 12 34 56", "+224 622-12-34-56", "00224622.12.34.56", "(+224) 622/123456"] {
            assert_eq!(phone(typed).unwrap(), "622123456", "{typed}");
        }
        assert_eq!(phone("+33 6 12 34 56 78").unwrap(), "+33612345678");
        assert_eq!(phone("0033612345678").unwrap(), "+33612345678");
        assert_eq!(phone("  ").unwrap(), "");
        for wrong in ["622 abc", "++224622123456", "1234567890123456", "６２２１２３４５６"] {
            assert_eq!(phone(wrong).unwrap_err().code(), "phone_invalid", "{wrong}");
        }
    }
}
