//! Boxes on their way: what a deferred operation of the same upload brings. A sale that is short of them waits with it, for
//! the till that sold them had them.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    messages::{Missing, Outcome},
    record::Record,
};

use super::{cells::Cells, document::Draft};
use crate::operation::{Body, Content};

/// The deferred operations of an upload that bring or count boxes, and of which lots, by uid.
#[derive(Clone, Debug, Default)]
pub(crate) struct OnTheWay(BTreeMap<Uid, (&'static str, BTreeSet<Uid>)>);

impl OnTheWay {
    /// Notes what became of an operation.
    pub(crate) fn note(&mut self, body: &Body, outcome: &Outcome) {
        let (Content::Create(sent), Outcome::Deferred { .. }) = (&body.content, outcome) else { return };
        if body.entity.movements().is_some() {
            self.0.insert(body.uid, (body.entity.name, brought(body, sent)));
        }
    }

    /// What the lots of a ticket wait for.
    pub(crate) fn of(&self, draft: &Draft<'_>) -> Vec<Missing> {
        let sold = lots(&Cells::of(draft.body.entity, draft.sent, "movements"));
        let holds = self.0.iter().filter(|(_, (_, lots))| !lots.is_disjoint(&sold));
        holds.map(|(uid, (entity, _))| Missing { entity: (*entity).to_owned(), uid: *uid }).collect()
    }
}

fn brought(body: &Body, sent: &Record) -> BTreeSet<Uid> {
    let came = Cells::of(body.entity, sent, "movements").into_iter().filter(|movement| movement.int("delta") > 0);
    lots(&came.chain(Cells::of(body.entity, sent, "counts")).collect::<Vec<_>>())
}

fn lots(rows: &[Cells<'_>]) -> BTreeSet<Uid> {
    rows.iter().filter_map(|row| row.uid("batch")).collect()
}
