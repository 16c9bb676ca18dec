//! The decisions on a batch: pure, from what was loaded to what is to be written.
//!
//! Operations are judged in the order they came; each sees what those before it wrote. A refused one leaves nothing
//! behind but its verdict, tickets excepted: a sale is stored as reversed, the others as what moves nothing.

mod access;
mod answered;
mod books;
mod cells;
mod changes;
pub mod check;
mod clocks;
mod completing;
mod conflict;
mod credit;
mod document;
mod edits;
mod giving;
pub(crate) mod histories;
pub(crate) mod holdings;
pub(crate) mod join;
mod journal;
mod late;
mod ledger;
mod merge;
mod need;
mod needs;
pub mod offer;
mod proof;
mod recast;
mod resolution;
mod resolve;
mod returns;
mod rows;
mod sale;
mod settlement;
mod stock;
mod stocktake;
mod trace;
mod twins;
mod unseen;
mod waiting;
mod working;
mod zones;

pub use books::{Books, Counted, Moved};
pub use changes::{Answer, Changes, Corrected, Logged, PARTS, PartsWrite, Written};
pub use join::Joined;
pub use merge::Edit;
pub use need::{Lots, Named, Need};
pub use needs::{Needs, needs};
pub use trace::{Answered, Trace};
pub(crate) use waiting::OnTheWay;
pub use working::{Device, Pharmacy, WorkingSet};

use officine_protocol::{
    fault::{Fault, armed},
    messages::{Corrections, Missing, Outcome, Verdict},
    params,
    value::FieldError,
};

use crate::operation::{Body, Content, Prepared, Refusal, invalid};

/// How a batch is decided: a parameter of the storage, so that its suite can decide otherwise.
pub type Decide = fn(&mut WorkingSet, &[Prepared]) -> Changes;

/// Why an operation is not applied.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// Refused for good.
    Refused(Refusal),
    /// Refused, and the document stored all the same.
    Stored { refusal: Refusal, id: i64, rev: i64 },
    /// Not yet.
    Missing(Vec<Missing>),
}

impl Stop {
    pub(crate) fn refuse(code: &'static str, params: officine_protocol::Params) -> Self {
        Self::Refused(Refusal { code, params })
    }

    pub(crate) fn invalid(field: &str, why: &'static str) -> Self {
        Self::Refused(invalid(&FieldError { field: field.to_owned(), why }))
    }

    fn outcome(self) -> Outcome {
        let rejected = |refusal: Refusal, server_id, rev| Outcome::Rejected {
            code: refusal.code.to_owned(),
            params: refusal.params,
            server_id,
            rev,
        };
        match self {
            Self::Refused(refusal) => rejected(refusal, None, None),
            Self::Stored { refusal, id, rev } => rejected(refusal, Some(id), Some(rev)),
            Self::Missing(missing) => Outcome::Deferred { missing },
        }
    }
}

/// Decides a batch. The answers stand in the order of the operations.
pub fn decide(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    for operation in operations {
        let verdict = answer(working, operation);
        working.changes.verdicts.push(verdict);
    }
    working.take()
}

/// Refuses a single operation that the database objected to; of a ticket, what moves nothing is stored.
pub fn void(working: &mut WorkingSet, operation: &Prepared) -> Changes {
    let outcome = refused(working, operation, objected());
    told(working, operation, outcome)
}

/// Refuses a single operation that the database objected to, and stores nothing of it.
pub fn refuse(working: &mut WorkingSet, operation: &Prepared) -> Changes {
    told(working, operation, Stop::Refused(objected()).outcome())
}

fn objected() -> Refusal {
    Refusal { code: "storage_refused", params: params! {} }
}

fn told(working: &mut WorkingSet, operation: &Prepared, outcome: Outcome) -> Changes {
    remember(working, operation, &outcome);
    working.changes.verdicts.push(verdict(operation, false, outcome));
    working.take()
}

fn verdict(operation: &Prepared, duplicate: bool, outcome: Outcome) -> Verdict {
    Verdict { key: operation.key, seq: operation.seq, duplicate, outcome }
}

