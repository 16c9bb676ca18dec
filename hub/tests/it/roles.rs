//! Who owns the tables, who serves from them, and what a hub refuses before it changes anything.

use std::sync::Arc;

use officine_hub::{
    StoreError,
    secrets::hash,
    store::{Postgres, Store},
};
use refinery::{Migration, Runner};

use crate::{
    cluster::Cluster,
    rooms::Room,
    tenancy::{connect, opened, refusal, texts},
};

const TABLES: &str = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";

/// Forced row-level security would hide every row from a hub that serves as the owner and names no pharmacy.
#[tokio::test]
async fn tables_are_not_bound_under_a_running_hub_that_knows_no_roles() {
    let cluster = Cluster::start();
    let database = cluster.database("first");
    let mut running = connect(&database.owner).await;
    let first = include_str!("../../migrations/postgres/V1__entities.sql");
    let first = Migration::unapplied("V1__entities", first).unwrap();
    Runner::new(&[first]).run_async(&mut running).await.unwrap();
    let refused = Postgres::open(&database.app, Some(&database.owner)).await.err().unwrap();
    assert!(matches!(refused, StoreError::HubRunning(_)), "{refused}");
    assert!(refused.to_string().contains("stop the running hub first"));
    let version = "SELECT max(version)::text FROM refinery_schema_history";
    assert_eq!(texts(&running, version).await, ["1"]);
    let bound = "SELECT relname::text FROM pg_class WHERE relrowsecurity";
    assert_eq!(texts(&running, bound).await, Vec::<String>::new());
    drop(running);
    let root = connect(&database.root).await;
    let still = "SELECT pid::text FROM pg_stat_activity WHERE usename = 'officine_owner'";
    while !texts(&root, still).await.is_empty() {
        tokio::task::yield_now().await;
    }
    let (one, other) = (opened(&database), opened(&database));
    tokio::join!(one, other);
    let beside = connect(&database.owner).await;
    opened(&database).await;
    assert_eq!(texts(&beside, bound).await.len(), texts(&beside, TABLES).await.len() - 1, "all but the history");
}

#[tokio::test]
async fn another_role_than_the_tables_owner_changes_nothing_and_locks_nobody_out() {
    let cluster = Cluster::start();
    let database = cluster.database("taken");
    let room = Room::new(Arc::new(opened(&database).await)).await;
    room.till(5).await;
    for refused in [refusal(&database.app, Some(&database.root)).await, refusal(&database.root, None).await] {
        let says = "the role « hub » may not act as the owner: table pharmacy belongs to « officine_owner »";
        assert!(refused.contains(says), "{refused}");
    }
    let root = connect(&database.root).await;
    let made = "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'officine_serving_%'";
    assert_eq!(texts(&root, made).await, Vec::<String>::new());
    let again = opened(&database).await;
    assert!(again.bearer(hash(b"token of 5")).await.unwrap().is_some());
}

#[tokio::test]
async fn the_owner_of_another_database_does_not_migrate_it() {
    let cluster = Cluster::start();
    let (one, other) = (cluster.database("one"), cluster.database("other"));
    let refused = Postgres::open(&one.app, Some(&other.owner)).await.err().unwrap();
    assert!(matches!(refused, StoreError::TwoDatabases), "{refused}");
    for database in [one, other] {
        assert_eq!(texts(&connect(&database.root).await, TABLES).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_owners_schema_is_the_one_served_from() {
    let cluster = Cluster::start();
    let database = cluster.database("schema");
    let root = connect(&database.root).await;
    root.batch_execute("CREATE SCHEMA officine_owner AUTHORIZATION officine_owner").await.unwrap();
    let room = Room::new(Arc::new(opened(&database).await)).await;
    let (device, mut shop) = room.till(5).await;
    let (_, lots, operations) = shop.stocked(&[5]);
    room.push(&device, &operations).await;
    assert_eq!(room.lot(lots[0]).await, (5, false));
    assert_eq!(texts(&root, TABLES).await, Vec::<String>::new());
}

#[tokio::test]
async fn where_anybody_may_create_tables_the_remedy_is_told() {
    let cluster = Cluster::start();
    let database = cluster.database("anybody");
    connect(&database.root).await.batch_execute("GRANT CREATE ON SCHEMA public TO PUBLIC").await.unwrap();
    let refused = refusal(&database.app, Some(&database.owner)).await;
    assert!(refused.contains("REVOKE CREATE ON SCHEMA public FROM PUBLIC"), "{refused}");
}

/// A right that was taken away is the hub's state, and no fault of an operation.
#[tokio::test]
async fn a_right_taken_away_is_no_operations_fault() {
    let cluster = Cluster::start();
    let database = cluster.database("rights");
    let store = opened(&database).await;
    let root = connect(&database.root).await;
    root.batch_execute("REVOKE SELECT ON refinery_schema_history FROM officine_serving").await.unwrap();
    assert!(matches!(store.ready().await, Err(StoreError::Unwritable(_))));
}
