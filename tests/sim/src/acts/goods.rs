//! The stock book and the catalogue.

use officine_till::{
    Result, Till,
    catalogue::product_acts::NewUnit,
    demo::random::Random,
    views::{
        CorrectStockArgs, CountArgs, DestroyStockArgs, LotNameArgs, LotQuantityArgs, LotView, OpenStockArgs,
        QuantityArgs, ReceiveArgs, ReceiveLineArgs, SetPriceArgs, StartStocktakeArgs,
    },
};
use serde_json::json;

use super::{Done, pick, products, uid_in};
use crate::template::fields;

/// Where goods lie, the shelf most of all.
const ZONES: [&str; 3] = ["shelf", "shelf", "reserve"];

fn units(count: i64) -> QuantityArgs {
    QuantityArgs { count, unit: None }
}

/// A lot somebody may find again at another till.
fn lot_name(random: &mut Random) -> LotNameArgs {
    let number = random.between(0, 4);
    LotNameArgs { lot_number: format!("N{number}"), expiry: (number > 0).then(|| format!("203{number}-03-31")) }
}

/// A product, and one of its lots.
fn lot(till: &Till, random: &mut Random) -> Result<(String, LotView)> {
    let product = pick(random, &products(till)?)?.clone();
    let lots: Vec<LotView> = till.product(&product)?.lots.into_iter().filter(|lot| !lot.quarantine).collect();
    Ok((product, pick(random, &lots)?.clone()))
}

fn supplier(till: &Till, random: &mut Random) -> Result<String> {
    Ok(uid_in(pick(random, &till.list_suppliers("", 50)?)?))
}

pub fn receive(till: &Till, random: &mut Random) -> Result<Done> {
    let mut lines = Vec::new();
    for _ in 0..1 + random.index(2) {
        lines.push(ReceiveLineArgs {
            product: pick(random, &products(till)?)?.clone(),
            quantity: units(random.between(1, 30)),
            free_count: 0,
            pack_cost: Some(random.between(1_000, 9_000)),
            lot: lot_name(random),
            scan: String::new(),
            price: None,
        });
    }
    let supplier = Some(supplier(till, random)?);
    let delivery = till.receive(&ReceiveArgs { order: None, supplier, reference: "BL".to_owned(), lines })?;
    drop(delivery);
    Ok(Done::said("received"))
}

pub fn open(till: &Till, random: &mut Random) -> Result<Done> {
    let stock = OpenStockArgs {
        product: pick(random, &products(till)?)?.clone(),
        lot: lot_name(random),
        quantity: units(random.between(1, 20)),
        pack_cost: None,
        supplier: None,
        reason: "trouvé en réserve".to_owned(),
    };
    let opened = till.open_stock(&stock)?;
    Ok(Done::said(opened.uid))
}

pub fn correct(till: &Till, random: &mut Random) -> Result<Done> {
    let (_, lot) = lot(till, random)?;
    let (reason, below_zero) = ("erreur du livre".to_owned(), random.once_in(4));
    let change = random.between(-6, 6);
    let delta = units(if below_zero { -lot.quantity.max(0) - change.abs().max(1) } else { change });
    till.correct_stock(&CorrectStockArgs { batch: lot.uid, delta, reason, below_zero })?;
    Ok(Done::said(format!("{} by {}", lot.lot_number, delta.count)))
}

pub fn destroy(till: &Till, random: &mut Random) -> Result<Done> {
    let (_, lot) = lot(till, random)?;
    let quantity = Some(units(random.between(1, 4)));
    let lines = vec![LotQuantityArgs { batch: lot.uid, quantity }];
    till.destroy_stock(&DestroyStockArgs { lines, reason: "boîte abîmée".to_owned(), below_zero: false })?;
    Ok(Done::said(lot.lot_number))
}

pub fn count(till: &Till, random: &mut Random) -> Result<Done> {
    if till.stocktake().is_err() {
        till.start_stocktake(&StartStocktakeArgs { products: Vec::new(), note: String::new() })?;
    }
    let mut counted = Vec::new();
    for _ in 0..1 + random.index(3) {
        let (product, lot) = lot(till, random)?;
        let quantity = units((lot.quantity + random.between(-3, 3)).max(0));
        counted.push(format!("{}={}", lot.lot_number, quantity.count));
        till.count_lot(&CountArgs {
            product,
            batch: Some(lot.uid),
            lot: LotNameArgs { lot_number: String::new(), expiry: None },
            scan: String::new(),
            zone: pick(random, &ZONES)?.to_string(),
            quantity,
            add: random.once_in(4),
        })?;
    }
    if random.once_in(4) {
        return Ok(Done::said(format!("counted {}, not closed", counted.join(" "))));
    }
    till.close_stocktake(random.once_in(2))?;
    Ok(Done::said(format!("counted {}", counted.join(" "))))
}

pub fn new_product(till: &Till, random: &mut Random) -> Result<Done> {
    let number = random.between(0, 3);
    let unit = NewUnit { name: "boîte".to_owned(), factor: 1, price: Some(2_000) };
    let named = fields(json!({ "name": format!("Nouveau {number}") }));
    till.create_product(&named, &[unit], &[format!("37000000000{number}")])?;
    Ok(Done::said(format!("Nouveau {number}")))
}

pub fn edit_product(till: &Till, random: &mut Random) -> Result<Done> {
    let uid = pick(random, &products(till)?)?.clone();
    let change = match random.index(3) {
        0 => json!({ "maker": format!("Labo {}", random.between(0, 99)) }),
        1 => json!({ "minStock": random.between(0, 50) }),
        _ => json!({ "dci": format!("DCI {}", random.between(0, 99)), "form": "sirop" }),
    };
    till.edit_product(&uid, &fields(change.clone()))?;
    Ok(Done::said(change.to_string()))
}

pub fn edit_price(till: &Till, random: &mut Random) -> Result<Done> {
    let product = pick(random, &products(till)?)?.clone();
    let price = random.between(10, 90) * 100;
    till.set_price(&SetPriceArgs { product, unit: 0, price })?;
    Ok(Done::said(format!("{price} F")))
}

pub fn block_lot(till: &Till, random: &mut Random) -> Result<Done> {
    let (_, lot) = lot(till, random)?;
    match lot.blocked {
        Some(_) => till.unblock_lot(&lot.uid)?,
        None => till.block_lot(&lot.uid, "couleur douteuse")?,
    };
    Ok(Done::said(lot.lot_number))
}

pub fn new_supplier(till: &Till, random: &mut Random) -> Result<Done> {
    let name = format!("Grossiste {}", random.between(0, 3));
    let phone = random.between(600_000_000, 699_999_999).to_string();
    till.create_supplier(&fields(json!({ "name": name, "phone": phone })))?;
    Ok(Done::said(name))
}

pub fn edit_supplier(till: &Till, random: &mut Random) -> Result<Done> {
    let uid = supplier(till, random)?;
    let change = match random.index(2) {
        0 => json!({ "address": format!("Quartier {}", random.between(0, 99)) }),
        _ => json!({ "phone": random.between(600_000_000, 699_999_999).to_string() }),
    };
    till.edit_supplier(&uid, &fields(change.clone()))?;
    Ok(Done::said(change.to_string()))
}

pub fn archive_supplier(till: &Till, random: &mut Random) -> Result<Done> {
    let uid = supplier(till, random)?;
    till.archive_supplier(&uid)?;
    Ok(Done::said(uid))
}
