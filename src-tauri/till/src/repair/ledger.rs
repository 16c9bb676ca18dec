//! The ledger is the truth: a lot that holds another quantity than its movements say holds their sum again.

use officine_protocol::{
    Uid,
    entities::PRODUCT_BATCH,
    fault::{Fault, armed},
    params,
};

use super::{Repair, journal::Finding};
use crate::{
    error::Result,
    store::{checks, ledger},
    sync::walk,
};

impl Repair<'_, '_> {
    /// Looks at every lot. While history is still missing here, quantities are the hub's and no sums.
    pub fn ledger(&mut self) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let exact = till.store.read(walk::exact)? && !armed(Fault::LedgerTrusted);
        let wrong = if exact { till.store.read(checks::ledger_differences)? } else { Vec::new() };
        if wrong.is_empty() {
            return Ok(());
        }
        till.store.write(|tx| {
            for (lot, old, new) in wrong {
                let Ok(uid) = Uid::from_slice(&lot) else { continue };
                let found = Finding::new("ledger", &PRODUCT_BATCH, uid);
                ledger::shift(tx, &lot, new - old)?;
                journal.mended(tx, &found.with(params! { field: "quantity", old: old, new: new }), "recomputed")?;
            }
            Ok(())
        })
    }
}
