//! Pharmacies, one-time codes, and what support staff ask about.

use officine_protocol::{Uid, entities::in_order, sql::Dialect};

use super::{
    NewPharmacy, Standing, StockFilter, StockLine, migrate,
    session::{Cells, Param, Session},
};
use crate::{StoreError, secrets::Hash};

pub(crate) async fn create_pharmacy(session: &mut dyn Session, pharmacy: &NewPharmacy) -> Result<(), StoreError> {
    let dialect = session.dialect();
    let p: Vec<String> = (1..=4).map(|n| dialect.parameter(n)).collect();
    let sql = format!(
        "INSERT INTO pharmacy (id, epoch, revision, next_id, next_series, next_device, uid, name, pin_secret, \
         created_at) SELECT coalesce(max(id), 0) + 1, 1, 0, 1, 1, 1, {} FROM pharmacy",
        [("bytea", 0), ("text", 1), ("bytea", 2), ("bigint", 3)]
            .map(|(kind, place)| match dialect {
                Dialect::Sqlite => p[place].clone(),
                Dialect::Postgres => format!("{}::{kind}", p[place]),
            })
            .join(", ")
    );
    let params: [Param; 4] =
        [pharmacy.uid.into(), pharmacy.name.as_str().into(), Param::bytes(&pharmacy.pin_secret), pharmacy.now.into()];
    session.execute(&sql, &params).await.map(|_| ())
}

pub(crate) async fn pharmacies(session: &mut dyn Session) -> Result<Vec<(Uid, String)>, StoreError> {
    let rows = session.query("SELECT uid, name FROM pharmacy ORDER BY id", &[]).await?;
    rows.iter().map(|row| Ok((row.uid(0)?, row.text(1)?.to_owned()))).collect()
}

pub(crate) async fn pharmacy(session: &mut dyn Session, uid: Uid) -> Result<i64, StoreError> {
    let sql = format!("SELECT id FROM pharmacy WHERE uid = {}", session.dialect().parameter(1));
    session.query(&sql, &[uid.into()]).await?.first().ok_or(StoreError::Unknown("pharmacy"))?.int(0)
}

pub(crate) async fn create_code(
    session: &mut dyn Session,
    pharmacy: Uid,
    code: Hash,
    expires_at: i64,
) -> Result<(), StoreError> {
    let [uid, hash, expires] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let sql = format!("SELECT id FROM pharmacy WHERE uid = {uid}");
    let rows = session.query(&sql, &[pharmacy.into()]).await?;
    let id = rows.first().ok_or(StoreError::Unknown("pharmacy"))?.int(0)?;
    let sql =
        format!("INSERT INTO enrolment_code (pharmacy_id, code_hash, expires_at) VALUES ({uid}, {hash}, {expires})");
    session.execute(&sql, &[id.into(), Param::bytes(&code), expires_at.into()]).await.map(|_| ())
}

/// Every column of every table that is not the database's own: table, column.
pub(crate) async fn columns(session: &mut dyn Session) -> Result<Vec<(String, String)>, StoreError> {
    let sql = match session.dialect() {
        Dialect::Sqlite => {
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' \
             AND m.name NOT LIKE 'sqlite_%'"
        }
        Dialect::Postgres => {
            "SELECT c.relname::text, a.attname::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
             WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 \
             AND NOT a.attisdropped"
        }
    };
    let rows = session.query(sql, &[]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

pub(crate) async fn standing(session: &mut dyn Session, pharmacy: i64) -> Result<Standing, StoreError> {
    let n = session.dialect().parameter(1);
    let sql = format!("SELECT epoch, revision FROM pharmacy WHERE id = {n}");
    let counters = session.query(&sql, &[pharmacy.into()]).await?;
    let counters = counters.first().ok_or(StoreError::Unknown("pharmacy"))?;
    let mut rows = Vec::new();
    for entity in in_order() {
        let sql = format!("SELECT count(*) FROM \"{}\" WHERE pharmacy_id = {n}", entity.table);
        let counted = session.query(&sql, &[pharmacy.into()]).await?;
        rows.push((entity.name, counted.first().map_or(Ok(0), |row| row.int(0))?));
    }
    Ok(Standing { epoch: counters.int(0)?, revision: counters.int(1)?, rows })
}

/// Whether the tables are those this hub knows.
pub(crate) async fn current(session: &mut dyn Session) -> Result<bool, StoreError> {
    let runner = match session.dialect() {
        Dialect::Sqlite => migrate::sqlite::migrations::runner(),
        Dialect::Postgres => migrate::postgres::migrations::runner(),
    };
    let sql = "SELECT CAST(coalesce(max(version), 0) AS bigint) FROM refinery_schema_history";
    let found = session.query(sql, &[]).await?.first().map_or(Ok(0), |row| row.int(0))?;
    Ok(found == migrate::newest(&runner))
}

pub(crate) async fn stock(session: &mut dyn Session, filter: &StockFilter) -> Result<Vec<StockLine>, StoreError> {
    let mut lines = Vec::new();
    for row in session.query("SELECT id, uid FROM pharmacy ORDER BY id", &[]).await? {
        let (id, uid) = (row.int(0)?, row.uid(1)?);
        if filter.pharmacy.is_none_or(|wanted| wanted == uid) {
            session.enter(id).await?;
            lines.extend(stock_of(session, id, filter).await?);
        }
    }
    Ok(lines)
}

async fn stock_of(
    session: &mut dyn Session,
    pharmacy: i64,
    filter: &StockFilter,
) -> Result<Vec<StockLine>, StoreError> {
    let dialect = session.dialect();
    let mut params: Vec<Param> = vec![pharmacy.into()];
    let mut conditions = vec![format!("b.pharmacy_id = {} AND b.archived_at IS NULL", dialect.parameter(1))];
    let mut add = |condition: &str, param: Param| {
        params.push(param);
        conditions.push(condition.replace("{}", &dialect.parameter(params.len())));
    };
    if let Some(product) = filter.product {
        add("p.uid = {}", product.into());
    }
    if let Some(code) = &filter.code {
        let known = "EXISTS (SELECT 1 FROM product_code c WHERE c.pharmacy_id = p.pharmacy_id \
                     AND c.product_id = p.id AND c.code = {})";
        add(known, code.as_str().into());
    }
    let sql = format!(
        "SELECT p.uid, p.name, (SELECT c.code FROM product_code c WHERE c.pharmacy_id = p.pharmacy_id \
         AND c.product_id = p.id ORDER BY c.position LIMIT 1), b.uid, b.lot_number, b.expiry, b.quantity, \
         b.recount_open FROM product_batch b JOIN product p ON p.pharmacy_id = b.pharmacy_id AND p.id = b.product_id \
         WHERE {} ORDER BY p.name, p.uid, b.expiry, b.uid",
        conditions.join(" AND ")
    );
    let line = |row: &Cells| {
        Ok(StockLine {
            product: row.uid(0)?,
            name: row.text(1)?.to_owned(),
            code: row.text(2).ok().map(str::to_owned),
            batch: row.uid(3)?,
            lot_number: row.text(4)?.to_owned(),
            expiry: row.maybe_int(5),
            quantity: row.int(6)?,
            recount_open: row.int(7)? != 0,
        })
    };
    session.query(&sql, &params).await?.iter().map(line).collect()
}
