//! A database that goes away in the middle of a push is no fault of the operations in it.

use std::sync::OnceLock;

use officine_hub::{
    StoreError,
    decide::{Changes, WorkingSet, decide},
    http::Problem,
    operation::Prepared,
    store::Postgres,
};

use crate::{cluster::Cluster, decisions::accepted, rooms::Room};

static URL: OnceLock<String> = OnceLock::new();

/// Decides as usual, while an administrator ends every connection of the hub.
fn cut(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    let ended = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(URL.get().unwrap(), tokio_postgres::NoTls).await.unwrap();
            let driver = tokio::spawn(connection);
            let sql = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                       WHERE pid <> pg_backend_pid() AND datname = current_database()";
            assert!(!client.query(sql, &[]).await.unwrap().is_empty());
            drop(client);
            driver.abort();
        });
    });
    ended.join().unwrap();
    decide(working, operations)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_in_a_push_says_busy_and_the_push_comes_again() {
    let cluster = Cluster::start();
    let database = cluster.database("outage");
    URL.set(database.root.clone()).unwrap();
    let store = Postgres::open(&database.app, Some(&database.owner)).await.unwrap();
    let room = Room::new(std::sync::Arc::new(store)).await;
    let (device, mut shop) = room.till(5).await;
    let (_, supplier) = shop.supplier("a");
    let lost = room.push_with(&device, std::slice::from_ref(&supplier), cut).await.unwrap_err();
    assert!(matches!(lost, StoreError::Busy(_)), "{lost:?}");
    assert_eq!(Problem::from(lost).0.status, 503);
    let again = room.push(&device, &[supplier]).await;
    assert!(accepted(&again.verdicts[0]) && !again.verdicts[0].duplicate);
}

/// A till takes a 500 for the fault of an operation, and sets that aside: no state of the hub itself may say so.
#[test]
fn a_damaged_database_is_not_laid_at_the_door_of_an_operation() {
    for error in [StoreError::Damaged("x".into()), StoreError::SchemaNewer { found: 2, known: 1 }] {
        assert_eq!(Problem::from(error).0.status, 503);
    }
}

/// Makes the database object to a supplier, as it does where writers are in one another's way: so many times.
async fn contended(database: &crate::cluster::Database, times: i64) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&database.root, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let sql = format!(
        "CREATE SEQUENCE tries; CREATE FUNCTION contend() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN \
         IF nextval('public.tries') <= {times} THEN RAISE 'deadlock detected' USING ERRCODE = '40P01'; END IF; \
         RETURN NEW; END $$; \
         CREATE TRIGGER contend BEFORE INSERT ON supplier FOR EACH ROW EXECUTE FUNCTION contend()"
    );
    client.batch_execute(&sql).await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_asks_to_try_again_is_tried_again_and_then_the_hub_is_busy() {
    let cluster = Cluster::start();
    let database = cluster.database("contended");
    let store = Postgres::open(&database.app, Some(&database.owner)).await.unwrap();
    let room = Room::new(std::sync::Arc::new(store)).await;
    let (device, mut shop) = room.till(5).await;
    let client = contended(&database, 4).await;
    let (_, never) = shop.supplier("b");
    let busy = room.push_with(&device, std::slice::from_ref(&never), decide).await.unwrap_err();
    assert_eq!(Problem::from(busy).0.status, 503);
    client.batch_execute("SELECT setval('tries', 2)").await.unwrap();
    let pushed = room.push(&device, &[never]).await;
    assert!(accepted(&pushed.verdicts[0]) && !pushed.verdicts[0].duplicate);
}
