//! The lots of a product as they lie in the store.

use std::collections::{HashMap, HashSet};

use officine_protocol::{
    Uid,
    date::Date,
    entities::{PRODUCT, PRODUCT_BATCH},
    fefo::{Lot, Withheld},
    limits::LARGEST,
    params,
};
use rusqlite::{Connection, Row};

use crate::{
    error::{Error, Result},
    refuse,
    store::{
        ledger::Movement,
        rows::{self, read_uid},
    },
};

/// A lot with what the screens and the sale need of it.
#[derive(Clone, Debug)]
pub struct StoredLot {
    /// Local key.
    pub id: i64,
    /// As the rule sees it.
    pub lot: Lot,
    /// Empty for the nameless lot.
    pub number: String,
    /// Why it is blocked.
    pub blocked_reason: Option<String>,
    /// A recount is asked for.
    pub recount_open: bool,
    /// Francs one pack had cost.
    pub pack_cost: Option<i64>,
    /// Base units in that pack.
    pub pack_size: i64,
    /// Supplier's name.
    pub supplier: String,
    /// Local key of its product.
    pub product: i64,
    /// Boxes that came back, and are not to be sold before somebody has looked at them.
    pub quarantine: bool,
}

/// What `quantity` base units had cost where a pack of `size` had cost `pack_cost` francs, rounded half up. Every cost that
/// a movement freezes comes from here.
pub fn cost(pack_cost: i64, size: i64, quantity: i64) -> Option<i64> {
    let (cost, size) = (i128::from(pack_cost), i128::from(size.max(1)));
    let francs = (2 * cost * i128::from(quantity) + size) / (2 * size);
    i64::try_from(francs).ok().filter(|francs| *francs <= LARGEST)
}

impl StoredLot {
    /// Identity.
    pub fn uid(&self) -> Uid {
        self.lot.uid
    }

    /// Last good day as the window reads it.
    pub fn expiry_text(&self) -> Option<String> {
        self.lot.expiry.map(|expiry| expiry.to_string())
    }

    /// What `quantity` base units of it had cost, in francs, rounded half up.
    pub fn cost_of(&self, quantity: i64) -> Option<i64> {
        cost(self.pack_cost?, self.pack_size, quantity)
    }

    /// What a pack of it has cost on average once so many base units came in at that cost; as before where nobody knows it.
    pub fn pack_cost_with(&self, units: i64, cost: Option<i64>) -> Option<i64> {
        let Some(cost) = cost else { return self.pack_cost };
        let left = self.lot.quantity.max(0);
        let (worth, left) = self.cost_of(left).filter(|_| left > 0).map_or((0, 0), |worth| (worth, left));
        self::cost(worth.saturating_add(cost), left.saturating_add(units), self.pack_size)
    }

    /// What a document does to it of its own accord, at what it had cost.
    pub fn movement(&self, line: i64, delta: i64, source: &str) -> Movement {
        Movement {
            line,
            step: 0,
            batch: self.uid(),
            delta,
            source: source.to_owned(),
            lot_number: self.number.clone(),
            expiry: self.lot.expiry.map(Date::number),
            cost: self.cost_of(delta.saturating_abs()),
            reason: None,
        }
    }
}

/// Every lot of a product, in no order.
pub fn of_product(connection: &Connection, product: i64) -> Result<Vec<StoredLot>> {
    Ok(of_products(connection, &[product])?.remove(&product).unwrap_or_default())
}

/// What [`read`] reads of `product_batch b` and `supplier s`.
const COLUMNS: &str = "b.product_id, b.id, b.uid, b.quantity, b.expiry, b.blocked_reason, b.received_at, b.lot_number, \
    b.recount_open, b.pack_cost, b.pack_size, coalesce(s.name, ''), b.quarantine";

fn read(row: &Row<'_>) -> rusqlite::Result<StoredLot> {
    let blocked_reason: Option<String> = row.get(5)?;
    let lot = Lot {
        uid: read_uid(row, 2)?,
        quantity: row.get(3)?,
        expiry: row.get::<_, Option<i64>>(4)?.and_then(Date::from_number),
        blocked: blocked_reason.is_some(),
        received_at: row.get(6)?,
    };
    Ok(StoredLot {
        product: row.get(0)?,
        id: row.get(1)?,
        lot,
        number: row.get(7)?,
        blocked_reason,
        recount_open: row.get(8)?,
        pack_cost: row.get(9)?,
        pack_size: row.get(10)?,
        supplier: row.get(11)?,
        quarantine: row.get(12)?,
    })
}

