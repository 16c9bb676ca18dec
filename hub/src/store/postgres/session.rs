//! A transaction on a PostgreSQL connection.

use async_trait::async_trait;
use deadpool_postgres::Object;
use officine_protocol::{sql::Dialect, value::Value};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::{
    super::session::{Affinity, Bulk, Cells, Param, Session},
    failure::failure,
};
use crate::StoreError;

/// Binds what follows in the transaction to a pharmacy: row-level security reads it.
pub(super) fn binding(pharmacy: i64) -> String {
    format!("SELECT set_config('officine.pharmacy', '{pharmacy}', true)")
}

pub(super) struct PostgresSession<'a>(pub &'a mut Object);

fn bound(param: &Param) -> &(dyn ToSql + Sync) {
    match param {
        Param::One(value) => value,
        Param::Ints(list) => list,
        Param::Texts(list) => list,
        Param::Blobs(list) => list,
    }
}

#[async_trait]
impl Session for PostgresSession<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn enter(&mut self, pharmacy: i64) -> Result<(), StoreError> {
        self.run(&binding(pharmacy)).await
    }

    async fn query(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Cells>, StoreError> {
        let statement = self.0.prepare_cached(sql).await.map_err(failure)?;
        let params: Vec<_> = params.iter().map(bound).collect();
        let rows = self.0.query(&statement, &params).await.map_err(failure)?;
        rows.iter().map(cells).collect()
    }

    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64, StoreError> {
        let statement = self.0.prepare_cached(sql).await.map_err(failure)?;
        let params: Vec<_> = params.iter().map(bound).collect();
        self.0.execute(&statement, &params).await.map_err(failure)
    }

    async fn write(&mut self, bulk: Bulk) -> Result<(), StoreError> {
        let statement = self.0.prepare_cached(&bulk.sql).await.map_err(failure)?;
        let columns: Vec<Box<dyn ToSql + Sync + Send>> =
            bulk.columns.iter().enumerate().map(|(place, affinity)| column(&bulk.rows, place, *affinity)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| &**column as &(dyn ToSql + Sync)).collect();
        self.0.execute(&statement, &params).await.map_err(failure).map(|_| ())
    }

    async fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.batch_execute(sql).await.map_err(failure)
    }
}

/// One column of many rows, as a list.
fn column(rows: &[Vec<Value>], place: usize, affinity: Affinity) -> Box<dyn ToSql + Sync + Send> {
    let cells = rows.iter().map(|row| row.get(place).unwrap_or(&Value::Null));
    match affinity {
        Affinity::Int => Box::new(cells.map(Value::int).collect::<Vec<_>>()),
        Affinity::Text => Box::new(cells.map(|value| value.text().map(str::to_owned)).collect::<Vec<_>>()),
        Affinity::Blob => Box::new(cells.map(blob).collect::<Vec<_>>()),
    }
}

fn blob(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(bytes) => Some(bytes.clone()),
        Value::Uid(uid) => Some(uid.as_bytes().to_vec()),
        _ => None,
    }
}

fn cells(row: &Row) -> Result<Cells, StoreError> {
    let cell = |(place, column): (usize, &tokio_postgres::Column)| match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(place).map(|cell| cell.map_or(Value::Null, Value::Int)),
        Type::TEXT => row.try_get::<_, Option<String>>(place).map(|cell| cell.map_or(Value::Null, Value::Text)),
        _ => row.try_get::<_, Option<Vec<u8>>>(place).map(|cell| cell.map_or(Value::Null, Value::Bytes)),
    };
    Ok(Cells(row.columns().iter().enumerate().map(cell).collect::<Result<_, _>>().map_err(failure)?))
}
