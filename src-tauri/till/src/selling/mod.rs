//! The sale: from the scan to the receipt, and back if the hub refuses.

pub mod cancel;
pub mod cart;
pub mod commit;
pub mod discount;
pub mod history;
pub mod lots;
pub mod paper;
pub mod payments;
pub mod plan;
pub mod receipt;
pub mod refunds;
pub mod returned;
pub mod returns;
pub mod reversal;
pub mod scan;
pub mod settlement;
pub mod sums;
pub mod ticket;
pub mod to_settle;
pub mod view;

use officine_protocol::{limits::LARGEST, roles::Permission};

use crate::{
    act::{Act, user_id},
    catalogue::products::Product,
    engine::Till,
    error::Result,
    people::Session,
    refuse,
    views::{AddProductArgs, CartView, SetQuantityArgs, Topic},
};
use cart::{StoredCart, StoredLine};

/// The most of one unit a line may hold.
pub const MOST: i64 = 100_000;

impl Till {
    /// The open cart of whoever is signed in.
    pub fn cart(&self) -> Result<CartView> {
        let session = self.session()?;
        self.cart_of(&session)
    }

    fn cart_of(&self, session: &Session) -> Result<CartView> {
        let today = self.today();
        self.store.read(|connection| view::cart_view(connection, user_id(connection, session.user)?, today))
    }

    /// Changes the open cart on disk, then shows it.
    pub(crate) fn edit_cart(&self, edit: impl FnOnce(&mut Act<'_>, &StoredCart) -> Result<()>) -> Result<CartView> {
        let session = self.allow(Permission::Sell)?;
        self.act(Some(session.user), |act| {
            let cart = cart::open_or_create(act, session.user)?;
            edit(act, &cart)
        })?;
        self.cart_of(&session)
    }

    /// Adds a product found by name.
    pub fn add_product(&self, args: &AddProductArgs) -> Result<CartView> {
        check_count(args.count)?;
        self.edit_cart(|act, cart| {
            let product = Product::by_uid(act.tx, &args.product)?;
            add(act, cart, &product, args.unit, args.count, None)
        })
    }

    /// F2: how many, of which unit.
    pub fn set_quantity(&self, args: &SetQuantityArgs) -> Result<CartView> {
        check_count(args.count)?;
        self.edit_cart(|act, cart| {
            let line = cart.line(args.line)?;
            let product = Product::load(act.tx, line.product)?;
            let unit = args.unit.unwrap_or(line.unit);
            if product.unit(Some(unit)).is_none() {
                return refuse!("field_invalid", field: "unit");
            }
            let changed = StoredLine { count: args.count, unit, refused_available: None, ..line.clone() };
            cart::put_line(act.tx, cart.id, &changed)
        })
    }

    /// Removes a line.
    pub fn remove_line(&self, line: u32) -> Result<CartView> {
        self.edit_cart(|act, cart| {
            let line = cart.line(line)?.line;
            cart::remove_line(act.tx, cart, line)
        })
    }

    /// Empties the cart.
    pub fn clear_cart(&self) -> Result<CartView> {
        self.edit_cart(|act, cart| cart::delete(act.tx, cart.id))
    }

    /// « J'ai la boîte en main », on or off.
    pub fn mark_in_hand(&self, line: u32, in_hand: bool) -> Result<CartView> {
        let session = self.allow(Permission::InHand)?;
        let today = self.today();
        self.edit_cart(|act, cart| {
            let line = cart.line(line)?;
            if in_hand {
                let others = cart.lines.iter().filter(|other| other.in_hand && other.line != line.line).count();
                lots::check_in_hand_limit(act.tx, &session, others + 1, today)?;
            }
            cart::put_line(act.tx, cart.id, &StoredLine { in_hand, refused_available: None, ..line.clone() })
        })
    }
}

fn check_count(count: i64) -> Result<()> {
    if (1..=MOST).contains(&count) {
        return Ok(());
    }
    refuse!("quantity_invalid", min: 1, max: MOST)
}

/// Adds to the line of the same product, unit and lot, or begins one.
pub(crate) fn add(
    act: &Act<'_>,
    cart: &StoredCart,
    product: &Product,
    unit: Option<u32>,
    count: i64,
    scanned: Option<i64>,
) -> Result<()> {
    let unit = match product.unit(unit) {
        Some(unit) => unit.position,
        None => return refuse!("field_invalid", field: "unit"),
    };
    let same = |line: &&StoredLine| line.product == product.id && line.unit == unit && line.batch == scanned;
    let line = match cart.lines.iter().find(same) {
        Some(line) => {
            let sum = line.count.saturating_add(count).min(LARGEST);
            check_count(sum)?;
            StoredLine { count: sum, refused_available: None, ..line.clone() }
        }
        None if cart.lines.len() >= officine_protocol::limits::DOCUMENT_LINES => {
            return refuse!("quantity_invalid", min: 1, max: officine_protocol::limits::DOCUMENT_LINES);
        }
        None => StoredLine {
            line: cart.next_line(),
            product: product.id,
            unit,
            count,
            in_hand: false,
            batch: scanned,
            source: scanned.map(|_| "scanned".to_owned()),
            reason: None,
            refused_available: None,
            discount: None,
        },
    };
    cart::put_line(act.tx, cart.id, &line)
}

impl Till {
    pub(crate) fn cart_changed(&self) {
        self.changed(&[Topic::Cart]);
    }
}
