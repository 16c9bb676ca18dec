//! What the hub holds, as a file that is read by the same declared statements on both databases: the hub's own SQLite, or
//! PostgreSQL copied table by table into a file of the same tables.

use std::{cell::RefCell, path::Path, rc::Rc};

use officine_hub::Place;
use rusqlite::{Connection, OpenFlags, params_from_iter, types::Value};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Row, types::Type};

/// A hub's data, to be read.
pub enum HubFile {
    /// It is a file.
    Own(Rc<Connection>),
    /// It is copied before it is read.
    Copied(Box<RefCell<Copied>>),
}

/// A copy of a PostgreSQL database.
pub struct Copied {
    runtime: Runtime,
    client: Client,
    tables: Vec<Table>,
    copy: Rc<Connection>,
}

struct Table {
    name: String,
    select: String,
    insert: String,
}

impl HubFile {
    /// Of the hub at that place. `empty`: a hub's file without rows, for its tables.
    pub fn open(place: &Place, root: Option<&str>, empty: &Path) -> Self {
        match (place, root) {
            (Place::Folder(folder), _) => Self::Own(Rc::new(reader(&folder.join("hub.db")))),
            (_, Some(root)) => Self::Copied(Box::new(RefCell::new(Copied::open(root, empty)))),
            (_, None) => panic!("whose data?"),
        }
    }

    /// Its file was changed for another one.
    pub fn reopen(&mut self, place: &Place) {
        if let (Self::Own(_), Place::Folder(folder)) = (&self, place) {
            *self = Self::Own(Rc::new(reader(&folder.join("hub.db"))));
        }
    }

    /// As it is now.
    pub fn now(&self) -> Rc<Connection> {
        match self {
            Self::Own(file) => Rc::clone(file),
            Self::Copied(copied) => copied.borrow_mut().take(),
        }
    }
}

impl Copied {
    fn open(root: &str, empty: &Path) -> Self {
        let runtime = runtime();
        let client = runtime.block_on(connect(root));
        let copy = Connection::open(empty).expect("an empty hub");
        copy.pragma_update(None, "foreign_keys", false).expect("a pragma");
        for trigger in named(&copy, "type = 'trigger'") {
            copy.execute(&format!("DROP TRIGGER \"{trigger}\""), []).expect("a table without triggers");
        }
        let tables = names(&copy).into_iter().map(|name| table(&copy, name)).collect();
        copy.set_prepared_statement_cache_capacity(256);
        Self { runtime, client, tables, copy: Rc::new(copy) }
    }

    fn take(&mut self) -> Rc<Connection> {
        let transaction = self.copy.unchecked_transaction().expect("a transaction");
        for table in &self.tables {
            let rows = self.runtime.block_on(self.client.query(&table.select, &[])).expect("rows of the hub");
            transaction.execute(&format!("DELETE FROM \"{}\"", table.name), []).expect("an empty table");
            let mut insert = transaction.prepare_cached(&table.insert).expect("the same columns");
            for row in rows {
                insert.execute(params_from_iter((0..row.len()).map(|place| cell(&row, place)))).expect("a row");
            }
        }
        transaction.commit().expect("a copy");
        Rc::clone(&self.copy)
    }
}

fn names(copy: &Connection) -> Vec<String> {
    named(copy, "type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'refinery%'")
}

fn named(copy: &Connection, which: &str) -> Vec<String> {
    let mut names = copy.prepare(&format!("SELECT name FROM sqlite_master WHERE {which}")).expect("names");
    let names = names.query_map([], |row| row.get(0)).expect("names");
    names.collect::<rusqlite::Result<_>>().expect("names")
}

fn table(copy: &Connection, name: String) -> Table {
    let mut columns = copy.prepare(&format!("PRAGMA table_info(\"{name}\")")).expect("columns");
    let columns = columns.query_map([], |row| Ok(format!("\"{}\"", row.get::<_, String>(1)?)));
    let columns: Vec<String> = columns.and_then(Iterator::collect).expect("columns");
    let (names, marks) = (columns.join(", "), vec!["?"; columns.len()].join(", "));
    let select = format!("SELECT {names} FROM \"{name}\"");
    let insert = format!("INSERT INTO \"{name}\" ({names}) VALUES ({marks})");
    Table { name, select, insert }
}

fn cell(row: &Row, place: usize) -> Value {
    let whole = |number: Option<i64>| number.map_or(Value::Null, Value::Integer);
    match *row.columns()[place].type_() {
        Type::INT8 => whole(row.get(place)),
        Type::INT4 => whole(row.get::<_, Option<i32>>(place).map(i64::from)),
        Type::INT2 => whole(row.get::<_, Option<i16>>(place).map(i64::from)),
        Type::BOOL => whole(row.get::<_, Option<bool>>(place).map(i64::from)),
        Type::BYTEA => row.get::<_, Option<Vec<u8>>>(place).map_or(Value::Null, Value::Blob),
        _ => row.get::<_, Option<String>>(place).map_or(Value::Null, Value::Text),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the cluster");
    tokio::spawn(connection);
    client
}

/// Does something in a database, as whoever the URL says.
pub fn execute(url: &str, sql: &str) {
    let runtime = runtime();
    runtime.block_on(async { connect(url).await.batch_execute(sql).await }).expect("the cluster");
}

/// A file of the world, to be read.
pub fn reader(path: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).expect("a file of the world");
    connection.set_prepared_statement_cache_capacity(256);
    connection
}
