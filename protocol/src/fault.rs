//! Deliberate faults, one at a time, for the simulation to find: each is a line at the place it breaks. Without the
//! feature `faults`, which no product is built with, none is ever armed and the lines are gone.

#[cfg(feature = "faults")]
use std::sync::atomic::{AtomicUsize, Ordering};

macro_rules! faults {
    ($($(#[doc = $breaks:literal])+ $name:ident $word:literal $caught:literal;)+) => {
        /// A way to be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Fault { $($(#[doc = $breaks])+ $name,)+ }

        /// Every fault: its name, what it breaks, the invariants that should find it.
        pub const FAULTS: &[(Fault, &str, &str, &str)] =
            &[$((Fault::$name, $word, concat!($($breaks),+), $caught),)+];
    };
}

faults! {
    /// The hub does not look whether it has answered a key before.
    Idempotency "idempotency" "I1 I2 I9 I12";
    /// The hub forgets answers that their device has not acknowledged.
    AnswersPruned "answers-pruned" "I2";
    /// The cursor is stored before its page.
    CursorFirst "cursor-first" "I6";
    /// The hub's page leaves out its last row and passes it.
    CursorPasses "cursor-passes" "I6";
    /// The hub's page leaves out rows that its rows refer to.
    PageAlone "page-alone" "I6 I12";
    /// Of two movements of a lot in one upload the last one counts.
    LastMovement "last-movement" "I3";
    /// A document that is pulled again moves stock again.
    MovedTwice "moved-twice" "I3";
    /// The hub stores a document without its first movement.
    HalfDocument "half-document" "I3 I4";
    /// A lot below zero opens no recount.
    NoRecount "no-recount" "I3 engine";
    /// A row that waits for an operation of ours is dropped and not held.
    HeldDropped "held-dropped" "I6";
    /// Held rows are never released.
    HeldForEver "held-for-ever" "I6";
    /// Every fourth ticket skips a number.
    NumberGap "number-gap" "I9";
    /// The hub does not store a sale that it refuses.
    ReversedLost "reversed-lost" "I1 I9";
    /// The hub's edits are not logged.
    HubUnlogged "hub-unlogged" "I11";
    /// What a pull overwrites is not logged.
    PullUnlogged "pull-unlogged" "I11";
    /// A pull is not bound to its pharmacy.
    PharmacyUnbound "pharmacy-unbound" "I10";
    /// A pull writes the birth of rows that are here.
    BirthOverwritten "birth-overwritten" "I7";
    /// After a refusal nothing is sent any more.
    RefusalStops "refusal-stops" "I5 I12";
    /// The queue is written after the transaction of what it tells, and the power may go between.
    OutboxLate "outbox-late" "I1 I8 I9 I12";
    /// What came before a count and is heard of later moves what was counted.
    LateMoves "late-moves" "I3";
    /// An edit that was sent is taken into the next one of its row.
    FoldSent "fold-sent" "I2 I8 I12";
    /// What the hub computed otherwise is not written at the till.
    CorrectionsForgotten "corrections-forgotten" "I3 I8";
    /// A second decision on a refused ticket stands beside the first.
    SettledTwice "settled-twice" "I2";
    /// A page of a first sync leaves out its last row and passes it.
    WalkPasses "walk-passes" "I6";
    /// What does not win where edits meet is not logged.
    LoserUnlogged "loser-unlogged" "I11";
    /// A second resolution of a conflict is applied as well.
    ResolvedTwice "resolved-twice" "I2";
    /// A resolution closes its conflict, and its values are not written.
    ResolutionUnwritten "resolution-unwritten" "I4";
    /// The hub asks no setting who wins.
    StrategyUnasked "strategy-unasked" "I11";
    /// What a hub lost that was put back is not given back.
    RestoreLost "restore-lost" "I1 I6 I8";
    /// A hub that was put back goes on in the epoch it was in.
    EpochKept "epoch-kept" "I6 I8 I12";
    /// Rows that the hub has not named are not looked for.
    OrphanBlind "orphan-blind" "I1 I8 I12";
    /// A sequence that was used for another content is not noticed.
    CloneUnseen "clone-unseen" "I1 I2 I8 I9";
    /// A quantity that its movements contradict is left as it is.
    LedgerTrusted "ledger-trusted" "I3";
}

#[cfg(feature = "faults")]
static ARMED: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Switches one on for this process, or all off.
#[cfg(feature = "faults")]
pub fn arm(fault: Option<Fault>) {
    ARMED.store(fault.map_or(usize::MAX, |fault| fault as usize), Ordering::Relaxed);
}

/// Whether it is switched on.
#[cfg(feature = "faults")]
pub fn armed(fault: Fault) -> bool {
    ARMED.load(Ordering::Relaxed) == fault as usize
}

/// Never: no fault is built in.
#[cfg(not(feature = "faults"))]
pub const fn armed(_: Fault) -> bool {
    false
}
