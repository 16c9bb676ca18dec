//! Why a file or a row is refused: a stable code that the catalogue words, and what the message names.

use officine_protocol::{Params, params};

/// A row that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Physical line where the record starts, the header being 1.
    pub line: u32,
    /// Header of the column at fault, empty where the whole row is.
    pub column: String,
    /// Snake case, e.g. `price_negative`.
    pub code: &'static str,
    /// What the message names.
    pub params: Params,
}

/// A file that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Larger than is ever opened.
    #[error("the file holds {size} bytes, at most {max} are read")]
    TooLarge {
        /// Bytes.
        size: u64,
        /// Bytes.
        max: u64,
    },
    /// More rows than are ever staged.
    #[error("the file holds more than {max} rows")]
    TooManyRows {
        /// Rows.
        max: u32,
    },
    /// No row below the header.
    #[error("the file has no row")]
    Empty,
    /// A column that no product can do without.
    #[error("no column gives the {column}")]
    ColumnMissing {
        /// The field, as in `Staged::columns`.
        column: &'static str,
    },
    /// Not a text, or the disk refused.
    #[error("the file cannot be read: {reason}")]
    Unreadable {
        /// For the log.
        reason: String,
    },
    /// The caller asked for it.
    #[error("the read was cancelled")]
    Cancelled,
}

impl ReadError {
    /// Its code in the catalogue.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "file_too_large",
            Self::TooManyRows { .. } => "file_too_many_rows",
            Self::Empty => "file_empty",
            Self::ColumnMissing { .. } => "column_missing",
            Self::Unreadable { .. } => "file_unreadable",
            Self::Cancelled => "import_cancelled",
        }
    }

    /// What its message names.
    pub fn params(&self) -> Params {
        match self {
            Self::TooLarge { size, max } => params! { size: size, max: max },
            Self::TooManyRows { max } => params! { max: max },
            Self::ColumnMissing { column } => params! { column: column },
            Self::Empty | Self::Unreadable { .. } | Self::Cancelled => params! {},
        }
    }
}

impl From<std::io::Error> for ReadError {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable { reason: error.to_string() }
    }
}
