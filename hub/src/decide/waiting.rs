//! Boxes on their way: what a deferred operation of the same upload brings. A sale that is short of them waits with it, for
//! the till that sold them had them.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    messages::{Missing, Outcome},
    record::Record,
    schema::Entity,
};

use super::{cells::Cells, document::Draft};
use crate::operation::{Body, Content};

/// The deferred operations of an upload that bring or count boxes, by uid.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnTheWay(BTreeMap<Uid, Brings>);

/// What such an operation brings.
#[derive(Clone, Debug)]
struct Brings {
    entity: &'static str,
    /// Series and number, where it is a ticket.
    ticket: Option<(i64, i64)>,
    lots: BTreeSet<Uid>,
}

impl OnTheWay {
    /// Notes what became of an operation.
    pub(crate) fn note(&mut self, body: &Body, outcome: &Outcome) {
        let (Content::Create(sent), Outcome::Deferred { .. }) = (&body.content, outcome) else { return };
        if body.entity.movements().is_some() {
            let (entity, ticket, lots) = (body.entity.name, ticket(body.entity, sent), brought(body, sent));
            self.0.insert(body.uid, Brings { entity, ticket, lots });
        }
    }

    /// What the lots of a ticket wait for. Never for a later ticket of its series: it had none of those boxes, and the one
    /// that takes it back waits for it.
    pub(crate) fn of(&self, draft: &Draft<'_>) -> Vec<Missing> {
        let sold = lots(&Cells::of(draft.body.entity, draft.sent, "movements"));
        let place = ticket(draft.body.entity, draft.sent);
        let later = |other: Option<(i64, i64)>| {
            other.zip(place).is_some_and(|(other, own)| other.0 == own.0 && other.1 > own.1)
        };
        let holds = self.0.iter().filter(|(_, brings)| !later(brings.ticket) && !brings.lots.is_disjoint(&sold));
        holds.map(|(uid, brings)| Missing { entity: brings.entity.to_owned(), uid: *uid }).collect()
    }
}

fn ticket(entity: &Entity, sent: &Record) -> Option<(i64, i64)> {
    let int = |name| sent.get(entity, name).int();
    int("series").zip(int("number")).filter(|_| entity.numbered())
}

fn brought(body: &Body, sent: &Record) -> BTreeSet<Uid> {
    let came = Cells::of(body.entity, sent, "movements").into_iter().filter(|movement| movement.int("delta") > 0);
    lots(&came.chain(Cells::of(body.entity, sent, "counts")).collect::<Vec<_>>())
}

fn lots(rows: &[Cells<'_>]) -> BTreeSet<Uid> {
    rows.iter().filter_map(|row| row.uid("batch")).collect()
}
