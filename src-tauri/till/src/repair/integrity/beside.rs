//! How a row stands beside the hub's, and what is done about it.

use officine_protocol::{Uid, digest::hash, limits::SCHEMA, messages::WireRow, schema::Entity};
use rusqlite::Connection;

use crate::{
    error::Result,
    store::{outbox, rows},
    sync::{
        apply,
        digest::{Pending, at_the_hub},
    },
};

/// How a row stands beside the hub's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Equal.
    Equal,
    /// It is on its way.
    Pending,
    /// Equal, but for the hub's name for it.
    Named(i64),
    /// It differs, or is not here.
    Differs,
    /// The hub lost it.
    Here,
    /// The hub never had it.
    Nowhere,
}

impl Beside {
    /// Compares a row with the hub's.
    pub fn of(connection: &Connection, entity: &'static Entity, uid: Uid, there: Option<&WireRow>) -> Result<Self> {
        let Some((_, record)) = rows::get(connection, entity, uid)? else { return Ok(Self::Differs) };
        let Some(there) = there else {
            return Ok(match (outbox::is_pending(connection, uid)?, record.server_id) {
                (true, _) => Self::Pending,
                (false, Some(_)) => Self::Here,
                (false, None) => Self::Nowhere,
            });
        };
        let pending = Pending::read(connection)?;
        let here = at_the_hub(connection, entity, record.clone(), pending.on(record.uid))?;
        let theirs = apply::decode(entity, there)?;
        let alike = here.as_ref().is_some_and(|here| hash(entity, here, SCHEMA) == hash(entity, &theirs, SCHEMA));
        Ok(match (alike, record.server_id == Some(there.server_id)) {
            (true, true) if pending.on(record.uid).is_empty() => Self::Equal,
            (true, true) => Self::Pending,
            (true, false) => Self::Named(there.server_id),
            (false, _) => Self::Differs,
        })
    }

    /// What is done about it, in the words of [`IntegrityStep::action`](crate::views::IntegrityStep::action).
    pub fn action(self, force: bool) -> &'static str {
        match self {
            Self::Equal if force => "pull",
            Self::Equal => "check",
            Self::Pending | Self::Nowhere => "push",
            Self::Named(_) => "name",
            Self::Differs => "pull",
            Self::Here => "give",
        }
    }
}
