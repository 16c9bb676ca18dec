//! A hub's database seen from inside, past the hub: rows put there, and all that a pharmacy has.

use std::{collections::BTreeMap, path::PathBuf};

use officine_hub::Place;
use officine_protocol::{
    Uid,
    entities::in_order,
    sql::{Dialect, Place as Side, insert_part, upsert, written},
    value::{Value, hex},
};
use rusqlite::types::ValueRef;
use tempfile::TempDir;
use tokio_postgres::{NoTls, types::ToSql};

use crate::{
    cluster::{Cluster, Database},
    shop::NOON,
    specimen::{Names, specimen},
};

/// A database of its own, and the way in.
pub enum Inside {
    Sqlite(TempDir),
    Postgres { database: Database, _cluster: Cluster },
}

pub type Rows = BTreeMap<String, Vec<String>>;

impl Inside {
    pub fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub fn postgres() -> Self {
        let cluster = Cluster::start();
        Self::Postgres { database: cluster.database("inside"), _cluster: cluster }
    }

    pub fn place(&self) -> Place {
        match self {
            Self::Sqlite(folder) => Place::Folder(folder.path().to_owned()),
            Self::Postgres { database, .. } => {
                Place::Url { app: database.app.clone(), owner: Some(database.owner.clone()) }
            }
        }
    }

    fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres { .. } => Dialect::Postgres,
        }
    }

    fn file(folder: &TempDir) -> PathBuf {
        folder.path().join("hub.db")
    }

    /// Runs statements past every rule but those of the tables.
    fn run(&self, statements: Vec<(String, Vec<Value>)>) {
        match self {
            Self::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(Self::file(folder)).unwrap();
                for (sql, values) in statements {
                    connection.execute(&sql, rusqlite::params_from_iter(values.iter())).unwrap();
                }
            }
            Self::Postgres { database, .. } => blocking(&database.root, async |client| {
                for (sql, values) in &statements {
                    let values: Vec<&(dyn ToSql + Sync)> =
                        values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
                    client.execute(sql, &values).await.unwrap();
                }
            }),
        }
    }

    /// The key of a pharmacy.
    pub fn key_of(&self, pharmacy: Uid) -> i64 {
        let rows = self.rows("pharmacy", &format!("uid = {}", self.bytes(pharmacy.as_bytes())));
        let first = rows.first().expect("a pharmacy");
        first.split('|').next().and_then(|id| id.parse().ok()).expect("an id")
    }

    fn bytes(&self, bytes: &[u8]) -> String {
        match self.dialect() {
            Dialect::Sqlite => format!("x'{}'", hex(bytes)),
            Dialect::Postgres => format!("'\\x{}'::bytea", hex(bytes)),
        }
    }

    /// One row of every entity, with one row of each of its parts, an alias, and what goes with them.
    pub fn fill(&self, pharmacy: i64, names: &Names) {
        let (dialect, mut all) = (self.dialect(), Vec::new());
        for (entity, rev) in in_order().iter().zip(1_i64..) {
            let (uid, id) = (names.uid(entity.name), names.id(entity.name));
            let record = specimen(entity, uid, names.mark, &|target| names.id(target).into());
            let standard: [Value; 6] = [pharmacy.into(), id.into(), uid.into(), rev.into(), NOON.into(), Value::Null];
            let columns = written(entity).map(|(place, _)| record.values[place].clone());
            all.push((upsert(entity, dialect, Side::Hub), standard.into_iter().chain(columns).collect()));
            for (part, rows) in entity.parts.iter().zip(&record.parts) {
                let owner: [Value; 2] = [pharmacy.into(), id.into()];
                let row = owner.into_iter().chain(rows[0].iter().cloned()).collect();
                all.push((insert_part(part, dialect, Side::Hub), row));
            }
            let alias = vec![pharmacy.into(), entity.name.into(), names.alias(entity.name).into(), id.into()];
            all.push((
                "INSERT INTO uid_map (pharmacy_id, entity, alias, id) VALUES ($1, $2, $3, $4)".to_owned(),
                alias,
            ));
        }
        let last = in_order().len() as i64;
        let commit = vec![pharmacy.into(), last.into(), names.commit().into(), NOON.into()];
        all.push((
            "INSERT INTO commit_log (pharmacy_id, rev, uid, committed_at) VALUES ($1, $2, $3, $4)".to_owned(),
            commit,
        ));
        all.push(("UPDATE pharmacy SET revision = $1 WHERE id = $2".to_owned(), vec![last.into(), pharmacy.into()]));
        self.run(all);
    }

    /// An answer kept for a device of the pharmacy under a key.
    pub fn remember(&self, pharmacy: i64, key: Uid) {
        let sql = "INSERT INTO idempotency (pharmacy_id, device_id, key, seq, payload_hash, outcome, decided_at) \
                   VALUES ($1, 1, $2, 1, $3, $4, 1)";
        let outcome = "{\"verdict\":\"accepted\",\"serverId\":1,\"rev\":1}";
        self.run(vec![(sql.to_owned(), vec![pharmacy.into(), key.into(), Value::Bytes(vec![1; 32]), outcome.into()])]);
    }

    /// All that a pharmacy has, in every table there is.
    pub fn dump(&self, pharmacy: i64) -> Rows {
        let tables = match self {
            Self::Sqlite(_) => {
                self.lines("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            }
            Self::Postgres { .. } => self.lines(
                "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            ),
        };
        let tables = tables.into_iter().filter(|table| table != "refinery_schema_history");
        let rows = tables.map(|table| {
            let key = if table == "pharmacy" { "id" } else { "pharmacy_id" };
            let rows = self.rows(&table, &format!("{key} = {pharmacy}"));
            (table, rows)
        });
        rows.collect()
    }

    fn rows(&self, table: &str, condition: &str) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                let mut lines = self.lines(&format!("SELECT * FROM \"{table}\" WHERE {condition}"));
                lines.sort();
                lines
            }
            Self::Postgres { .. } => {
                let row =
                    format!("SELECT translate(t::text, '(),', '||') FROM \"{table}\" t WHERE {condition} ORDER BY 1");
                self.lines(&row.replace("'(),', '||'", "',()', '|'"))
            }
        }
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(Self::file(folder)).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let columns = statement.column_count();
                let line = |row: &rusqlite::Row| {
                    let cells = (0..columns).map(|place| cell(row.get_ref(place).unwrap()));
                    Ok(cells.collect::<Vec<_>>().join("|"))
                };
                statement.query_map([], line).unwrap().map(Result::unwrap).collect()
            }
            Self::Postgres { database, .. } => blocking(&database.root, async |client| {
                client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
            }),
        }
    }
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Blob(bytes) => hex(bytes),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Integer(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn blocking<T>(url: &str, work: impl AsyncFnOnce(&tokio_postgres::Client) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        let given = work(&client).await;
        drop(client);
        driver.abort();
        given
    })
}
