//! What holds two pharmacies of one PostgreSQL database apart when the program's own conditions are not there: roles,
//! row-level security, composite keys. Tables are found in the catalogue: one that is not declared, and so not bound, is
//! found out here.

use officine_hub::{StoreError, store::Postgres};
use tokio_postgres::{Client, NoTls, error::SqlState};

use crate::cluster::{Cluster, Database};

const TABLES: &str = "SELECT c.relname::text FROM pg_class c WHERE c.relkind = 'r' \
                      AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'refinery_schema_history' ORDER BY 1";

pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub async fn texts(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

pub async fn opened(database: &Database) -> Postgres {
    Postgres::open(&database.app, Some(&database.owner)).await.unwrap()
}

/// Two pharmacies with one row in every table, whatever its columns.
async fn two_pharmacies(database: &Database) -> (Client, Vec<String>) {
    opened(database).await;
    let root = connect(&database.root).await;
    let tables = texts(&root, TABLES).await;
    assert!(tables.len() > 15);
    root.batch_execute("SET session_replication_role = replica").await.unwrap();
    let checks = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint \
                  WHERE contype = 'c' AND connamespace = 'public'::regnamespace";
    root.batch_execute(&texts(&root, checks).await.join(";")).await.unwrap();
    for table in &tables {
        let columns = format!(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position), \
             string_agg(CASE WHEN column_name IN ('pharmacy_id') OR (table_name, column_name) = ('pharmacy', 'id') \
             THEN '$1' WHEN data_type = 'bigint' THEN '1' WHEN data_type = 'bytea' THEN 'int8send($1)' \
             ELSE quote_literal('x') END, ', ' ORDER BY ordinal_position) FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}'"
        );
        let row = root.query_one(&columns, &[]).await.unwrap();
        let (names, values): (String, String) = (row.get(0), row.get(1));
        for pharmacy in ["1", "2"] {
            let values = values.replace("$1", &format!("{pharmacy}::bigint"));
            root.batch_execute(&format!("INSERT INTO \"{table}\" ({names}) VALUES ({values})")).await.unwrap();
        }
    }
    (root, tables)
}

fn key(table: &str) -> &'static str {
    if table == "pharmacy" { "id" } else { "pharmacy_id" }
}

/// Every row of a table, as its owner's superuser reads it.
async fn dump(root: &Client, table: &str) -> Vec<String> {
    texts(root, &format!("SELECT t::text FROM \"{table}\" t ORDER BY 1")).await
}

/// Tries a statement, and takes it back. Not allowed is as good as nothing found.
async fn touched(client: &Client, pharmacy: &str, sql: &str) -> u64 {
    let begin = format!("BEGIN; SELECT set_config('officine.pharmacy', '{pharmacy}', true)");
    client.batch_execute(&begin).await.unwrap();
    let rows = match client.execute(sql, &[]).await {
        Ok(rows) => rows,
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => 0,
        Err(error) => panic!("{sql}: {error:?}"),
    };
    client.batch_execute("ROLLBACK").await.unwrap();
    rows
}

#[tokio::test]
async fn the_serving_role_finds_one_pharmacy_in_every_table() {
    let cluster = Cluster::start();
    let database = cluster.database("tenancy");
    let (root, tables) = two_pharmacies(&database).await;
    let serving = connect(&database.app).await;
    for table in &tables {
        let (key, before) = (key(table), dump(&root, table).await);
        assert_eq!(before.len(), 2, "{table}");
        let all = format!("SELECT FROM \"{table}\"");
        assert_eq!(touched(&serving, "1", &all).await, 1, "{table}: its own row");
        assert_eq!(touched(&serving, "", &all).await, 0, "{table}: no pharmacy, no row");
        assert_eq!(serving.execute(&all, &[]).await.unwrap(), 0, "{table}: no transaction, no row");
        for attempt in [
            format!("SELECT FROM \"{table}\" WHERE {key} = 2"),
            format!("UPDATE \"{table}\" SET {key} = {key} WHERE {key} = 2"),
            format!("UPDATE \"{table}\" SET {key} = 2"),
            format!("DELETE FROM \"{table}\" WHERE {key} = 2"),
        ] {
            assert_eq!(touched(&serving, "1", &attempt).await, 0, "{attempt}");
        }
        let forged = format!(
            "INSERT INTO \"{table}\" SELECT t.* FROM jsonb_populate_record(NULL::\"{table}\", $1::text::jsonb) t"
        );
        let row: String = root
            .query_one(&format!("SELECT to_jsonb(t)::text FROM \"{table}\" t WHERE {key} = 2"), &[])
            .await
            .unwrap()
            .get(0);
        serving.batch_execute("BEGIN; SELECT set_config('officine.pharmacy', '1', true)").await.unwrap();
        let refused = serving.execute(&forged, &[&row]).await.unwrap_err();
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{table}: {refused:?}");
        serving.batch_execute("ROLLBACK").await.unwrap();
        assert_eq!(dump(&root, table).await, before, "{table}");
    }
}

