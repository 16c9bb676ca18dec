//! Who may do what. Enforced by the engine and by the hub; the window only hides.

use serde::{Deserialize, Serialize};

/// A role, from the least to the most powerful.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Sells.
    Cashier,
    /// Sells and answers for the lots.
    Pharmacist,
    /// Runs the shop.
    Manager,
    /// Owns it.
    Owner,
}

/// An act that needs a role.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Permission {
    /// Record a sale.
    Sell,
    /// Take another lot than FEFO would.
    ChooseLot,
    /// Sell what the book says is not there.
    InHand,
    /// Attach an unknown code to a product.
    AttachCode,
    /// Give a discount, within the limit of one's role.
    Discount,
    /// Cancel one's last ticket.
    CancelTicket,
    /// Take goods back from a customer.
    ReturnSale,
    /// Decide what becomes of a refused ticket.
    SettleSale,
    /// Sell on a customer's account, and take repayments.
    Credit,
    /// Record customers.
    EditCustomer,
    /// Say how much a customer may owe.
    SetCeiling,
    /// Open, feed and close a drawer.
    CashSession,
    /// Record what the shop spends.
    Expense,
    /// Note what customers asked for in vain.
    RequestProduct,
    /// Count lots.
    CountStock,
    /// Close a stocktake.
    CloseStocktake,
    /// Correct, destroy, convert and transfer stock.
    AdjustStock,
    /// Block lots, recall them.
    Recall,
    /// Order from suppliers.
    Order,
    /// Receive goods.
    Receive,
    /// Send goods back to a supplier.
    ReturnToSupplier,
    /// Edit suppliers and lots.
    EditCatalogue,
    /// Create and archive products.
    EditProduct,
    /// Set a price.
    SetPrice,
    /// Import a catalogue, load opening stock.
    Import,
    /// Change the pharmacy's settings.
    Settings,
    /// Create, edit and archive users below one's own role.
    ManageUsers,
    /// Let a locked user try again.
    UnlockUser,
    /// Act on the queue.
    SeeSync,
    /// See what goods had cost.
    SeeCost,
    /// Settle what two tills changed at once.
    ResolveConflicts,
}

/// Every permission, its name on the wire, and the least role that has it.
pub const PERMISSIONS: [(Permission, &str, Role); 31] = [
    (Permission::Sell, "sell", Role::Cashier),
    (Permission::ChooseLot, "choose_lot", Role::Cashier),
    (Permission::InHand, "in_hand", Role::Cashier),
    (Permission::AttachCode, "attach_code", Role::Cashier),
    (Permission::Discount, "discount", Role::Cashier),
    (Permission::CancelTicket, "cancel_ticket", Role::Cashier),
    (Permission::ReturnSale, "return_sale", Role::Pharmacist),
    (Permission::SettleSale, "settle_sale", Role::Manager),
    (Permission::Credit, "credit", Role::Cashier),
    (Permission::EditCustomer, "edit_customer", Role::Cashier),
    (Permission::SetCeiling, "set_ceiling", Role::Manager),
    (Permission::CashSession, "cash_session", Role::Cashier),
    (Permission::Expense, "expense", Role::Pharmacist),
    (Permission::RequestProduct, "request_product", Role::Cashier),
    (Permission::CountStock, "count_stock", Role::Cashier),
    (Permission::CloseStocktake, "close_stocktake", Role::Pharmacist),
    (Permission::AdjustStock, "adjust_stock", Role::Pharmacist),
    (Permission::Recall, "recall", Role::Pharmacist),
    (Permission::Order, "order", Role::Pharmacist),
    (Permission::Receive, "receive", Role::Pharmacist),
    (Permission::ReturnToSupplier, "return_to_supplier", Role::Pharmacist),
    (Permission::EditCatalogue, "edit_catalogue", Role::Pharmacist),
    (Permission::EditProduct, "edit_product", Role::Manager),
    (Permission::SetPrice, "set_price", Role::Manager),
    (Permission::Import, "import", Role::Manager),
    (Permission::Settings, "settings", Role::Manager),
    (Permission::ManageUsers, "manage_users", Role::Manager),
    (Permission::UnlockUser, "unlock_user", Role::Manager),
    (Permission::SeeSync, "see_sync", Role::Manager),
    (Permission::SeeCost, "see_cost", Role::Manager),
    (Permission::ResolveConflicts, "resolve_conflicts", Role::Manager),
];

impl Permission {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        PERMISSIONS.iter().find(|(p, ..)| *p == self).map_or("", |(_, name, _)| name)
    }
}

impl Role {
    /// Whether this role may.
    pub fn may(self, permission: Permission) -> bool {
        PERMISSIONS.iter().any(|(p, _, least)| *p == permission && self >= *least)
    }

    /// The names of all it may.
    pub fn permissions(self) -> impl Iterator<Item = &'static str> {
        PERMISSIONS.iter().filter(move |(.., least)| self >= *least).map(|(_, name, _)| *name)
    }

    /// Its name in tables and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cashier => "cashier",
            Self::Pharmacist => "pharmacist",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Cashier, Self::Pharmacist, Self::Manager, Self::Owner].into_iter().find(|role| role.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cashier_sells_and_does_not_price() {
        assert!(Role::Cashier.may(Permission::Sell));
        assert!(!Role::Cashier.may(Permission::SetPrice));
        assert!(Role::Manager.may(Permission::SetPrice));
        assert_eq!(Role::Owner.permissions().count(), PERMISSIONS.len());
        assert_eq!(Role::parse(Role::Pharmacist.name()), Some(Role::Pharmacist));
    }
}