fn answer(working: &mut WorkingSet, operation: &Prepared) -> Verdict {
    if let Some(known) = working.answered(operation.key).filter(|_| !armed(Fault::Idempotency)) {
        return if known.hash == operation.hash {
            verdict(operation, true, known.outcome.clone())
        } else {
            let seq = known.seq;
            verdict(operation, false, reused(working, operation, seq))
        };
    }
    if let Some(trace) = working.used(operation.seq).filter(|_| !armed(Fault::Idempotency)) {
        return if trace.is_of(&operation.hash) {
            verdict(operation, true, answered_before(working, operation, trace))
        } else {
            verdict(operation, false, reused(working, operation, operation.seq))
        };
    }
    let outcome = match &operation.body {
        Ok(body) => apply(working, operation, body).unwrap_or_else(Stop::outcome),
        Err(refusal) => Stop::Refused(refusal.clone()).outcome(),
    };
    operation.body.iter().for_each(|body| working.on_the_way.note(body, &outcome));
    remember(working, operation, &outcome);
    verdict(operation, false, outcome)
}

/// The answer to an operation whose own answer is no longer kept: what became of its row. It is never applied again.
fn answered_before(working: &WorkingSet, operation: &Prepared, trace: Trace) -> Outcome {
    let forgotten = || Stop::refuse("answer_forgotten", params! { seq: operation.seq }).outcome();
    let Ok(body) = &operation.body else { return forgotten() };
    let known = working.id_of(body.entity.name, body.uid);
    let Some((id, row)) = known.and_then(|id| Some((id, working.row(body.entity.name, id)?))) else {
        return forgotten();
    };
    match sale::refusal_of(body.entity, row) {
        Some(refusal) => Stop::Stored { refusal, id, rev: row.rev }.outcome(),
        None if trace.accepted => {
            let merged_into = (row.uid != body.uid).then_some(row.uid);
            rows::accepted(id, row.rev, Corrections { merged_into, ..Corrections::default() })
        }
        None if numbered(body) => {
            let refusal = Refusal { code: "not_permitted", params: params! {} };
            Stop::Stored { refusal, id, rev: row.rev }.outcome()
        }
        None => forgotten(),
    }
}

/// The first operation under a sequence that stood for another content in an earlier request: the till's file was restored
/// or copied. One sent again as it was is none, nor is a second content in one request or a key under two sequences: that
/// is a till's mistake, and refused.
pub(crate) fn reuses<'a>(working: &WorkingSet, operations: &'a [Prepared]) -> Option<&'a Prepared> {
    let other = |operation: &&Prepared| working.used(operation.seq).is_some_and(|trace| !trace.is_of(&operation.hash));
    operations.iter().find(other).filter(|_| !armed(Fault::CloneUnseen))
}

/// A key or a sequence that stands for another content in the same request. No answer of its own is kept.
fn reused(working: &mut WorkingSet, operation: &Prepared, seq: i64) -> Outcome {
    refused(working, operation, Refusal { code: "key_reused", params: params! { seq: seq } })
}

/// Refuses an operation whatever it says. A ticket that is not here is stored as one that moves nothing, where its number
/// and all it refers to are; one that is here is answered as it stands.
fn refused(working: &mut WorkingSet, operation: &Prepared, refusal: Refusal) -> Outcome {
    let ticket = operation.body.as_ref().ok().and_then(|body| match &body.content {
        Content::Create(sent) => numbered(body).then_some((body, sent)),
        _ => None,
    });
    match ticket.map(|ticket| rows::create(working, operation, ticket, Some(refusal.clone()))) {
        Some(Ok(outcome)) => outcome,
        Some(Err(stop @ Stop::Stored { .. })) => stop.outcome(),
        _ => Stop::Refused(refusal).outcome(),
    }
}

fn apply(working: &mut WorkingSet, operation: &Prepared, body: &Body) -> Result<Outcome, Stop> {
    let refused = match access::check(working, body) {
        Err(Stop::Refused(refusal)) if numbered(body) => Some(refusal),
        allowed => allowed.map(|()| body.refused.clone())?,
    };
    match &body.content {
        Content::Create(sent) => rows::create(working, operation, (body, sent), refused),
        Content::Update { changes, parts } => edits::update(working, operation, body, changes, parts),
        Content::Delete => edits::archive(working, operation, body),
    }
}

/// Whether it is the birth of a ticket: whatever is refused of one, its number is borne.
fn numbered(body: &Body) -> bool {
    body.entity.numbered() && matches!(body.content, Content::Create(_))
}

/// Deferred operations come again: their answer is not kept.
fn remember(working: &mut WorkingSet, operation: &Prepared, outcome: &Outcome) {
    if !matches!(outcome, Outcome::Deferred { .. }) {
        let answered = Answered { seq: operation.seq, hash: operation.hash, outcome: outcome.clone() };
        working.remember(operation.key, answered);
    }
}
