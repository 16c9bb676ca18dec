//! Settings: the pharmacy's travel as rows of `setting`, this till's stay in `local_setting`.

mod declared;

pub use declared::{CREDIT, values, zones};

use std::collections::BTreeMap;

use officine_protocol::{entities::SETTING, record::Record, roles::Permission};
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value as Json, json};

use crate::{
    act::Act,
    engine::Till,
    error::Result,
    expiries::thresholds,
    refuse,
    store::rows,
    views::{SettingsView, Topic},
};

/// How many lines a cashier may mark « boîte en main » per day, unless set otherwise.
pub const IN_HAND_PER_DAY: u32 = 5;
const LOCK_MINUTES: u32 = 5;

/// A setting of the pharmacy.
pub fn shared(connection: &Connection, name: &str) -> Result<Option<Json>> {
    let sql = "SELECT value FROM setting WHERE name = ?1 AND archived_at IS NULL ORDER BY rev DESC, id LIMIT 1";
    let text: Option<String> = connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Sets a setting of the pharmacy.
pub fn set_shared(act: &mut Act<'_>, name: &str, value: &Json) -> Result<()> {
    let sql = "SELECT uid FROM setting WHERE name = ?1 AND archived_at IS NULL ORDER BY rev DESC, id LIMIT 1";
    let known = act.tx.prepare_cached(sql)?.query_row([name], |row| rows::read_uid(row, 0)).optional()?;
    match known {
        Some(uid) => act.update(&SETTING, uid, vec![("value", value.to_string().into())], vec![]).map(|_| ()),
        None => {
            let mut setting = Record::new(&SETTING, act.mint(), act.now);
            setting.set(&SETTING, "name", name).set(&SETTING, "value", value.to_string());
            act.create(&SETTING, &mut setting).map(|_| ())
        }
    }
}

/// A setting of this till.
pub fn local(connection: &Connection, name: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM local_setting WHERE name = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?)
}

/// Sets a setting of this till.
pub fn set_local(connection: &Connection, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO local_setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

/// Takes a setting of this till away.
pub fn forget_local(connection: &Connection, name: &str) -> Result<()> {
    connection.prepare_cached("DELETE FROM local_setting WHERE name = ?1")?.execute([name])?;
    Ok(())
}

/// The PINs that a demo pharmacy shows, by login.
pub fn demo_pins(connection: &Connection) -> Result<BTreeMap<String, String>> {
    let pins = shared(connection, "demo.pins")?;
    Ok(pins.and_then(|pins| serde_json::from_value(pins).ok()).unwrap_or_default())
}

fn text(connection: &Connection, name: &str) -> Result<String> {
    Ok(declared::value(connection, name)?.as_str().unwrap_or_default().to_owned())
}

fn number(connection: &Connection, name: &str) -> Result<u32> {
    Ok(declared::value(connection, name)?.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0))
}

fn local_or(connection: &Connection, name: &str, default: &str) -> Result<String> {
    Ok(local(connection, name)?.unwrap_or_else(|| default.to_owned()))
}

/// All settings.
pub fn read(connection: &Connection) -> Result<SettingsView> {
    Ok(SettingsView {
        pharmacy: text(connection, "pharmacy.name")?,
        address: text(connection, "pharmacy.address")?,
        phone: text(connection, "pharmacy.phone")?,
        in_hand_per_day: number(connection, "sale.inHandPerDay")?,
        expiry_warning_days: number(connection, "stock.expiryWarningDays")?,
        expiry_thresholds: thresholds::listed(connection)?,
        language: local_or(connection, "language", "fr")?,
        theme: local_or(connection, "theme", "system")?,
        sounds: local_or(connection, "sounds", "true")? == "true",
        auto_sync: local_or(connection, "autoSync", "true")? == "true",
        verbose: local_or(connection, "verbose", "false")? == "true",
        sync_on_reconnect: local_or(connection, "syncOnReconnect", "true")? == "true",
        lock_minutes: local(connection, "lockMinutes")?.and_then(|text| text.parse().ok()).unwrap_or(LOCK_MINUTES),
        till: String::new(),
        hub: String::new(),
    })
}

impl Till {
    /// Réglages.
    pub fn settings(&self) -> Result<SettingsView> {
        let mut view = self.store.read(read)?;
        if let Ok(device) = self.device() {
            view.till = device.name;
            view.hub = device.hub;
            if view.pharmacy.is_empty() {
                view.pharmacy = device.pharmacy;
            }
        }
        Ok(view)
    }

    /// Saves what differs: this till's by anybody, the pharmacy's by those who may.
    pub fn save_settings(&self, new: &SettingsView) -> Result<SettingsView> {
        let session = self.session()?;
        let old = self.settings()?;
        let shared = shared_changes(&old, new);
        if !shared.is_empty() {
            self.allow(Permission::Settings)?;
        }
        check(new)?;
        self.act(Some(session.user), |act| {
            for (name, value) in &shared {
                declared::check(name, value)?;
                set_shared(act, name, value)?;
            }
            for (name, value) in [
                ("language", new.language.clone()),
                ("theme", new.theme.clone()),
                ("sounds", new.sounds.to_string()),
                ("autoSync", new.auto_sync.to_string()),
                ("verbose", new.verbose.to_string()),
                ("syncOnReconnect", new.sync_on_reconnect.to_string()),
                ("lockMinutes", new.lock_minutes.to_string()),
            ] {
                set_local(act.tx, name, &value)?;
            }
            Ok(())
        })?;
        self.changed(&[Topic::Settings, Topic::Sync]);
        self.settings()
    }

    /// Every setting of the pharmacy by name.
    pub fn pharmacy_settings(&self) -> Result<BTreeMap<&'static str, Json>> {
        self.store.read(|connection| Ok(declared::all(connection)?.into_iter().collect()))
    }

    /// Sets settings of the pharmacy by name, all or none.
    pub fn set_pharmacy_settings(&self, new: &[(String, Json)]) -> Result<BTreeMap<&'static str, Json>> {
        let session = self.allow(Permission::Settings)?;
        self.act(Some(session.user), |act| {
            for (name, value) in new {
                declared::check(name, value)?;
                set_shared(act, name, value)?;
            }
            Ok(())
        })?;
        self.changed(&[Topic::Settings, Topic::Cart, Topic::Sync]);
        self.pharmacy_settings()
    }
}

fn shared_changes(old: &SettingsView, new: &SettingsView) -> Vec<(&'static str, Json)> {
    let pairs = [
        ("pharmacy.name", json!(old.pharmacy), json!(new.pharmacy.trim())),
        ("pharmacy.address", json!(old.address), json!(new.address.trim())),
        ("pharmacy.phone", json!(old.phone), json!(new.phone.trim())),
        ("sale.inHandPerDay", json!(old.in_hand_per_day), json!(new.in_hand_per_day)),
        ("stock.expiryWarningDays", json!(old.expiry_warning_days), json!(new.expiry_warning_days)),
        (thresholds::SETTING, json!(old.expiry_thresholds), json!(new.expiry_thresholds)),
    ];
    pairs.into_iter().filter(|(_, old, new)| old != new).map(|(name, _, new)| (name, new)).collect()
}

fn check(new: &SettingsView) -> Result<()> {
    let known =
        ["fr", "en"].contains(&new.language.as_str()) && ["system", "light", "dark"].contains(&new.theme.as_str());
    if !known || new.lock_minutes > 1_440 {
        return refuse!("field_invalid", field: "settings");
    }
    Ok(())
}
