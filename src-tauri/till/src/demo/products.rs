//! From a line of the formulary to a product: its units with their prices, and its codes.

use super::formulary::{Form, Medicine};
use super::names::MAKERS;
use super::random::Random;
use super::{DemoCode, DemoProduct, DemoUnit};
use crate::import::barcode::{ean13_check_digit, kind};

/// The product, without its lots.
pub fn describe(index: usize, medicine: &Medicine, random: &mut Random) -> DemoProduct {
    let form = medicine.form;
    let (name, dci) = match form {
        Form::Item => (format!("{} {}", medicine.dci, medicine.strength), ""),
        _ => (format!("{} {}, {}", medicine.dci, medicine.strength, form.label()), medicine.dci),
    };
    let units = units(medicine);
    DemoProduct {
        name,
        dci: dci.to_owned(),
        form: form.label().to_owned(),
        strength: medicine.strength.to_owned(),
        maker: MAKERS.get(random.index(MAKERS.len())).copied().unwrap_or_default().to_owned(),
        min_stock: medicine.pack() * i64::from(2 + medicine.popularity / 10),
        popularity: medicine.popularity,
        codes: codes(index, medicine, &units),
        units,
        lots: Vec::new(),
    }
}

/// Box, strip, tablet. Each price is the box's share, rounded up to a coin, so that parts never cost less.
fn units(medicine: &Medicine) -> Vec<DemoUnit> {
    let pack = medicine.pack();
    let share = |factor: i64| round_up(medicine.price * factor, pack, 100);
    let unit = |name: &str, factor: i64, price: i64| DemoUnit { name: name.to_owned(), factor, price };
    let base = medicine.form.base();
    if pack == 1 {
        return vec![unit(base, 1, medicine.price)];
    }
    let mut units = vec![unit("boîte", pack, medicine.price)];
    if medicine.strips > 1 && medicine.form.has_strips() {
        units.push(unit("plaquette", medicine.per_strip, share(medicine.per_strip)));
    }
    units.push(unit(base, 1, share(1)));
    units
}

/// `amount / divisor`, up to the next coin.
fn round_up(amount: i64, divisor: i64, coin: i64) -> i64 {
    let whole = divisor * coin;
    (amount + whole - 1) / whole * coin
}

/// The box's label of the shop, a second one of a former till's series, a seven-digit code for two medicines in
/// three, and one on the strip of what sells by the strip.
fn codes(index: usize, medicine: &Medicine, units: &[DemoUnit]) -> Vec<DemoCode> {
    let mut codes = vec![in_store(200, 10_000 + index * 7, 0), in_store(290, 50_000 + index * 11, 0)];
    if medicine.form != Form::Item && index % 3 != 2 {
        codes.push(code(format!("{:07}", 9_100_000 + index * 13), 0));
    }
    if units.len() == 3 && medicine.popularity >= 50 {
        codes.push(in_store(250, 70_000 + index * 3, 1));
    }
    codes
}

fn in_store(prefix: u32, number: usize, unit: usize) -> DemoCode {
    let digits = format!("{prefix}{number:09}");
    let check = ean13_check_digit(&digits).map(String::from).unwrap_or_default();
    code(digits + &check, unit)
}

fn code(code: String, unit: usize) -> DemoCode {
    DemoCode { kind: kind(&code), code, unit }
}
