//! Edits of one row that were never sent become one: at the later place, with what the first of them replaced.

use officine_protocol::{
    entities::USER,
    fault::{Fault, armed},
    messages::{Action, Operation},
};
use rusqlite::Connection;

use crate::{
    error::Result,
    store::outbox::{self, State},
};

/// Takes the edit just before this one into it, if nothing of it ever left: its number is then never used. Another
/// person's edit stays theirs, and one of a person stays where it is: what they did since may rest on it. True where what
/// was taken in was recorded while the clock was in doubt.
pub fn absorb(connection: &Connection, operation: &mut Operation) -> Result<bool> {
    if operation.action != Action::Update || operation.entity == USER.name {
        return Ok(false);
    }
    let Some(queued) = outbox::last_open(connection, operation.uid)? else { return Ok(false) };
    let sent = queued.state != State::Waiting || queued.attempts > 0;
    if sent && !armed(Fault::FoldSent) || queued.action != Action::Update.name() {
        return Ok(false);
    }
    let earlier: Operation = serde_json::from_str(&queued.payload)?;
    if earlier.user != operation.user || earlier.version != operation.version {
        return Ok(false);
    }
    outbox::remove(connection, queued.seq)?;
    merge(earlier, operation);
    Ok(queued.clock_doubtful)
}

fn merge(earlier: Operation, operation: &mut Operation) {
    operation.base_rev = earlier.base_rev;
    operation.predecessor = earlier.predecessor;
    operation.replaced.extend(earlier.replaced);
    for (field, value) in earlier.fields {
        operation.fields.entry(field).or_insert(value);
    }
    for (part, rows) in earlier.parts {
        operation.parts.entry(part).or_insert(rows);
    }
}
