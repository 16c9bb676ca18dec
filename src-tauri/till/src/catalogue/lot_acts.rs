//! Lots made known, corrected, blocked and archived by a person. What is in them is the ledger's affair.

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH},
    record::Record,
    roles::Permission,
    value::Value,
};
use serde_json::Value as Json;

use super::{lots, recalls};
use crate::{
    act::Act,
    adjusting::lots::LotName,
    editing::{self, Fields},
    engine::Till,
    error::Result,
    refuse,
    views::Topic,
};

/// Written by acts of their own.
const OTHERS: &[&str] = &["blocked_reason", "quarantine", "product", "order", "received_at"];

impl Till {
    /// A lot of a product, with nothing in it. `lot_exists` where it is known.
    pub fn create_lot(&self, product: &str, fields: &Fields) -> Result<Json> {
        self.on_lot(Permission::EditCatalogue, |act| {
            let product = editing::known(act.tx, &PRODUCT, product)?;
            act.living(&PRODUCT, product)?;
            let mut lot = Record::new(&PRODUCT_BATCH, act.mint(), act.now);
            lot.set(&PRODUCT_BATCH, "product", product).set(&PRODUCT_BATCH, "pack_size", 1);
            lot.set(&PRODUCT_BATCH, "received_at", act.now);
            for (name, value) in editing::read(&PRODUCT_BATCH, fields, OTHERS)? {
                lot.set(&PRODUCT_BATCH, name, value);
            }
            act.create(&PRODUCT_BATCH, &mut lot)?;
            check(act, lot.uid)
        })
    }

    /// Number, expiry, supplier or cost of a lot. One that takes a recalled number is blocked at once.
    pub fn edit_lot(&self, uid: &str, fields: &Fields) -> Result<Json> {
        self.on_lot(Permission::EditCatalogue, |act| {
            let uid = editing::known(act.tx, &PRODUCT_BATCH, uid)?;
            act.update(&PRODUCT_BATCH, uid, editing::read(&PRODUCT_BATCH, fields, OTHERS)?, vec![])?;
            recalls::withhold_all(act)?;
            check(act, uid)
        })
    }

    /// Takes a lot off sale, and says why.
    pub fn block_lot(&self, uid: &str, reason: &str) -> Result<Json> {
        self.on_lot(Permission::Recall, |act| {
            let lot = lot(act, uid)?;
            let reason = editing::reason(reason)?;
            if is_quarantine(&lot) {
                return refuse!("lot_quarantined", lot: number(&lot));
            }
            act.update(&PRODUCT_BATCH, lot.uid, vec![("blocked_reason", reason.into())], vec![]).map(|_| lot.uid)
        })
    }

    /// Puts a lot back on sale. Never a quarantine lot (its boxes leave by a transfer), nor one under an open recall.
    pub fn unblock_lot(&self, uid: &str) -> Result<Json> {
        self.on_lot(Permission::Recall, |act| {
            let lot = lot(act, uid)?;
            if is_quarantine(&lot) {
                return refuse!("lot_quarantined", lot: number(&lot));
            }
            if let Some(reason) = recalls::reason_for(act.tx, &lot)? {
                return refuse!("lot_recalled", lot: number(&lot), reason: reason);
            }
            act.update(&PRODUCT_BATCH, lot.uid, vec![("blocked_reason", Value::Null)], vec![]).map(|_| lot.uid)
        })
    }

    /// Archives a lot in which nothing is left.
    pub fn archive_lot(&self, uid: &str) -> Result<Json> {
        self.on_lot(Permission::EditCatalogue, |act| {
            let uid = editing::known(act.tx, &PRODUCT_BATCH, uid)?;
            let lot = act.living(&PRODUCT_BATCH, uid)?;
            match lot.get(&PRODUCT_BATCH, "quantity").int() {
                Some(0) => act.archive(&PRODUCT_BATCH, uid).map(|_| uid),
                quantity => refuse!("lot_not_empty", lot: number(&lot), quantity: quantity.unwrap_or(0)),
            }
        })
    }

    fn on_lot(&self, permission: Permission, act: impl FnOnce(&mut Act<'_>) -> Result<Uid>) -> Result<Json> {
        let view = self.act_on(permission, &PRODUCT_BATCH, Topic::Stock, |begun, _| act(begun))?;
        self.changed(&[Topic::Cart]);
        Ok(view)
    }
}

fn lot(act: &Act<'_>, uid: &str) -> Result<Record> {
    let uid = editing::known(act.tx, &PRODUCT_BATCH, uid)?;
    act.living(&PRODUCT_BATCH, uid)
}

fn is_quarantine(lot: &Record) -> bool {
    *lot.get(&PRODUCT_BATCH, "quarantine") == true.into()
}

fn number(lot: &Record) -> &str {
    lot.get(&PRODUCT_BATCH, "lot_number").text().unwrap_or_default()
}

fn check(act: &Act<'_>, uid: Uid) -> Result<Uid> {
    let lot = lots::by_uid(act.tx, &uid.to_string())?;
    let name = LotName::of(&lot);
    let known = lots::of_product(act.tx, lot.product)?;
    let same = known.into_iter().find(|other| !lot.quarantine && other.id != lot.id && name.is(other));
    let twin = editing::twin(act.tx, &PRODUCT_BATCH, uid)?.map(|twin| number(&twin).to_owned());
    match same.map(|lot| lot.number).or(twin) {
        Some(number) => refuse!("lot_exists", lot: number),
        None => Ok(uid),
    }
}
