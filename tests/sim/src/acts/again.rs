//! Second thoughts: a row whose edit was sent, and not answered, is edited once more.

use officine_till::{
    Result, Till,
    demo::random::Random,
    views::{ListProductsArgs, ListQueueArgs},
};
use serde_json::json;

use super::{Done, money, pick, uid_in};
use crate::template::fields;

pub fn edit(till: &Till, random: &mut Random) -> Result<Done> {
    let mut open = till.list_queue(&ListQueueArgs { state: None, limit: 100 })?.rows;
    open.retain(|queued| queued.action == "update" && queued.attempts > 0 && queued.entity != "user");
    let (entity, name) = pick(random, &open).map(|queued| (queued.entity.clone(), queued.label.clone()))?;
    let number = random.between(0, 99);
    match entity.as_str() {
        "supplier" => {
            let uid = uid_in(pick(random, &till.list_suppliers(&name, 50)?)?);
            till.edit_supplier(&uid, &fields(json!({ "phone": format!("66400{number}") })))?;
        }
        "customer" => {
            let uid = uid_in(pick(random, &till.find_customers(&name, 50)?)?);
            till.edit_customer(&uid, &fields(json!({ "address": format!("Quartier {number}") })))?;
        }
        "product" => {
            let asked = ListProductsArgs { text: name.clone(), standing: None, offset: 0, limit: 10 };
            let uid = pick(random, &till.list_products(&asked)?.rows)?.uid.clone();
            till.edit_product(&uid, &fields(json!({ "minStock": number })))?;
        }
        _ => return money::setting(till, random),
    }
    Ok(Done::said(format!("{entity} {name}")))
}
