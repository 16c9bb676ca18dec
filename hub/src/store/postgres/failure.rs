//! What PostgreSQL says, as the storage's errors. Details are left out: they quote whole rows.

use std::error::Error as _;

use tokio_postgres::error::SqlState;

use crate::StoreError;

pub(super) fn failure(error: tokio_postgres::Error) -> StoreError {
    let Some(said) = error.as_db_error() else {
        let lost = error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
        return if lost { StoreError::Busy(error.to_string()) } else { StoreError::Failed(error.to_string()) };
    };
    let (state, text) = (said.code(), format!("{} ({})", said.message(), said.code().code()));
    if *state == SqlState::DATA_CORRUPTED || *state == SqlState::INDEX_CORRUPTED {
        return StoreError::Damaged(text);
    }
    if *state == SqlState::DISK_FULL || *state == SqlState::READ_ONLY_SQL_TRANSACTION {
        return StoreError::Unwritable(text);
    }
    if *state == SqlState::INSUFFICIENT_PRIVILEGE || *state == SqlState::UNDEFINED_TABLE {
        return StoreError::Unwritable(text);
    }
    if *state == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT {
        return StoreError::Busy(text);
    }
    match state.code().get(..2) {
        Some("22" | "23") => StoreError::Refused(text),
        Some("40") => StoreError::Contended(text),
        Some("08" | "53" | "55" | "57") => StoreError::Busy(text),
        Some("58") => StoreError::Unwritable(text),
        _ => StoreError::Failed(text),
    }
}
