//! What people do at a till, through the engine's public functions. What exactly is drawn from the step's own chance and
//! from what the till shows, as a person would choose.

mod again;
mod conflicts;
mod goods;
mod money;
mod selling;
mod settling;

use officine_protocol::Uid;
use officine_till::{Error, Result, Till, demo::random::Random, views::ListProductsArgs};

/// What came of an act.
#[derive(Debug, Default)]
pub struct Done {
    /// In words, for the trace.
    pub said: String,
    /// A ticket that was acknowledged: its entity, its uid, its total.
    pub ticket: Option<(&'static str, Uid, i64)>,
    /// A resolution was taken back.
    pub undone: bool,
}

impl Done {
    fn said(said: impl Into<String>) -> Self {
        Self { said: said.into(), ..Self::default() }
    }
}

macro_rules! acts {
    ($($(#[doc = $doc:literal])+ $name:ident $weight:literal $function:path;)+) => {
        /// An act, its weight beside it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Act { $($(#[doc = $doc])+ $name,)+ }

        const WEIGHTS: &[(Act, u32)] = &[$((Act::$name, $weight),)+];

        impl Act {
            /// Does it.
            pub fn perform(self, till: &Till, random: &mut Random) -> Result<Done> {
                match self { $(Self::$name => $function(till, random),)+ }
            }
        }
    };
}

acts! {
    /// A ticket of some lines.
    Sell 30 selling::sell;
    /// All that is left of a product.
    SellOut 6 selling::sell_out;
    /// More than the book says there is.
    InHand 4 selling::in_hand;
    /// On a customer's account.
    OnCredit 4 selling::on_credit;
    /// Goods come back.
    Return 6 selling::take_back;
    /// The last ticket is cancelled.
    Cancel 3 selling::cancel;
    /// What becomes of a refused ticket.
    Settle 5 settling::settle;
    /// A paper that waits comes out.
    Print 2 settling::print;
    /// Goods arrive without an order.
    Receive 6 goods::receive;
    /// Stock that was never booked.
    Open 3 goods::open;
    /// A lot is corrected.
    Correct 4 goods::correct;
    /// Goods are destroyed.
    Destroy 3 goods::destroy;
    /// Some lots are counted.
    Count 6 goods::count;
    /// A new product, maybe the same as another till's.
    NewProduct 2 goods::new_product;
    /// A product gets another name, or another place.
    EditProduct 4 goods::edit_product;
    /// A price changes.
    EditPrice 3 goods::edit_price;
    /// A lot is blocked, or let go.
    BlockLot 2 goods::block_lot;
    /// A new supplier, maybe the same as another till's.
    NewSupplier 3 goods::new_supplier;
    /// A supplier moves.
    EditSupplier 4 goods::edit_supplier;
    /// A supplier is archived.
    ArchiveSupplier 1 goods::archive_supplier;
    /// A new customer, maybe with another's number.
    NewCustomer 3 money::new_customer;
    /// A customer moves.
    EditCustomer 4 money::edit_customer;
    /// A customer pays back.
    Repay 3 money::repay;
    /// The shop spends.
    Expense 2 money::expense;
    /// A drawer is opened, fed or closed.
    Drawer 5 money::drawer;
    /// Somebody's name is written otherwise.
    EditUser 2 money::edit_user;
    /// A policy changes.
    Setting 2 money::setting;
    /// What was just edited, and is not answered, is edited once more.
    EditAgain 6 again::edit;
    /// What others edit too is edited here.
    Quarrel 8 conflicts::quarrel;
    /// Who wins where edits meet is chosen anew.
    Choose 2 conflicts::choose;
    /// A conflict is resolved.
    Resolve 4 conflicts::resolve;
    /// All that wait are resolved.
    ResolveAll 1 conflicts::resolve_all;
    /// A resolution is taken back.
    Undo 2 conflicts::undo;
}

/// What those do who cannot agree.
const QUARRELS: &[(Act, u32)] =
    &[(Act::Quarrel, 10), (Act::Resolve, 4), (Act::ResolveAll, 1), (Act::Choose, 2), (Act::Undo, 3)];

impl Act {
    /// One by weight.
    pub fn draw(random: &mut Random) -> Self {
        Self::among(WEIGHTS, random)
    }

    /// One where nobody agrees.
    pub fn quarrel(random: &mut Random) -> Self {
        Self::among(QUARRELS, random)
    }

    fn among(acts: &[(Self, u32)], random: &mut Random) -> Self {
        let all: u32 = acts.iter().map(|(_, weight)| weight).sum();
        let mut at = random.index(all as usize) as u32;
        for (act, weight) in acts {
            if at < *weight {
                return *act;
            }
            at -= weight;
        }
        Self::Sell
    }
}

/// Identities of the products this till offers.
fn products(till: &Till) -> Result<Vec<String>> {
    let page = till.list_products(&ListProductsArgs { text: String::new(), standing: None, offset: 0, limit: 100 })?;
    Ok(page.rows.into_iter().map(|row| row.uid).collect())
}

fn pick<'a, T>(random: &mut Random, list: &'a [T]) -> Result<&'a T> {
    let place = random.index(list.len());
    list.get(place).ok_or_else(|| Error::refused("nothing_there", Default::default()))
}

fn uid_in(json: &serde_json::Value) -> String {
    json["uid"].as_str().unwrap_or_default().to_owned()
}
