//! A scan: which product, which lot, and what to say if neither can be sold.

use officine_protocol::{
    date::Date,
    fefo::Withheld,
    gs1::{self, Scan},
    limits::CODE_CHARS,
    params,
};

use super::{add, check_count};
use crate::{
    catalogue::{
        lots::{self, StoredLot},
        products::{self, Product},
        recalls,
    },
    engine::Till,
    error::{Error, Result},
    refuse,
    views::{ScanArgs, ScanOutcome, ScanView},
};

/// What a scan may do to the cart.
enum Finding {
    Add { product: Product, unit: u32, lot: Option<i64> },
    Refuse { product: Product, why: Error },
    Choose(Vec<i64>),
    Unknown(String),
}

impl Till {
    /// Puts what was scanned on the cart, or says why not.
    pub fn scan(&self, args: &ScanArgs) -> Result<ScanView> {
        let length = args.code.chars().count();
        if length > CODE_CHARS {
            return refuse!("code_too_long", length: length, max: CODE_CHARS);
        }
        check_count(args.count)?;
        let today = self.today();
        match self.find_scanned(&args.code, today)? {
            Finding::Add { product, unit, lot } => {
                let cart = self.edit_cart(|act, cart| add(act, cart, &product, Some(unit), args.count, lot))?;
                let product = Some(product.uid.to_string());
                Ok(ScanView { outcome: ScanOutcome::Added, problem: None, product, candidates: vec![], cart })
            }
            Finding::Refuse { product, why } => {
                let (problem, product) = (Some(why.problem()), Some(product.uid.to_string()));
                Ok(ScanView { outcome: ScanOutcome::Refused, problem, product, candidates: vec![], cart: self.cart()? })
            }
            Finding::Choose(ids) => {
                let candidates = self.hits(&ids)?;
                Ok(ScanView {
                    outcome: ScanOutcome::Ambiguous,
                    problem: None,
                    product: None,
                    candidates,
                    cart: self.cart()?,
                })
            }
            Finding::Unknown(code) => {
                let problem = Some(Error::refused("code_unknown", params! { code: code }).problem());
                Ok(ScanView {
                    outcome: ScanOutcome::Unknown,
                    problem,
                    product: None,
                    candidates: vec![],
                    cart: self.cart()?,
                })
            }
        }
    }

    fn find_scanned(&self, raw: &str, today: Date) -> Result<Finding> {
        let scan = gs1::read(raw, today);
        self.store.read(|connection| {
            let mut found = Vec::new();
            for code in &scan.candidates {
                found = products::by_code(connection, code)?;
                if !found.is_empty() {
                    break;
                }
            }
            found.dedup_by_key(|(product, _)| *product);
            let [(id, unit)] = found[..] else {
                if found.is_empty() {
                    return Ok(Finding::Unknown(scan.candidates.first().cloned().unwrap_or_default()));
                }
                return Ok(Finding::Choose(found.into_iter().map(|(product, _)| product).collect()));
            };
            let product = Product::load(connection, id)?;
            let lots = lots::of_product(connection, id)?;
            let recalled = scan.lot.as_deref().map(|number| recalls::of_number(connection, id, number)).transpose()?;
            Ok(judge(product, unit, &lots, &scan, recalled.flatten(), today))
        })
    }
}

/// The lot on the box decides if it is known; otherwise its number, if that is called back or blocked; otherwise whether
/// the product has anything to sell.
fn judge(
    product: Product,
    unit: u32,
    lots: &[StoredLot],
    scan: &Scan,
    recalled: Option<String>,
    today: Date,
) -> Finding {
    let bears = |lot: &&StoredLot| scan.lot.as_ref().is_some_and(|number| lot.number.eq_ignore_ascii_case(number));
    let named: Vec<_> = lots.iter().filter(|lot| !lot.quarantine).filter(bears).collect();
    let blocked = named.iter().find(|lot| lot.lot.blocked);
    let on_box = match scan.expiry {
        Some(_) => named.iter().find(|lot| lot.lot.expiry == scan.expiry),
        None => blocked.or(named.first()),
    };
    if let Some(lot) = on_box {
        return match lot.lot.withheld(today) {
            Some(why) => Finding::Refuse { why: lots::withheld_problem(lot, why), product },
            None => Finding::Add { product, unit, lot: Some(lot.id) },
        };
    }
    if let Some(reason) = recalled.or_else(|| blocked.and_then(|lot| lot.blocked_reason.clone())) {
        let lot = scan.lot.clone().unwrap_or_default();
        return Finding::Refuse { why: Error::refused("lot_blocked", params! { lot: lot, reason: reason }), product };
    }
    if let Some(expiry) = scan.expiry.filter(|expiry| *expiry < today) {
        let why = Error::refused(
            "lot_expired",
            params! { lot: scan.lot.clone().unwrap_or_default(), expiry: expiry.to_string() },
        );
        return Finding::Refuse { why, product };
    }
    match withheld(lots.iter().filter(|lot| lot.lot.quantity > 0), today) {
        Some((lot, why)) => Finding::Refuse { why: lots::withheld_problem(lot, why), product },
        None => Finding::Add { product, unit, lot: None },
    }
}

/// The reason if stock is there, in the lots given, and none of it may be sold.
pub fn withheld<'a>(stocked: impl Iterator<Item = &'a StoredLot>, today: Date) -> Option<(&'a StoredLot, Withheld)> {
    let reasons = stocked.map(|lot| lot.lot.withheld(today).map(|why| (lot, why)));
    reasons.collect::<Option<Vec<_>>>()?.into_iter().next()
}
