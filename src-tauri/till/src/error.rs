//! What can go wrong, as a code that the catalogue words and the figures it names. Never a raw message.

use officine_protocol::{Params, params, value::FieldError};
use rusqlite::{ErrorCode, ffi};

use crate::views::Problem;

/// The result of everything the engine does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the engine did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule says no. Nothing was changed.
    #[error("{code} {params:?}")]
    Refused {
        /// Worded by the catalogue.
        code: String,
        /// What the message names.
        params: Params,
    },
    /// The store says no.
    #[error("store: {0}")]
    Store(#[from] rusqlite::Error),
    /// A file beside the store says no.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// The hub cannot be reached, or is not one.
    #[error("hub: {code} {params:?}")]
    Hub {
        /// Worded by the catalogue.
        code: String,
        /// What the message names.
        params: Params,
    },
}

/// Refuses with a code and parameters: `refuse!("lot_expired", lot: number)`.
#[macro_export]
macro_rules! refuse {
    ($code:literal $(, $name:ident : $value:expr)* $(,)?) => {
        Err($crate::error::Error::refused($code, officine_protocol::params!($($name: $value),*)))
    };
}

impl Error {
    /// A rule's no.
    pub fn refused(code: &str, params: Params) -> Self {
        Self::Refused { code: code.to_owned(), params }
    }

    /// The hub's no, or its silence.
    pub fn hub(code: &str, params: Params) -> Self {
        Self::Hub { code: code.to_owned(), params }
    }

    /// The form in which the window and scripts get it.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused { code, params } | Self::Hub { code, params } => {
                Problem { code: code.clone(), params: params.clone() }
            }
            Self::Store(error) => store_problem(error),
            Self::File(error) => file_problem(error),
        }
    }

    /// A row of the store holds what its columns cannot: the store itself is well, and so are other rows.
    pub fn is_of_one_row(&self) -> bool {
        matches!(self, Self::Store(error) if error.sqlite_error_code().is_none_or(|code| code == ErrorCode::ConstraintViolation))
    }

    /// The code alone.
    pub fn code(&self) -> String {
        self.problem().code
    }
}

/// SQLite's words for a disk without room that it does not call full: the shared memory and the log could not grow.
const NO_ROOM: [i32; 3] = [ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_TRUNCATE];

fn store_problem(error: &rusqlite::Error) -> Problem {
    let extended = error.sqlite_error().map(|failure| failure.extended_code);
    let code = match error.sqlite_error_code() {
        Some(ErrorCode::SystemIoFailure) if extended.is_some_and(|code| NO_ROOM.contains(&code)) => "disk_full",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "store_busy",
        Some(ErrorCode::DiskFull) => "disk_full",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => "store_read_only",
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => "store_unreadable",
        _ => "store_failed",
    };
    Problem { code: code.to_owned(), params: params! { detail: error.to_string(), path: "" } }
}

fn file_problem(error: &std::io::Error) -> Problem {
    let code = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "disk_full",
        std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied => "store_read_only",
        _ => "store_failed",
    };
    Problem { code: code.to_owned(), params: params! { detail: error.to_string(), path: "" } }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::refused("field_invalid", params! { field: error.field, why: error.why })
    }
}

impl From<refinery::Error> for Error {
    fn from(error: refinery::Error) -> Self {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(inner) = source {
            if let Some(rusqlite::Error::SqliteFailure(failure, message)) = inner.downcast_ref() {
                return Self::Store(rusqlite::Error::SqliteFailure(*failure, message.clone()));
            }
            source = inner.source();
        }
        Self::refused("store_failed", params! { detail: error.to_string() })
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::refused("internal", params! { detail: error.to_string() })
    }
}
