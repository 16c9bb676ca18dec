//! Every setting of the pharmacy, declared once: its name, what it may hold, what it is until somebody says.

use std::{collections::HashMap, sync::LazyLock};

use officine_protocol::{
    params,
    roles::Role,
    strategy::{self, STRATEGIES},
    tally::SHELF,
};
use rusqlite::Connection;
use serde_json::{Value as Json, json};

use super::shared;
use crate::{
    error::{Error, Result},
    expiries::thresholds::{self, Thresholds},
};

const TEXT_CHARS: usize = 240;
const ZONES: usize = 20;
const ZONE_CHARS: usize = 40;

/// What a setting may hold.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    /// Text, and not empty.
    Name,
    Number(i64, i64),
    /// Yes or no.
    Flag,
    /// One of these steps, in francs.
    Steps(&'static [i64]),
    Word(&'static [&'static str]),
    /// The same, or nothing: not chosen.
    Choice(&'static [&'static str]),
    /// A percentage for each role.
    Percents,
    /// The days at which the bands of Périmés end.
    Bands,
    /// Different names, the shelf among them.
    Names,
}

struct Declared {
    name: &'static str,
    holds: Holds,
    default: fn() -> Json,
}

const fn setting(name: &'static str, holds: Holds, default: fn() -> Json) -> Declared {
    Declared { name, holds, default }
}

/// The policies of credit: up to each customer's ceiling, a manager beyond it, or to nobody.
pub const CREDIT: &[&str] = &["ceiling", "manager", "none"];

const PHARMACY: &[Declared] = &[
    setting("pharmacy.name", Holds::Name, || json!("")),
    setting("pharmacy.address", Holds::Text, || json!("")),
    setting("pharmacy.phone", Holds::Text, || json!("")),
    setting("sale.inHandPerDay", Holds::Number(0, 1_000), || json!(super::IN_HAND_PER_DAY)),
    setting("sale.roundingStep", Holds::Steps(&[0, 1, 5, 10, 25, 50, 100, 500, 1_000]), || json!(0)),
    setting(
        "sale.discountPercent",
        Holds::Percents,
        || json!({ "cashier": 0, "pharmacist": 10, "manager": 30, "owner": 100 }),
    ),
    setting("sale.credit", Holds::Word(CREDIT), || json!("ceiling")),
    setting("sale.cancelMinutes", Holds::Number(0, 1_440), || json!(0)),
    setting("cash.sessionRequired", Holds::Flag, || json!(false)),
    setting("stock.expiryWarningDays", Holds::Number(0, 3_650), || json!(90)),
    setting(thresholds::SETTING, Holds::Bands, || json!(thresholds::UNLESS_SET)),
    setting("stock.zones", Holds::Names, || json!([SHELF, "reserve"])),
];

/// Who wins where two tills wrote at once: one for each entity that is edited.
static CONFLICTS: LazyLock<Vec<Declared>> = LazyLock::new(|| {
    strategy::settings().iter().map(|name| setting(name, Holds::Choice(STRATEGIES), || Json::Null)).collect()
});

fn every() -> impl Iterator<Item = &'static Declared> {
    PHARMACY.iter().chain(CONFLICTS.iter())
}

fn declared(name: &str) -> Result<&'static Declared> {
    let unknown = || Error::refused("setting_unknown", params! { name: name.chars().take(64).collect::<String>() });
    every().find(|setting| setting.name == name).ok_or_else(unknown)
}

/// The name and the value of each, its default where nobody has said.
pub fn all(connection: &Connection) -> Result<Vec<(&'static str, Json)>> {
    every().map(|setting| Ok((setting.name, value(connection, setting.name)?))).collect()
}

/// What a setting is; its default where nobody has said, or said what it cannot hold.
pub fn value(connection: &Connection, name: &str) -> Result<Json> {
    let setting = declared(name)?;
    let said = shared(connection, name)?.filter(|said| setting.holds.takes(said));
    Ok(said.unwrap_or_else(setting.default))
}

/// What several settings are, in one query.
pub fn values<const N: usize>(connection: &Connection, names: [&str; N]) -> Result<[Json; N]> {
    let sql = "SELECT s.name, s.value FROM json_each(?1) j CROSS JOIN setting s ON s.name = j.value \
               WHERE s.archived_at IS NULL ORDER BY s.rev, s.id DESC";
    let mut said: HashMap<String, String> = HashMap::new();
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([Json::from(names.as_slice()).to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (name, value) = row?;
        said.insert(name, value);
    }
    let mut values = [const { Json::Null }; N];
    for (value, name) in values.iter_mut().zip(names) {
        let setting = declared(name)?;
        let known = said.get(name).and_then(|text| serde_json::from_str(text).ok());
        *value = known.filter(|known| setting.holds.takes(known)).unwrap_or_else(setting.default);
    }
    Ok(values)
}

/// Whether a setting may hold that: `setting_unknown`, `field_invalid`, `name_missing`.
pub fn check(name: &str, value: &Json) -> Result<()> {
    let setting = declared(name)?;
    if matches!(setting.holds, Holds::Name) && value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return crate::refuse!("name_missing");
    }
    if let (Holds::Bands, Some(days)) = (setting.holds, bands(value)) {
        return Thresholds::new(&days).map(|_| ());
    }
    if !setting.holds.takes(value) {
        return crate::refuse!("field_invalid", field: name);
    }
    Ok(())
}

impl Holds {
    fn takes(self, value: &Json) -> bool {
        let number = |least, most| value.as_i64().is_some_and(|number| (least..=most).contains(&number));
        match self {
            Self::Text => short(value, TEXT_CHARS),
            Self::Name => short(value, TEXT_CHARS) && value.as_str().is_some_and(|text| !text.trim().is_empty()),
            Self::Number(least, most) => number(least, most),
            Self::Flag => value.is_boolean(),
            Self::Steps(steps) => value.as_i64().is_some_and(|step| steps.contains(&step)),
            Self::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Choice(words) => value.is_null() || Self::Word(words).takes(value),
            Self::Percents => percents(value),
            Self::Bands => bands(value).is_some_and(|days| Thresholds::new(&days).is_ok()),
            Self::Names => names(value),
        }
    }
}

fn short(value: &Json, chars: usize) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= chars && !text.contains('\0'))
}

fn bands(value: &Json) -> Option<Vec<u32>> {
    serde_json::from_value(value.clone()).ok()
}

fn percents(value: &Json) -> bool {
    let Some(limits) = value.as_object() else { return false };
    let bounded = |limit: &Json| limit.as_i64().is_some_and(|percent| (0..=100).contains(&percent));
    limits.iter().all(|(role, limit)| Role::parse(role).is_some() && bounded(limit))
}

fn names(value: &Json) -> bool {
    let Some(names) = value.as_array() else { return false };
    let proper = |name: &Json| short(name, ZONE_CHARS) && name.as_str().is_some_and(|name| !name.trim().is_empty());
    let distinct: std::collections::HashSet<_> = names.iter().filter_map(Json::as_str).collect();
    names.len() <= ZONES && names.iter().all(proper) && distinct.len() == names.len() && distinct.contains(SHELF)
}

/// The zones counted in a stocktake.
pub fn zones(connection: &Connection) -> Result<Vec<String>> {
    let zones = value(connection, "stock.zones")?;
    Ok(serde_json::from_value(zones)?)
}
