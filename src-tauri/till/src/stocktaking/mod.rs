//! Stocktakes: lots are counted zone by zone while the shop sells on, and the difference to what the book had at the
//! instant of the count becomes a document. A stocktake under way is on the disk at every count.

mod close;
pub mod draft;
mod recounts;
mod tallies;
mod view;
mod zones;

pub use zones::Others;

use officine_protocol::{date::Date, roles::Permission};

use crate::{
    act::{Act, user_id},
    adjusting::{
        MOST_LINES, MOST_UNITS, base_units, bounded,
        lots::{LotName, Origin},
        pack_size,
    },
    catalogue::{
        lots::{self, StoredLot},
        products::Product,
    },
    engine::Till,
    error::Result,
    refuse, settings,
    views::{CountArgs, CountedLot, StartStocktakeArgs, StocktakeReport, StocktakeView, Topic},
};
use draft::{Draft, StoredCount};

const NOTE_CHARS: usize = 240;

impl Till {
    /// Begins a stocktake; one at a time.
    pub fn start_stocktake(&self, args: &StartStocktakeArgs) -> Result<StocktakeView> {
        let session = self.allow(Permission::CountStock)?;
        self.act(Some(session.user), |act| {
            if draft::open(act.tx)?.is_some() {
                return refuse!("stocktake_open");
            }
            if args.products.len() > MOST_LINES {
                return refuse!("lines_too_many", max: MOST_LINES);
            }
            let products = args.products.iter().map(|uid| Ok(Product::living(act.tx, uid)?.uid));
            let products = products.collect::<Result<Vec<_>>>()?;
            draft::start(act, user_id(act.tx, session.user)?, &bounded(&args.note, NOTE_CHARS, "note")?, &products)
        })?;
        self.stocktake()
    }

    /// Writes down what was counted of a lot in a zone.
    pub fn count_lot(&self, args: &CountArgs) -> Result<CountedLot> {
        let session = self.allow(Permission::CountStock)?;
        let lot = self.act(Some(session.user), |act| {
            let draft = draft::current(act.tx)?;
            if !settings::zones(act.tx)?.contains(&args.zone) {
                return refuse!("zone_unknown", zone: args.zone);
            }
            let product = Product::living(act.tx, &args.product)?;
            let units = base_units(&product, args.quantity, 0)?;
            let lot = match &args.batch {
                Some(uid) => lots::living(act.tx, uid)?,
                None => {
                    found(act, &product, &LotName::scanned_or_typed(&args.scan, &args.lot, Date::of_instant(act.now))?)?
                }
            };
            if lot.product != product.id {
                return refuse!("field_invalid", field: "batch");
            }
            count(act, &draft, &lot, args, units)?;
            Ok(lot.id)
        })?;
        self.changed(&[Topic::Stock, Topic::Sync]);
        let counted = self.store.read(|connection| view::of_lot(connection, lot))?;
        Ok(if self.sees_costs() { counted } else { counted.without_costs() })
    }

    /// Throws the counts away: nothing moves.
    pub fn cancel_stocktake(&self) -> Result<()> {
        let session = self.allow(Permission::CloseStocktake)?;
        self.act(Some(session.user), |act| draft::delete(act.tx, &draft::current(act.tx)?))?;
        self.changed(&[Topic::Stock]);
        Ok(())
    }

    /// Closes the stocktake: every lot counted holds what was counted and what has happened since. `zones_uncounted`
    /// where a zone that held a counted lot was left out and nobody says what became of it.
    pub fn close_stocktake(&self, others: impl Into<Others>) -> Result<StocktakeReport> {
        let others = others.into();
        let report = self.move_stock(Permission::CloseStocktake, |act| close::close(act, others))?;
        Ok(if self.sees_costs() { report } else { report.without_costs() })
    }

    /// The stocktake under way.
    pub fn stocktake(&self) -> Result<StocktakeView> {
        self.session()?;
        let view = self.store.read(view::read)?;
        Ok(if self.sees_costs() { view } else { view.without_costs() })
    }
}

/// The lot of a box that was found. One the book does not have is born, empty: its count fills it. A box of which nobody
/// said the lot is of the nameless lot while that holds some, otherwise of the only one there is.
fn found(act: &mut Act<'_>, product: &Product, name: &LotName) -> Result<StoredLot> {
    if *name == LotName::default() {
        let mut known = lots::of_product(act.tx, product.id)?;
        known.retain(|lot| !lot.quarantine && lot.lot.quantity != 0);
        match known.len() {
            0 => {}
            _ if known.iter().any(|lot| name.is(lot)) => {}
            1 => return Ok(known.remove(0)),
            _ => return refuse!("lot_ambiguous", lot: product.name),
        }
    }
    let size = pack_size(product, None)?;
    let origin = Origin { supplier: None, order: None, pack_cost: None, pack_size: size, received_at: act.now };
    name.find_or_open(act, product, &origin)
}

fn count(act: &Act<'_>, draft: &Draft, lot: &StoredLot, args: &CountArgs, units: i64) -> Result<()> {
    let before = if args.add { draft::counted(act.tx, draft, lot.id, &args.zone)? } else { 0 };
    let counted = before.saturating_add(units);
    if counted > MOST_UNITS {
        return refuse!("quantity_invalid", min: 0, max: MOST_UNITS);
    }
    let user = act.user.map(|uid| user_id(act.tx, uid)).transpose()?.unwrap_or(draft.user);
    let count = StoredCount { batch: lot.id, zone: args.zone.clone(), counted, counted_at: act.now, user };
    draft::count(act, draft, &count, args.add)
}
