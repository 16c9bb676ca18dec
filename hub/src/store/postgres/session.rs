//! A transaction on a PostgreSQL connection.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use async_trait::async_trait;
use deadpool_postgres::Object;
use officine_protocol::{sql::Dialect, value::Value};
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::{
    super::session::{Affinity, Bulk, Cells, Param, Query, Session},
    failure::failure,
};
use crate::StoreError;

/// Binds what follows in the transaction to a pharmacy: row-level security reads it.
pub(super) fn binding(pharmacy: i64) -> String {
    format!("SELECT set_config('officine.pharmacy', '{pharmacy}', true)")
}

/// A request on its way: sent by its first poll, in the order of these, and answered later.
pub(super) struct Sent<'a, T> {
    request: Pin<Box<dyn Future<Output = T> + Send + 'a>>,
    answer: Option<T>,
}

impl<'a, T> Sent<'a, T> {
    pub fn new(request: impl Future<Output = T> + Send + 'a) -> Self {
        Self { request: Box::pin(request), answer: None }
    }

    /// Hands the request to the connection, and waits for nothing.
    pub async fn send(&mut self) {
        self.answer = poll_fn(|context| {
            Poll::Ready(match self.request.as_mut().poll(context) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            })
        })
        .await;
    }

    /// Waits for the answer.
    pub async fn answer(self) -> T {
        match self.answer {
            Some(answer) => answer,
            None => self.request.await,
        }
    }
}

/// Sends all, then hears all. The first error is what the others failed by.
async fn pipelined<T>(requests: Vec<Sent<'_, Result<T, tokio_postgres::Error>>>) -> Result<Vec<T>, StoreError> {
    let mut sent = Vec::with_capacity(requests.len());
    for mut request in requests {
        request.send().await;
        sent.push(request);
    }
    let mut answers = Vec::with_capacity(sent.len());
    for request in sent {
        answers.push(request.answer().await);
    }
    answers.into_iter().map(|answer| answer.map_err(failure)).collect()
}

pub(super) struct PostgresSession<'a>(pub &'a Object);

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
        let columns = columns(&bulk);
        let params: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| &**column as &(dyn ToSql + Sync)).collect();
        self.0.execute(&statement, &params).await.map_err(failure).map(|_| ())
    }

    async fn query_all(&mut self, queries: Vec<Query>) -> Result<Vec<Vec<Cells>>, StoreError> {
        let mut statements = Vec::with_capacity(queries.len());
        for query in &queries {
            statements.push(self.0.prepare_cached(&query.sql).await.map_err(failure)?);
        }
        let params: Vec<Vec<_>> = queries.iter().map(|query| query.params.iter().map(bound).collect()).collect();
        let client = self.0;
        let asked =
            statements.iter().zip(&params).map(|(statement, params)| Sent::new(client.query(statement, params)));
        let found = pipelined(asked.collect()).await?;
        found.iter().map(|rows| rows.iter().map(cells).collect()).collect()
    }

    async fn write_all(&mut self, bulks: Vec<Bulk>) -> Result<(), StoreError> {
        let mut statements = Vec::with_capacity(bulks.len());
        for bulk in &bulks {
            statements.push(self.0.prepare_cached(&bulk.sql).await.map_err(failure)?);
        }
        let columns: Vec<Vec<Column>> = bulks.iter().map(columns).collect();
        let params: Vec<Vec<_>> =
            columns.iter().map(|columns| columns.iter().map(|column| &**column as _).collect()).collect();
        let client = self.0;
        let sent = statements
            .iter()
            .zip(&params)
            .map(|(statement, params): (_, &Vec<&(dyn ToSql + Sync)>)| Sent::new(client.execute(statement, params)));
        pipelined(sent.collect()).await.map(|_| ())
    }

    async fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.batch_execute(sql).await.map_err(failure)
    }
}

type Column = Box<dyn ToSql + Sync + Send>;

fn columns(bulk: &Bulk) -> Vec<Column> {
    bulk.columns.iter().enumerate().map(|(place, affinity)| column(&bulk.rows, place, *affinity)).collect()
}

/// One column of many rows, as a list.
fn column(rows: &[Vec<Value>], place: usize, affinity: Affinity) -> Column {
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
