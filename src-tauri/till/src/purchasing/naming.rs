//! « Nommer les lots »: boxes received before anybody read them move from the nameless lot to the lots they bear. The
//! movements of the document sum to zero.

use officine_protocol::roles::Permission;

use crate::{
    adjusting::{
        base_units, check_lines,
        document::{self, Head},
        keep_blocked,
        lots::LotName,
        origin_of, transfer,
    },
    catalogue::{lots, products::Product},
    engine::Till,
    error::Result,
    refuse,
    store::ledger::Movement,
    views::{NameLotsArgs, StockDocumentView},
};

impl Till {
    /// Names the lots of boxes that have none yet.
    pub fn name_lots(&self, args: &NameLotsArgs) -> Result<StockDocumentView> {
        self.move_stock(Permission::Receive, |act| {
            check_lines(args.parts.len())?;
            let from = lots::living(act.tx, &args.batch)?;
            if !from.number.is_empty() || from.quarantine {
                return refuse!("lot_not_nameless", lot: from.number);
            }
            let product = Product::load(act.tx, from.product)?;
            let mut movements: Vec<Movement> = Vec::new();
            for (place, part) in args.parts.iter().enumerate() {
                let name = LotName::read(&part.lot)?;
                if name.number.is_empty() {
                    return refuse!("field_invalid", field: "lotNumber", why: "missing");
                }
                let units = base_units(&product, part.quantity, 1)?;
                let origin = origin_of(act.tx, &from)?;
                let to = name.take_in(act, &product, &origin, (units, from.cost_of(units)))?;
                keep_blocked(act, &from, &to)?;
                movements.extend(transfer(&from, &to, place as i64 + 1, units, units, "named"));
            }
            document::check_covered(act.tx, &movements)?;
            let uid = Head::new("transfer", String::new()).record(act, &movements)?;
            document::view(act.tx, uid, &movements)
        })
    }
}