#[tokio::test]
async fn what_was_recorded_is_only_added_to_and_no_table_is_made() {
    let cluster = Cluster::start();
    let database = cluster.database("grants");
    two_pharmacies(&database).await;
    let serving = connect(&database.app).await;
    serving.batch_execute("SET officine.pharmacy = '1'").await.unwrap();
    for table in ["stock_movement", "change_log", "commit_log", "sale_item", "sale_payment"] {
        for attempt in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET pharmacy_id = 1")] {
            let refused = serving.execute(&attempt, &[]).await.unwrap_err();
            assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{attempt}");
        }
    }
    for attempt in [
        "CREATE TABLE mine (id bigint)",
        "TRUNCATE sale",
        "DELETE FROM pharmacy",
        "DELETE FROM device",
        "ALTER TABLE sale DISABLE ROW LEVEL SECURITY",
        "SET ROLE officine_owner",
        "DELETE FROM refinery_schema_history",
        "INSERT INTO pharmacy SELECT * FROM pharmacy",
        "UPDATE pharmacy SET pin_secret = ''",
    ] {
        let refused = serving.batch_execute(attempt).await.unwrap_err();
        assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{attempt}");
    }
}

#[tokio::test]
async fn every_reference_carries_the_pharmacy() {
    let cluster = Cluster::start();
    let database = cluster.database("keys");
    let (root, _) = two_pharmacies(&database).await;
    let keys = "SELECT conname::text FROM pg_constraint c WHERE contype = 'f' AND NOT EXISTS (SELECT FROM pg_attribute a \
                WHERE a.attrelid = c.conrelid AND a.attname = 'pharmacy_id' AND a.attnum = ANY (c.conkey))";
    assert_eq!(texts(&root, keys).await, Vec::<String>::new(), "references without the pharmacy");
    let keys = "SELECT c.conrelid::regclass::text || ' ' || conname FROM pg_constraint c WHERE contype IN ('p', 'u') \
                AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attname = 'pharmacy_id' \
                AND a.attnum = ANY (c.conkey)) AND c.conrelid::regclass::text <> 'refinery_schema_history' ORDER BY 1";
    let alone = [
        "device device_token_hash_key",
        "device device_uid_key",
        "enrolment_code enrolment_code_pkey",
        "pharmacy pharmacy_pkey",
        "pharmacy pharmacy_uid_key",
    ];
    assert_eq!(texts(&root, keys).await, alone, "names that are known before the pharmacy is");
    root.batch_execute("UPDATE supplier SET id = 7 WHERE pharmacy_id = 2").await.unwrap();
    let serving = connect(&database.app).await;
    serving.batch_execute("SET officine.pharmacy = '1'").await.unwrap();
    let stranger = serving.execute("UPDATE product_batch SET supplier_id = 7", &[]).await.unwrap_err();
    assert_eq!(stranger.code(), Some(&SqlState::FOREIGN_KEY_VIOLATION));
    assert_eq!(serving.execute("UPDATE product_batch SET supplier_id = 1", &[]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_loose_table_is_bound_again_and_one_of_somebody_else_left_alone() {
    let cluster = Cluster::start();
    let database = cluster.database("later");
    opened(&database).await;
    let root = connect(&database.root).await;
    root.batch_execute("CREATE TABLE report (pharmacy_id bigint); CREATE TABLE of_nobody (x bigint); \
        GRANT SELECT ON of_nobody TO officine_serving; CREATE POLICY lax ON sale USING (true); ALTER TABLE sale NO FORCE ROW LEVEL SECURITY; GRANT ALL ON sale TO PUBLIC").await.unwrap();
    let loose = Postgres::open(&database.app, None).await.err().unwrap();
    assert!(matches!(loose, StoreError::Role { .. }), "{loose}");
    opened(&database).await;
    let forced =
        "SELECT relname::text FROM pg_class WHERE relname IN ('report', 'sale', 'of_nobody') AND relforcerowsecurity";
    assert_eq!(texts(&root, forced).await, ["sale"]);
    let policies = "SELECT DISTINCT polname::text FROM pg_policy ORDER BY 1";
    assert_eq!(texts(&root, policies).await, ["of_owner", "of_pharmacy"]);
    Postgres::open(&database.app, None).await.unwrap();
    assert!(
        connect(&database.app).await.batch_execute("SELECT FROM of_nobody").await.is_ok(),
        "its rights are its own"
    );
}

/// Why a hub does not open.
pub async fn refusal(app: &str, owner: Option<&str>) -> String {
    Postgres::open(app, owner).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_role_that_could_see_past_the_pharmacy_does_not_serve() {
    let cluster = Cluster::start();
    let database = cluster.database("roles");
    opened(&database).await;
    let owner = Some(database.owner.as_str());
    assert!(refusal(&database.root, owner).await.contains("« hub » may not serve: it is a superuser"));
    assert!(refusal(&database.owner, owner).await.contains("owns tables"));
    let fresh = cluster.database("fresh");
    assert!(refusal(&fresh.owner, Some(&fresh.owner)).await.contains("may create tables"));
    let root = connect(&database.root).await;
    root.batch_execute("CREATE ROLE mighty BYPASSRLS; GRANT mighty TO officine_serving").await.unwrap();
    assert!(refusal(&database.app, owner).await.contains("bypasses row-level security"));
    root.batch_execute("REVOKE mighty FROM officine_serving; GRANT officine_owner TO officine_serving").await.unwrap();
    assert!(refusal(&database.app, owner).await.contains("owns tables"));
    root.batch_execute("REVOKE officine_owner FROM officine_serving").await.unwrap();
    opened(&database).await;
}

#[tokio::test]
async fn one_url_serves_as_a_role_of_its_own_or_not_at_all() {
    let cluster = Cluster::start();
    let database = cluster.database("alone");
    let refused = refusal(&database.owner, None).await;
    assert!(refused.contains("may not make a role to serve with"), "{refused}");
    assert!(matches!(Postgres::open(&database.app, None).await, Err(StoreError::NeedsOwner(_))), "no tables yet");
    for url in [&database.root, &cluster.database("alone_owner").owner] {
        let root = connect(&database.root).await;
        root.batch_execute("ALTER ROLE officine_owner CREATEROLE").await.unwrap();
        let room = crate::rooms::Room::new(std::sync::Arc::new(Postgres::open(url, None).await.unwrap())).await;
        let (device, mut shop) = room.till(5).await;
        let (_, lots, operations) = shop.stocked(&[5]);
        room.push(&device, &operations).await;
        assert_eq!(room.lot(lots[0]).await, (5, false));
        drop(Postgres::open(url, None).await.unwrap());
        let client = connect(url).await;
        let role = texts(
            &client,
            "SELECT rolname::text FROM pg_roles WHERE NOT rolcanlogin AND rolname LIKE 'officine%' \
            AND rolname LIKE '%' || (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await;
        client.batch_execute(&format!("SET ROLE {}; SET officine.pharmacy = '2'", role[0])).await.unwrap();
        assert_eq!(texts(&client, "SELECT uid::text FROM product").await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn without_the_owner_tills_are_served_and_the_owners_acts_refused() {
    let cluster = Cluster::start();
    let database = cluster.database("served");
    let owned = crate::rooms::Room::new(std::sync::Arc::new(opened(&database).await)).await;
    let code = owned.code().await;
    let store: std::sync::Arc<dyn officine_hub::store::Store> =
        std::sync::Arc::new(Postgres::open(&database.app, None).await.unwrap());
    let enrolled = store.enrol(owned.enrolment(&code, 5)).await.unwrap();
    assert!(store.bearer(officine_hub::secrets::hash(b"token of 5")).await.unwrap().is_some());
    assert_eq!(store.prune(i64::MAX).await.unwrap(), 0);
    store.ready().await.unwrap();
    for refused in [
        store.pharmacies().await.err(),
        store.devices().await.err(),
        store.revoke(enrolled.device.uid, 1).await.err(),
        store.stock(Default::default()).await.err(),
        store.create_code(owned.pharmacy, [0; 32], 1).await.err(),
    ] {
        assert!(matches!(refused, Some(StoreError::NeedsOwner(_))), "{refused:?}");
    }
}
