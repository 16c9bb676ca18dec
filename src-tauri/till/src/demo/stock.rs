//! The lots on the shelves: some expired, some expiring within 30, 60 and 90 days, most good for up to three
//! years; a few products without any, a few with nothing that may be sold, a dozen lots blocked.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};

use super::formulary::{Form, Medicine};
use super::random::Random;
use super::{DemoLot, DemoProduct};

const OUT_OF_STOCK: usize = 7;
const ONLY_EXPIRED: usize = 3;
const SUPPLIERS: usize = 14;

const REASONS: [&str; 12] = [
    "Rappel du fabricant",
    "Rappel de la Direction nationale de la pharmacie",
    "Boîtes abîmées à la livraison",
    "Rupture de la chaîne du froid",
    "En attente du certificat d’analyse",
    "Notice manquante",
    "Étiquetage illisible",
    "Comprimés friables signalés par un client",
    "Quarantaine : température dépassée au dépôt",
    "Litige avec le fournisseur",
    "Suspicion de contrefaçon, échantillon envoyé",
    "Humidité dans le carton",
];

/// Which products stand out, drawn once.
pub struct Plan {
    out_of_stock: HashSet<usize>,
    only_expired: HashSet<usize>,
    blocked: HashMap<usize, &'static str>,
}

impl Plan {
    /// Takes the exceptions among what sells seldom, so that a demonstration runs well.
    pub fn draw(medicines: &[Medicine], random: &mut Random) -> Self {
        let seldom = |medicine: &Medicine| medicine.form != Form::Item && medicine.popularity < 60;
        let mut ranks: Vec<usize> =
            medicines.iter().enumerate().filter(|(_, medicine)| seldom(medicine)).map(|(index, _)| index).collect();
        random.shuffle(&mut ranks);
        let mut ranks = ranks.into_iter();
        Self {
            out_of_stock: ranks.by_ref().take(OUT_OF_STOCK).collect(),
            only_expired: ranks.by_ref().take(ONLY_EXPIRED).collect(),
            blocked: ranks.zip(REASONS).collect(),
        }
    }
}

/// The lots of a product, earliest expiry first.
pub fn lots(
    index: usize,
    medicine: &Medicine,
    product: &DemoProduct,
    plan: &Plan,
    today: NaiveDate,
    random: &mut Random,
) -> Vec<DemoLot> {
    if plan.out_of_stock.contains(&index) {
        return Vec::new();
    }
    if medicine.form == Form::Item {
        return vec![nameless(medicine, random)];
    }
    let days = expiries(medicine, plan.only_expired.contains(&index), random);
    let short = short_first(medicine, index).then(|| days.iter().position(|day| *day >= 0)).flatten();
    let mut lots: Vec<DemoLot> = Vec::with_capacity(days.len());
    for (place, day) in days.into_iter().enumerate() {
        let mut lot = named(medicine, product, day, today, random);
        lot.lot_number = format!("{}{}", lot.lot_number, (b'A' + place as u8) as char);
        if short == Some(place) {
            lot.quantity = medicine.pack();
        }
        lots.push(lot);
    }
    if let (Some(reason), Some(lot)) = (plan.blocked.get(&index), lots.first_mut()) {
        lot.blocked = Some((*reason).to_owned());
    }
    lots
}

/// Whether one box is all that is left of the lot sold first: two boxes then span two lots.
fn short_first(medicine: &Medicine, index: usize) -> bool {
    medicine.popularity >= 90 || index.is_multiple_of(8)
}

/// Days from today to each expiry, ascending. The last one is far, unless all are past.
fn expiries(medicine: &Medicine, past: bool, random: &mut Random) -> Vec<i64> {
    if past {
        return vec![random.between(-90, -31), random.between(-30, -1)];
    }
    let others = if medicine.popularity >= 90 { 2 } else { [0, 0, 1, 1, 1, 1, 1, 2, 2, 3][random.index(10)] };
    let mut days: Vec<i64> = (0..others).map(|_| band(random)).collect();
    days.push(random.between(550, 1_095));
    days.sort_unstable();
    days.dedup();
    days
}

fn band(random: &mut Random) -> i64 {
    match random.index(20) {
        0 => random.between(-200, -1),
        1 | 2 => random.between(0, 30),
        3 | 4 => random.between(31, 60),
        5 | 6 => random.between(61, 90),
        7..=13 => random.between(91, 365),
        _ => random.between(366, 1_095),
    }
}

fn named(medicine: &Medicine, product: &DemoProduct, day: i64, today: NaiveDate, random: &mut Random) -> DemoLot {
    let pack = medicine.pack();
    let opened = if product.units.len() > 1 && random.once_in(12) { medicine.per_strip.min(pack - 1) } else { 0 };
    let boxes = if day < 0 { random.between(1, 4) } else { boxes(medicine, random) };
    let oldest = if day < 0 { 500 } else { (1_100 - day).clamp(30, 500) };
    DemoLot {
        lot_number: format!("{}{:04}", ["GN", "L", "B", "K", "FT"][random.index(5)], random.between(1_000, 9_999)),
        expiry: today.checked_add_signed(TimeDelta::days(day)),
        quantity: boxes * pack + opened,
        pack_cost: cost(medicine, random),
        supplier: random.index(SUPPLIERS),
        blocked: None,
        received_days_ago: u32::try_from(random.between(oldest / 3, oldest)).unwrap_or(30),
    }
}

fn nameless(medicine: &Medicine, random: &mut Random) -> DemoLot {
    DemoLot {
        lot_number: String::new(),
        expiry: None,
        quantity: boxes(medicine, random) * medicine.pack(),
        pack_cost: cost(medicine, random),
        supplier: random.index(SUPPLIERS),
        blocked: None,
        received_days_ago: u32::try_from(random.between(5, 200)).unwrap_or(30),
    }
}

fn boxes(medicine: &Medicine, random: &mut Random) -> i64 {
    random.between(3, 8 + i64::from(medicine.popularity) / 2)
}

/// From 65 to 80 % of the price, to the nearest ten francs below.
fn cost(medicine: &Medicine, random: &mut Random) -> i64 {
    medicine.price * random.between(66, 80) / 1_000 * 10
}
