//! A ticket's place in its series: the next number, linked to the ticket before. Sales and returns share one series.

use officine_protocol::{
    chain,
    fault::{Fault, armed},
    record::Record,
    schema::Entity,
    ticket,
    value::Value,
};

use crate::act::Act;

/// Gives a whole ticket the next number of the series and its link. What is printed is frozen from here on.
pub fn seal(act: &mut Act<'_>, entity: &Entity, record: &mut Record) {
    act.state.last_number += 1;
    if armed(Fault::NumberGap) && act.state.last_number % 4 == 0 {
        act.state.last_number += 1;
    }
    record.set(entity, "series", act.state.series).set(entity, "number", act.state.last_number);
    record.set(entity, "chain_version", chain::VERSION);
    record.set(entity, "previous_hash", Value::Bytes(act.state.last_hash.to_vec()));
    act.state.last_hash = ticket::link(entity, record);
    record.set(entity, "hash", Value::Bytes(act.state.last_hash.to_vec()));
}
