//! Uploads of one pharmacy wait for one another and share a transaction: one decision, one fsync for many requests.
//! Whatever happens to one of them, the others get the answer they would have had alone.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::sleep};
use tracing::{Instrument, Span};

use super::{
    Batch, Database, Pushed,
    push::{Upload, apart, together},
    session::{Job, Scope},
};
use crate::{StoreError, decide::Decide};

/// No transaction is made of more operations than that, but for those of one request.
const OPERATIONS: usize = 1_000;
/// How often what the database asks to try again is tried.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(20);

type Answer = Result<Pushed, StoreError>;
type Waiting = (Upload, oneshot::Sender<Answer>);

/// Who waits, by pharmacy. A pharmacy is in here while somebody writes for it.
#[derive(Clone, Default)]
pub struct Uploads(Arc<Mutex<HashMap<i64, Vec<Waiting>>>>);

impl fmt::Debug for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uploads of {} pharmacies", self.waiting().len())
    }
}

impl Uploads {
    fn waiting(&self) -> MutexGuard<'_, HashMap<i64, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an upload. True where nobody writes for the pharmacy yet.
    fn join(&self, pharmacy: i64, upload: Waiting) -> bool {
        let mut waiting = self.waiting();
        let idle = !waiting.contains_key(&pharmacy);
        waiting.entry(pharmacy).or_default().push(upload);
        idle
    }

    /// The next that share a transaction, in the order they came; none, and the pharmacy is nobody's any more.
    fn next(&self, pharmacy: i64) -> Vec<Waiting> {
        let mut waiting = self.waiting();
        let Some(queue) = waiting.get_mut(&pharmacy) else { return Vec::new() };
        let mut operations = 0;
        let fits = queue.iter().take_while(|(upload, _)| {
            operations += upload.batch.operations.len().max(1);
            operations <= OPERATIONS
        });
        let some = fits.count().max(1).min(queue.len());
        let group: Vec<_> = queue.drain(..some).collect();
        if group.is_empty() {
            waiting.remove(&pharmacy);
        }
        group
    }
}

/// Decides a batch, with whatever else waits for its pharmacy.
pub(crate) async fn transact<D: Database>(database: &D, batch: Batch, decide: Decide) -> Answer {
    let (tell, told) = oneshot::channel();
    let pharmacy = batch.device.pharmacy;
    let upload = Upload { batch, decide, span: Span::current() };
    if database.uploads().join(pharmacy, (upload, tell)) {
        let database = database.clone();
        tokio::spawn(async move {
            loop {
                let group = database.uploads().next(pharmacy);
                if group.is_empty() {
                    break;
                }
                answer(&database, pharmacy, group).await;
            }
        });
    }
    told.await.unwrap_or_else(|_| Err(StoreError::Failed("the upload was dropped".to_owned())))
}

async fn answer<D: Database>(database: &D, pharmacy: i64, group: Vec<Waiting>) {
    let (uploads, tell): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    let answers = decided(database, pharmacy, uploads.into_iter().map(Arc::new).collect()).await;
    if let Some(revision) = answers.iter().flatten().map(|pushed| pushed.revision).max() {
        database.wakes().moved(pharmacy, revision);
    }
    if answers.iter().any(|answer| matches!(answer, Err(StoreError::Quarantined))) {
        database.wakes().heard(pharmacy);
    }
    for (tell, answer) in tell.into_iter().zip(answers) {
        let _ = tell.send(answer);
    }
}

/// One answer per upload. What spoils a transaction of several is looked for in each of them alone.
async fn decided<D: Database>(database: &D, pharmacy: i64, uploads: Vec<Arc<Upload>>) -> Vec<Answer> {
    let span = uploads.first().map_or_else(Span::none, |upload| upload.span.clone());
    match shared(database, pharmacy, uploads.clone()).instrument(span.clone()).await {
        Ok(answers) => answers,
        Err(error) if uploads.len() > 1 && is_of_one(&error) => {
            span.in_scope(|| tracing::warn!(%error, uploads = uploads.len(), "uploads decided one by one"));
            let mut answers = Vec::with_capacity(uploads.len());
            for upload in uploads {
                answers.extend(Box::pin(decided(database, pharmacy, vec![upload])).await);
            }
            answers
        }
        Err(StoreError::Refused(why)) => {
            span.in_scope(|| tracing::warn!(%why, "batch refused by the database, decided one by one"));
            let mut answers = Vec::with_capacity(uploads.len());
            for upload in uploads {
                let span = upload.span.clone();
                answers.push(alone(database, pharmacy, upload).instrument(span).await);
            }
            answers
        }
        Err(error) => uploads.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// Errors that the content of one upload may have caused.
fn is_of_one(error: &StoreError) -> bool {
    matches!(error, StoreError::Refused(_) | StoreError::Failed(_) | StoreError::Damaged(_))
}

async fn shared<D: Database>(
    database: &D,
    pharmacy: i64,
    uploads: Vec<Arc<Upload>>,
) -> Result<Vec<Answer>, StoreError> {
    again(database, pharmacy, || {
        let uploads = uploads.clone();
        Box::new(move |s| Box::pin(async move { together(s, &uploads).await }))
    })
    .await
}

async fn alone<D: Database>(database: &D, pharmacy: i64, upload: Arc<Upload>) -> Answer {
    let answer = again(database, pharmacy, || {
        let upload = Arc::clone(&upload);
        Box::new(move |s| Box::pin(async move { apart(s, &upload).await }))
    });
    answer.await.and_then(|answer| answer)
}

/// Writes for a pharmacy, and once more where the database asks to try again.
async fn again<D: Database, T: Send + 'static>(
    database: &D,
    pharmacy: i64,
    job: impl Fn() -> Job<T> + Send + Sync,
) -> Result<T, StoreError> {
    for turn in 1..TRIES {
        match database.write(Scope::Pharmacy(pharmacy), job()).await {
            Err(StoreError::Contended(why)) => tracing::warn!(%why, turn, "tried again"),
            other => return other,
        }
        sleep(PAUSE * turn).await;
    }
    database.write(Scope::Pharmacy(pharmacy), job()).await
}
