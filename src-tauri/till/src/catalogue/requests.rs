//! What customers asked for and the shelf did not have.

use officine_protocol::{
    entities::{PRODUCT, REQUESTED_PRODUCT},
    fold::fold,
    record::Record,
    roles::Permission,
};
use serde_json::{Value as Json, json};

use super::products::Product;
use crate::{
    editing::{self, Fields},
    engine::Till,
    error::Result,
    refuse,
    views::Topic,
};

/// Said by the act itself.
const OTHERS: &[&str] = &["user", "requested_at", "state", "product"];

impl Till {
    /// Notes a request: of a product of the catalogue, or of what is not in it, by a `label`.
    pub fn request_product(&self, product: Option<&str>, fields: &Fields) -> Result<Json> {
        self.act_on(Permission::RequestProduct, &REQUESTED_PRODUCT, Topic::Stock, |act, session| {
            let mut request = Record::new(&REQUESTED_PRODUCT, act.mint(), act.now);
            request.set(&REQUESTED_PRODUCT, "quantity", 1).set(&REQUESTED_PRODUCT, "user", session.user);
            request.set(&REQUESTED_PRODUCT, "requested_at", act.now);
            if let Some(product) = product {
                let product = Product::by_uid(act.tx, &editing::known(act.tx, &PRODUCT, product)?.to_string())?;
                let label: String = product.name.chars().take(160).collect();
                request.set(&REQUESTED_PRODUCT, "product", product.uid).set(&REQUESTED_PRODUCT, "label", label);
            }
            for (name, value) in editing::read(&REQUESTED_PRODUCT, fields, OTHERS)? {
                request.set(&REQUESTED_PRODUCT, name, value);
            }
            if fold(request.get(&REQUESTED_PRODUCT, "label").text().unwrap_or_default()).is_empty() {
                return refuse!("name_missing");
            }
            act.create(&REQUESTED_PRODUCT, &mut request)?;
            Ok(request.uid)
        })
    }

    /// What became of a request: `open`, `ordered`, `served` or `dropped`.
    pub fn mark_request(&self, uid: &str, state: &str) -> Result<Json> {
        self.act_on(Permission::RequestProduct, &REQUESTED_PRODUCT, Topic::Stock, |act, _| {
            let uid = editing::known(act.tx, &REQUESTED_PRODUCT, uid)?;
            act.update(&REQUESTED_PRODUCT, uid, vec![("state", state.into())], vec![]).map(|_| uid)
        })
    }

    /// Requests in a state, those for one thing together: the most asked for first, each with how often and how many.
    pub fn list_requests(&self, state: &str) -> Result<Vec<Json>> {
        self.session()?;
        let sql = "SELECT r.label, p.uid, r.quantity, r.uid, r.contact, r.requested_at FROM requested_product r \
                   LEFT JOIN product p ON p.id = r.product_id WHERE r.state = ?1 AND r.archived_at IS NULL ORDER BY r.id";
        let mut groups: Vec<(String, Json)> = Vec::new();
        self.store.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = statement.query([state])?;
            while let Some(row) = found.next()? {
                let label: String = row.get(0)?;
                let product: Option<[u8; 16]> = row.get(1)?;
                let product = product.map(|bytes| officine_protocol::Uid::from_bytes(bytes).to_string());
                let uid = crate::store::rows::read_uid(row, 3)?.to_string();
                let (quantity, contact, at): (i64, String, i64) = (row.get(2)?, row.get(4)?, row.get(5)?);
                let request = json!({ "uid": uid, "quantity": quantity, "contact": contact, "requestedAt": at });
                let key = product.clone().unwrap_or_else(|| fold(&label));
                let place = groups.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
                    groups.push((
                        key,
                        json!({ "label": label, "product": product, "count": 0, "quantity": 0, "requests": [] }),
                    ));
                    groups.len() - 1
                });
                gather(&mut groups[place].1, quantity, request);
            }
            Ok(())
        })?;
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(group["count"].as_i64()));
        Ok(groups.into_iter().map(|(_, group)| group).collect())
    }
}

fn gather(group: &mut Json, quantity: i64, request: Json) {
    group["count"] = (group["count"].as_i64().unwrap_or(0) + 1).into();
    group["quantity"] = (group["quantity"].as_i64().unwrap_or(0) + quantity).into();
    if let Some(requests) = group["requests"].as_array_mut() {
        requests.push(request);
    }
}
