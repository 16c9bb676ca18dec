//! Goods go back to a supplier: expired, recalled, damaged. One document, with the credit that is expected.

use officine_protocol::{
    entities::{SUPPLIER, SUPPLIER_RETURN},
    record::Record,
    roles::Permission,
};

use crate::{
    adjusting::{self, amount, bounded, document, reason, take},
    engine::Till,
    error::Result,
    store::{ledger::Movement, rows::read_uid},
    views::{StockDocumentView, SupplierReturnArgs, SupplierReturnRow},
};

const REFERENCE_CHARS: usize = 64;
const MOST_ROWS: u32 = 200;

impl Till {
    /// Sends goods back.
    pub fn return_to_supplier(&self, args: &SupplierReturnArgs) -> Result<StockDocumentView> {
        self.move_stock(Permission::ReturnToSupplier, |act| {
            let reason = reason(&args.reason)?;
            let reference = bounded(&args.reference, REFERENCE_CHARS, "reference")?;
            let (_, supplier) = adjusting::supplier(act.tx, &args.supplier)?;
            let movements = take(act, &args.lines, "returned")?;
            if !args.below_zero {
                document::check_covered(act.tx, &movements)?;
            }
            let mut document = Record::new(&SUPPLIER_RETURN, act.mint(), act.now);
            document.set(&SUPPLIER_RETURN, "supplier", supplier).set(&SUPPLIER_RETURN, "user", act.user);
            document.set(&SUPPLIER_RETURN, "reason", reason).set(&SUPPLIER_RETURN, "occurred_at", act.now);
            document.set(&SUPPLIER_RETURN, "reference", Some(reference).filter(|text| !text.is_empty()));
            document.set(&SUPPLIER_RETURN, "credit", amount(args.credit, "credit")?);
            if let Some(part) = document.part_mut(&SUPPLIER_RETURN, "movements") {
                *part = movements.iter().map(Movement::values).collect();
            }
            act.create(&SUPPLIER_RETURN, &mut document)?;
            document::view(act.tx, document.uid, &movements)
        })
    }

    /// What went back, newest first.
    pub fn list_supplier_returns(&self, limit: u32) -> Result<Vec<SupplierReturnRow>> {
        self.session()?;
        let costs = self.sees_costs();
        self.store.read(|connection| {
            let number = crate::store::ledger::number_of(&SUPPLIER_RETURN);
            let sql = format!(
                "SELECT r.uid, r.occurred_at, s.name, u.name, r.reason, coalesce(r.reference, ''), r.credit, \
                 coalesce(-sum(m.delta), 0), coalesce(sum(m.cost), 0) FROM supplier_return r \
                 JOIN \"{}\" s ON s.id = r.supplier_id JOIN \"user\" u ON u.id = r.user_id \
                 LEFT JOIN stock_movement m ON m.document_kind = {number} AND m.document_id = r.id \
                 GROUP BY r.id ORDER BY r.occurred_at DESC, r.id DESC LIMIT ?1",
                SUPPLIER.table
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([limit.clamp(1, MOST_ROWS)], |row| {
                Ok(SupplierReturnRow {
                    uid: read_uid(row, 0)?.to_string(),
                    occurred_at: row.get(1)?,
                    supplier_name: row.get(2)?,
                    user: row.get(3)?,
                    reason: row.get(4)?,
                    reference: row.get(5)?,
                    credit: row.get(6)?,
                    units: row.get(7)?,
                    cost: if costs { row.get(8)? } else { None },
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}
