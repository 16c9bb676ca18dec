//! The book of a hub's file, in a PostgreSQL of its own: every table as it stands, by `psql`'s COPY.

use std::{
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use officine_tests::{Database, Hub, Shop};
use rusqlite::{Connection, types::ValueRef};

/// What the file keeps for itself, or each hub makes anew.
const ITS_OWN: [&str; 3] = ["sqlite_", "refinery_", "digest_"];

/// Moves a shop's hub, which is down, to its cluster.
pub fn to_postgres(shop: &mut Shop) -> Result<()> {
    let file = shop.path().join("hub/data/hub.db");
    let cluster = shop.cluster.get_or_insert_with(|| officine_tests::Cluster::start_with(""));
    let database = cluster.database("moved");
    let folder = shop.path().join("moved");
    drop(Hub::start_on(&folder, &database));
    copy(&file, &database)?;
    shop.hub = Hub::start_on(&folder, &database);
    Ok(())
}

fn copy(file: &Path, database: &Database) -> Result<()> {
    let book = Connection::open(file)?;
    let mut psql = Command::new("psql")
        .args(["--quiet", "--no-psqlrc", "--single-transaction", "-v", "ON_ERROR_STOP=1", &database.root])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("psql")?;
    let mut told = BufWriter::new(psql.stdin.take().context("psql's input")?);
    writeln!(told, "SET session_replication_role = replica;")?;
    let mut tables = book.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")?;
    for name in tables.query_map([], |row| row.get::<_, String>(0))? {
        let name = name?;
        if !ITS_OWN.iter().any(|own| name.starts_with(own)) {
            table(&book, &name, &mut told)?;
        }
    }
    writeln!(told, "RESET session_replication_role;\nANALYZE;")?;
    told.flush()?;
    drop(told);
    ensure!(psql.wait()?.success(), "psql did not take the book");
    Ok(())
}

fn table(book: &Connection, name: &str, told: &mut impl Write) -> Result<()> {
    let mut rows = book.prepare(&format!("SELECT * FROM \"{name}\""))?;
    let columns: Vec<_> = rows.column_names().map(|column| format!("\"{column}\"")).collect();
    writeln!(told, "COPY \"{name}\" ({}) FROM STDIN;", columns.join(", "))?;
    let mut found = rows.query([])?;
    while let Some(row) = found.next()? {
        for place in 0..columns.len() {
            let gap: &[u8] = if place == 0 { b"" } else { b"\t" };
            told.write_all(gap)?;
            cell(row.get_ref(place)?, told)?;
        }
        told.write_all(b"\n")?;
    }
    writeln!(told, "\\.")?;
    Ok(())
}

fn cell(value: ValueRef<'_>, told: &mut impl Write) -> Result<()> {
    match value {
        ValueRef::Null => told.write_all(b"\\N")?,
        ValueRef::Integer(number) => write!(told, "{number}")?,
        ValueRef::Real(number) => write!(told, "{number}")?,
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text)?.replace('\\', "\\\\").replace('\t', "\\t");
            told.write_all(text.replace('\n', "\\n").replace('\r', "\\r").as_bytes())?;
        }
        ValueRef::Blob(bytes) => {
            told.write_all(b"\\\\x")?;
            bytes.iter().try_for_each(|byte| write!(told, "{byte:02x}"))?;
        }
    }
    Ok(())
}
