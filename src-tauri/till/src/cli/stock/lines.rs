//! How a line is typed: a code, then `name=value` pairs. One reader for orders, deliveries, counts and adjustments.

use officine_protocol::{
    fold::{fold, fold_lot},
    params,
};
use officine_till::{
    Error, Result, Till,
    views::{LotNameArgs, LotView, ProductView, QuantityArgs},
};

/// What `--help` says of it.
pub const HELP: &str = "\
A line is a code, then pairs: CODE,name=value,name=value
  CODE      as scanned; a GS1 code brings its lot and expiry along. A product's identity does too.
  quantity  3 base units; 3boite of the unit whose name begins so; 3#1 of the unit at position 1
  free      how many more of the same unit came free
  cost      francs for one pack: the unit named, else the order's pack, else the default unit
  price     francs, the selling price of that unit
  lot       DL4417@2028-03-31; DL4417 where only one lot has that number, or for a new lot without expiry;
            - for the nameless lot; q:DL4417@2028-03-31 for the lot in quarantine; or a lot's identity";

/// A line that was read.
pub struct Line {
    /// As typed.
    pub code: String,
    view: ProductView,
    pairs: Vec<(String, String)>,
}

impl Line {
    /// Reads a line that may have these pairs.
    pub fn of(till: &Till, text: &str, names: &[&str]) -> Result<Self> {
        let mut cells = text.split(',');
        let code = cells.next().unwrap_or_default().trim().to_owned();
        let mut pairs = Vec::new();
        for cell in cells {
            let pair = cell.split_once('=').filter(|(name, _)| names.contains(&name.trim()));
            let (name, value) = pair.ok_or_else(|| invalid("line", cell))?;
            pairs.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(Self { view: product(till, &code)?, code, pairs })
    }

    /// Its product.
    pub fn product(&self) -> String {
        self.view.hit.uid.clone()
    }

    /// The value of a pair.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a pair, if it is there: a whole number.
    pub fn number(&self, name: &str) -> Result<Option<i64>> {
        self.get(name).map(number).transpose()
    }

    /// How much.
    pub fn quantity(&self) -> Result<QuantityArgs> {
        let text = self.get("quantity").ok_or_else(|| invalid("quantity", "missing"))?;
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
        let (count, unit) = text.split_at(digits);
        Ok(QuantityArgs { count: number(count)?, unit: self.unit(unit.trim())? })
    }

    fn unit(&self, name: &str) -> Result<Option<u32>> {
        if name.is_empty() {
            return Ok(None);
        }
        let named = |unit: &&officine_till::views::UnitView| match name.strip_prefix('#') {
            Some(position) => position.parse() == Ok(unit.position),
            None => fold(&unit.name).starts_with(&fold(name)),
        };
        let mut found = self.view.units.iter().filter(named);
        match (found.next(), found.next()) {
            (Some(unit), None) => Ok(Some(unit.position)),
            _ => Err(invalid("unit", name)),
        }
    }

    /// A lot as its box names it. An identity is that of a lot of the product.
    pub fn lot_name(&self) -> Result<LotNameArgs> {
        let text = self.get("lot").unwrap_or("-");
        if officine_protocol::Uid::try_parse(text).is_ok() {
            let lot = self.view.lots.iter().find(|lot| lot.uid == text && !lot.quarantine);
            let lot = lot.ok_or_else(|| Error::refused("lot_unknown", params! { lot: text }))?;
            return Ok(LotNameArgs { lot_number: lot.lot_number.clone(), expiry: lot.expiry.clone() });
        }
        let (number, expiry) = text.split_once('@').map_or((text, None), |(number, expiry)| (number, Some(expiry)));
        let expiry = expiry.map(str::to_owned).filter(|expiry| !expiry.is_empty());
        Ok(LotNameArgs { lot_number: if number == "-" { String::new() } else { number.to_owned() }, expiry })
    }

    /// A lot that the book has: the only one that is not empty where none is named.
    pub fn known_lot(&self, named: Option<&str>) -> Result<String> {
        let lots = self.view.lots.iter().filter(|lot| match named {
            Some(text) => is(lot, text),
            None => lot.quantity != 0 && !lot.quarantine,
        });
        let shown = named.unwrap_or_default();
        match lots.collect::<Vec<_>>()[..] {
            [lot] => Ok(lot.uid.clone()),
            [] => Err(Error::refused("lot_unknown", params! { lot: shown })),
            _ => Err(Error::refused("lot_ambiguous", params! { lot: shown })),
        }
    }
}

fn is(lot: &LotView, text: &str) -> bool {
    let (quarantine, name) = text.strip_prefix("q:").map_or((false, text), |name| (true, name));
    let (number, expiry) = name.split_once('@').map_or((name, None), |(number, expiry)| (number, Some(expiry)));
    let number = if number == "-" { "" } else { number };
    let same_day = expiry.is_none_or(|expiry| lot.expiry.as_deref().unwrap_or_default() == expiry);
    lot.uid == text || (lot.quarantine == quarantine && fold_lot(&lot.lot_number) == fold_lot(number) && same_day)
}

fn product(till: &Till, code: &str) -> Result<ProductView> {
    if officine_protocol::Uid::try_parse(code).is_ok() {
        return till.product(code);
    }
    match &till.find_code(code)?[..] {
        [hit] => till.product(&hit.uid),
        [] => Err(Error::refused("code_unknown", params! { code: code })),
        _ => Err(Error::refused("code_ambiguous", params! { code: code })),
    }
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| Error::refused("number_invalid", params! { value: text }))
}

fn invalid(field: &str, why: &str) -> Error {
    Error::refused("field_invalid", params! { field: field, why: why })
}
