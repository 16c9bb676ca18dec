//! Loads the demo pharmacy through the engine, as if people had typed it in: it reaches the hub by the queue.

use chrono::DateTime;
use officine_protocol::date::Date;
use serde_json::json;

use super::{DemoPharmacy, DemoProduct, pharmacy};
use crate::{
    act::Act,
    catalogue::{
        self,
        stocking::{NewLot, NewProduct, Opening},
    },
    engine::Till,
    error::Result,
    people, refuse, settings,
    views::Topic,
};

const DAY_MS: i64 = 86_400_000;

impl Till {
    /// Loads the demo pharmacy into a till that is enrolled and empty.
    pub fn load_demo(&self, seed: u64) -> Result<()> {
        self.read_once()?;
        if !self.people()?.is_empty() {
            return refuse!("demo_not_empty");
        }
        let day = DateTime::from_timestamp_millis(self.clock.now()).unwrap_or_default().date_naive();
        let demo = pharmacy(seed, day);
        self.act(None, |act| {
            settings::set_shared(act, "pharmacy.name", &json!(demo.name))?;
            settings::set_shared(act, "pharmacy.address", &json!(demo.address))?;
            settings::set_shared(act, "pharmacy.phone", &json!(demo.phone))?;
            let pins: serde_json::Map<_, _> =
                demo.users.iter().map(|user| (user.login.clone(), json!(user.pin))).collect();
            settings::set_shared(act, "demo.pins", &json!(pins))?;
            let mut users: Vec<_> = demo.users.iter().collect();
            users.sort_by_key(|user| std::cmp::Reverse(user.role));
            for user in users {
                let uid = people::add_user(self, act, &user.login, &user.name, user.role, &user.pin)?;
                act.user = act.user.or(Some(uid));
            }
            act.user = None;
            stock(act, &demo)?;
            catalogue::touch(act.tx)
        })?;
        catalogue::index_follows(self.refresh_search());
        self.changed(&[Topic::People, Topic::Stock, Topic::Settings, Topic::Sync]);
        Ok(())
    }
}

fn stock(act: &mut Act<'_>, demo: &DemoPharmacy) -> Result<()> {
    let mut opening = Opening::default();
    let mut suppliers = Vec::new();
    for supplier in &demo.suppliers {
        suppliers.push(opening.supplier(act, &supplier.name, &supplier.phone, &supplier.address)?);
    }
    let mut products: Vec<&DemoProduct> = demo.products.iter().collect();
    products.sort_by_key(|product| std::cmp::Reverse(product.popularity));
    for product in products {
        let (uid, id) = describe(product).create(act)?;
        for lot in &product.lots {
            let new = NewLot {
                number: lot.lot_number.clone(),
                expiry: lot.expiry.map(|day| Date::from(day).number()),
                quantity: lot.quantity,
                pack_cost: Some(lot.pack_cost),
                pack_size: product.units.first().map_or(1, |unit| unit.factor),
                supplier: suppliers.get(lot.supplier).copied(),
                received_at: act.now - i64::from(lot.received_days_ago) * DAY_MS,
                blocked: lot.blocked.clone(),
            };
            opening.lot(act, uid, id, &new)?;
        }
    }
    opening.close(act)
}

fn describe(product: &DemoProduct) -> NewProduct {
    NewProduct {
        name: product.name.clone(),
        dci: product.dci.clone(),
        form: product.form.clone(),
        strength: product.strength.clone(),
        maker: product.maker.clone(),
        min_stock: product.min_stock,
        units: product.units.iter().map(|unit| (unit.name.clone(), unit.factor, Some(unit.price))).collect(),
        codes: product.codes.iter().map(|code| (code.code.clone(), code.kind, code.unit as i64)).collect(),
    }
}