/// Every lot of several products, by local key, in one query.
pub fn of_products(connection: &Connection, products: &[i64]) -> Result<HashMap<i64, Vec<StoredLot>>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM json_each(?1) j CROSS JOIN product_batch b ON b.product_id = j.value \
         LEFT JOIN supplier s ON s.id = b.supplier_id WHERE b.archived_at IS NULL"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([keys(products)])?;
    let mut lots: HashMap<i64, Vec<StoredLot>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let lot = read(row)?;
        lots.entry(lot.product).or_default().push(lot);
    }
    Ok(lots)
}

/// The lots with something in them whose last good day is `last` or earlier, with the local key of their product.
pub fn expiring(connection: &Connection, last: Date) -> Result<Vec<(i64, StoredLot)>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM product_batch b LEFT JOIN supplier s ON s.id = b.supplier_id \
         WHERE b.expiry <= ?1 AND b.quantity > 0 AND b.archived_at IS NULL"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([last.number()], |row| read(row).map(|lot| (lot.product, lot)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A lot by local key.
pub fn load(connection: &Connection, id: i64) -> Result<StoredLot> {
    let sql =
        format!("SELECT {COLUMNS} FROM product_batch b LEFT JOIN supplier s ON s.id = b.supplier_id WHERE b.id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([id], read)?)
}

/// A lot by uid, as commands name it.
pub fn by_uid(connection: &Connection, uid: &str) -> Result<StoredLot> {
    let id = Uid::try_parse(uid).ok().map(|uid| rows::id_of(connection, &PRODUCT_BATCH, uid)).transpose()?.flatten();
    let missing = || Error::refused("reference_missing", params! { entity: PRODUCT_BATCH.name, uid: uid });
    load(connection, id.ok_or_else(missing)?)
}

/// A lot that is not archived, of a product that is not: no other is corrected or counted.
pub fn living(connection: &Connection, uid: &str) -> Result<StoredLot> {
    let lot = by_uid(connection, uid)?;
    let sql = "SELECT b.archived_at IS NOT NULL, p.archived_at IS NOT NULL FROM product_batch b \
               JOIN product p ON p.id = b.product_id WHERE b.id = ?1";
    match connection.prepare_cached(sql)?.query_row([lot.id], |row| Ok((row.get(0)?, row.get(1)?)))? {
        (true, _) => refuse!("row_archived", entity: PRODUCT_BATCH.name),
        (_, true) => refuse!("row_archived", entity: PRODUCT.name),
        _ => Ok(lot),
    }
}

/// Which of several products have something to sell on a day.
pub fn sellable(connection: &Connection, products: &[i64], day: Date) -> Result<HashSet<i64>> {
    let sql = "SELECT DISTINCT b.product_id FROM json_each(?1) j CROSS JOIN product_batch b ON b.product_id = j.value \
               WHERE b.quantity > 0 AND b.blocked_reason IS NULL AND b.archived_at IS NULL \
               AND (b.expiry IS NULL OR b.expiry >= ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((keys(products), day.number()), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Local keys as a statement takes a list of them.
pub fn keys(ids: &[i64]) -> String {
    serde_json::Value::from(ids).to_string()
}

/// The rule's view of several lots.
pub fn rule_view(lots: &[StoredLot]) -> Vec<Lot> {
    lots.iter().map(|stored| stored.lot.clone()).collect()
}

/// Why a lot may not be sold, as a problem.
pub fn withheld_problem(stored: &StoredLot, why: Withheld) -> Error {
    match why {
        Withheld::Expired => {
            let expiry = stored.expiry_text().unwrap_or_default();
            Error::refused("lot_expired", params! { lot: stored.number, expiry: expiry })
        }
        Withheld::Blocked => {
            let reason = stored.blocked_reason.clone().unwrap_or_default();
            Error::refused("lot_blocked", params! { lot: stored.number, reason: reason })
        }
    }
}
