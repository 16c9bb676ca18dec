//! Every bound of the wire in one place. A sender stays within them, a receiver refuses what exceeds them.

/// Version of the wire.
pub const PROTOCOL: u32 = 1;
/// Version of the declared entities: rises with the first release that adds a column or an entity.
pub const SCHEMA: u32 = 2;
/// Operations in one push.
pub const PUSH_OPERATIONS: usize = 500;
/// Bytes of one push, before compression, and of one decompressed request body.
pub const PUSH_BYTES: usize = 4 << 20;
/// Bytes of one frozen operation. A ticket of 2,000 lines fits.
pub const OPERATION_BYTES: usize = 2 << 20;
/// Lines of one document. The busiest real ticket known has 1,114.
pub const DOCUMENT_LINES: usize = 2_000;
/// Movements a document is born with. As many may follow: what undoes or re-allocates them.
pub const DOCUMENT_MOVEMENTS: usize = 4 * DOCUMENT_LINES;
/// Bytes of what a conflict shows of the values that met. The largest edit of one row takes a sixth of it.
pub const CONFLICT_BYTES: usize = 512 << 10;
/// Rows of one page of a pull, those that its rows refer to left out.
pub const PULL_ROWS: usize = 1_000;
/// Bytes of one page of a pull, before compression.
pub const PULL_BYTES: usize = 2 << 20;
/// Milliseconds for which a pull may be held while nothing is new. Many a middlebox forgets what is quiet for half a minute.
pub const PULL_WAIT_MS: u32 = 25_000;
/// Rows of one page of a first sync: a till stores them while somebody scans.
pub const WALK_ROWS: usize = 500;
/// Characters of a scan.
pub const CODE_CHARS: usize = 512;
/// The largest amount or quantity: half of what a JavaScript number holds exactly.
pub const LARGEST: i64 = 1 << 52;
/// A verdict is kept at least this long, and until its device has acknowledged it.
pub const VERDICT_KEPT_MS: i64 = 24 * 3600 * 1000;
/// Rows asked for by name at once.
pub const ROWS_ASKED: usize = 500;
/// Rows of a bucket that are told one by one.
pub const LISTED_ROWS: usize = 4_096;
/// Rows that a hub hashes for one answer, where a till asks for portions: some seconds.
pub const HASHED_ROWS: i64 = 100_000;
/// So many such portions a till asks for before it goes without.
pub const HASHED_PORTIONS: u32 = 1_000;
/// Rows offered to a hub at once.
pub const OFFERED_ROWS: usize = 200;
/// Places of its history that a till tells.
pub const PASSED: usize = 64;
/// Findings of one check of the hub's books.
pub const FINDINGS: usize = 1_000;
/// Revisions that a new epoch leaves free above the last one known: none of the lost ones is given again.
pub const EPOCH_LEAP: i64 = 1 << 32;
