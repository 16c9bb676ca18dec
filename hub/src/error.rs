//! What can go wrong between the hub and its database, by name.

/// A failure of the storage. None of them has left anything half written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database was written by a newer hub.
    #[error("the database has schema {found}, this hub knows {known}")]
    SchemaNewer {
        /// Schema found.
        found: i64,
        /// Newest schema known.
        known: i64,
    },
    /// A rule of the tables refused a write: only the transaction's own content is at fault.
    #[error("the database refused: {0}")]
    Refused(String),
    /// Another writer held the database for too long, or no connection came free.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// Two writers were in one another's way, or the database asks to be asked again.
    #[error("the database asks to try again: {0}")]
    Contended(String),
    /// The role that should serve could see past row-level security.
    #[error(
        "the role « {role} » may not serve: it {why}. Give the URL of a role that owns nothing as the database's, and \
         that of the tables' owner as the owner's"
    )]
    Role {
        /// The role.
        role: String,
        /// What is wrong with it.
        why: String,
    },
    /// The two URLs reach two databases. Nothing was changed in either.
    #[error("database_url and owner_url reach different databases: nothing was changed")]
    TwoDatabases,
    /// The role that should own the tables does not. Nothing was changed.
    #[error("the role « {role} » may not act as the owner: table {table}. Give that role's URL as the owner's")]
    NotOwner {
        /// The role.
        role: String,
        /// A table and whose it is.
        table: String,
    },
    /// Somebody is connected as the owner of tables that are about to be bound to roles. Nothing was changed.
    #[error("the tables' owner is connected ({0}): stop the running hub first, it would no longer see its rows")]
    HubRunning(String),
    /// Only the role that owns the tables may do this.
    #[error("{0} needs the owner's role: say --owner-url")]
    NeedsOwner(&'static str),
    /// The disk is full, or the file may not be written.
    #[error("the database cannot be written: {0}")]
    Unwritable(String),
    /// What is stored cannot be read.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(String),
    /// The one-time code is none of ours, or too old.
    #[error("unknown enrolment code")]
    CodeWrong,
    /// The one-time code was used.
    #[error("enrolment code used before")]
    CodeUsed,
    /// The device was revoked.
    #[error("device revoked")]
    Revoked,
    /// The device's file is a restored or a copied one: what it sends is kept and not applied.
    #[error("the device is in quarantine: a sequence was used for another content")]
    Quarantined,
    /// What was said is of another history than the pharmacy's.
    #[error("another history: the device knows epoch {known}, the hub is at {found}")]
    OtherHistory {
        /// The device's epoch.
        known: i64,
        /// The hub's.
        found: i64,
    },
    /// An epoch began a moment ago.
    #[error("an epoch began a moment ago: another one not before {0} s")]
    EpochYoung(i64),
    /// What a device says of its history cannot be.
    #[error("what the device says of its history cannot be")]
    HistoryRefused,
    /// No such pharmacy or device.
    #[error("unknown {0}")]
    Unknown(&'static str),
}

impl StoreError {
    /// A stored value of another shape than the tables promise.
    pub(crate) fn shape(what: &'static str) -> Self {
        Self::Damaged(format!("unexpected {what}"))
    }
}
