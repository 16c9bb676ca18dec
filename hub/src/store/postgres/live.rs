//! Hub processes on one database tell each other which pharmacies moved: one connection each, which listens and tells.
//! It is told after the commit and not within it: a NOTIFY takes a lock of the whole database until its transaction is
//! on disk, and would have every pharmacy wait for every other.

use std::{
    convert::Infallible,
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::JoinHandle,
    time::{error::Elapsed, interval, sleep, timeout},
};
use tokio_postgres::{AsyncMessage, Client, Connection, Notification, Socket, Statement, tls::TlsStream};

use super::{failure::failure, target::Target};
use crate::{
    StoreError,
    store::wakes::{CHANNEL, TELL, Wakes},
};

const AGAIN: Duration = Duration::from_millis(500);
/// How often the connection must prove that it lives, and how long it has for any answer.
const PROOF: Duration = Duration::from_secs(15);

/// Listens and tells, for ever. Once it listens again, all are woken: something may have been missed.
pub(super) async fn listen(target: &Target, wakes: &Wakes) {
    loop {
        let Err(error) = converse(target, wakes).await;
        tracing::warn!(%error, "other hubs are not heard for a moment");
        sleep(AGAIN).await;
    }
}

async fn converse(target: &Target, wakes: &Wakes) -> Result<Infallible, StoreError> {
    let connected = timeout(PROOF, target.config.connect(target.tls.clone())).await;
    let (client, connection) = connected.map_err(silent)?.map_err(failure)?;
    let me = Arc::new(AtomicI32::new(0));
    let mut hearing = tokio::spawn(hear(connection, wakes.clone(), Arc::clone(&me)));
    let ended = tell(&client, wakes, &me, &mut hearing).await;
    hearing.abort();
    ended
}

async fn tell(
    client: &Client,
    wakes: &Wakes,
    me: &AtomicI32,
    hearing: &mut JoinHandle<()>,
) -> Result<Infallible, StoreError> {
    let (number, tell) = timeout(PROOF, begin(client)).await.map_err(silent)??;
    me.store(number, Ordering::SeqCst);
    wakes.everyone();
    let mut proofs = interval(PROOF);
    loop {
        tokio::select! {
            moved = wakes.to_tell() => {
                let told = timeout(PROOF, client.query(&tell, &[&moved])).await;
                if !matches!(told, Ok(Ok(_))) {
                    wakes.tell_again(moved);
                }
                told.map_err(silent)?.map_err(failure)?;
            }
            _ = &mut *hearing => return Err(lost()),
            _ = proofs.tick() => timeout(PROOF, client.batch_execute("")).await.map_err(silent)?.map_err(failure)?,
        }
    }
}

fn lost() -> StoreError {
    StoreError::Busy("the connection that listens is lost".to_owned())
}

fn silent(_: Elapsed) -> StoreError {
    lost()
}

/// Listens. Gives the connection's own number, by which it knows its own words, and the statement that tells.
async fn begin(client: &Client) -> Result<(i32, Statement), StoreError> {
    let number = client.query_one("SELECT pg_backend_pid()", &[]).await.and_then(|row| row.try_get(0));
    let number = number.map_err(failure)?;
    client.batch_execute(&format!("LISTEN {CHANNEL}")).await.map_err(failure)?;
    Ok((number, client.prepare(TELL).await.map_err(failure)?))
}

/// Drives the connection until its client is gone, or the database.
async fn hear<T: TlsStream + Unpin>(mut connection: Connection<Socket, T>, wakes: Wakes, me: Arc<AtomicI32>) {
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(said) = message {
            heed(&wakes, &said, me.load(Ordering::SeqCst));
        }
    }
}

fn heed(wakes: &Wakes, said: &Notification, me: i32) {
    if said.process_id() == me {
        return;
    }
    match said.payload().parse() {
        Ok(pharmacy) => wakes.heard(pharmacy),
        Err(_) => wakes.everyone(),
    }
}
