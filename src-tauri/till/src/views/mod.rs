//! The window's contract: what each command takes and gives, declared once.
//! TypeScript is generated from it into `ui/src/contract`. Money is whole francs, quantities are base units,
//! instants are Unix milliseconds, dates are `YYYY-MM-DD`, identities (`uid`) are hyphenated UUIDs.

mod cart;
mod catalogue;
mod conflicts;
mod contacts;
mod diagnostic;
mod expiries;
mod integrity;
mod log;
mod merge;
mod money;
mod orders;
mod people;
mod purchasing;
mod repair;
mod safety;
mod sale;
mod settle;
mod stock;
mod stocktake;
mod sync;

pub use cart::*;
pub use catalogue::*;
pub use conflicts::*;
pub use contacts::*;
pub use diagnostic::*;
pub use expiries::*;
pub use integrity::*;
pub use log::*;
pub use merge::*;
pub use money::*;
pub use orders::*;
pub use people::*;
pub use purchasing::*;
pub use repair::*;
pub use safety::*;
pub use sale::*;
pub use settle::*;
pub use stock::*;
pub use stocktake::*;
pub use sync::*;

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One command: the arguments it takes and what it answers. Exists for its types only.
#[derive(TS)]
#[ts(export)]
pub struct Call<A: TS, R: TS> {
    /// The single argument object.
    pub args: A,
    /// The answer.
    pub result: R,
    #[ts(skip)]
    marker: PhantomData<(A, R)>,
}

/// No argument, or no answer.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[ts(export, type = "null")]
pub struct Nothing;

/// Why a command refused: a stable code that the catalogue words, and the figures it names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Problem {
    /// Snake case, e.g. `stock_insufficient`; one message per code and language in the catalogue.
    pub code: String,
    /// What the message names.
    #[ts(type = "Record<string, string | number>")]
    pub params: serde_json::Map<String, serde_json::Value>,
}

/// Every command of the window, by name.
#[derive(TS)]
#[ts(export)]
#[allow(dead_code, reason = "read by the generator and by the shell's tests only")]
pub struct Commands {
    start: Call<Nothing, StartView>,
    enrol: Call<EnrolArgs, StartView>,
    create_owner: Call<CreateOwnerArgs, StartView>,
    sign_in: Call<SignInArgs, SessionView>,
    sign_out: Call<Nothing, Nothing>,
    unlock_user: Call<UserArgs, Nothing>,
    list_people: Call<Nothing, Vec<PersonCard>>,

    search_products: Call<SearchArgs, Vec<ProductHit>>,
    cart: Call<Nothing, CartView>,
    scan: Call<ScanArgs, ScanView>,
    add_product: Call<AddProductArgs, CartView>,
    set_quantity: Call<SetQuantityArgs, CartView>,
    remove_line: Call<LineArgs, CartView>,
    list_lots: Call<LineArgs, Vec<LotChoice>>,
    choose_lot: Call<ChooseLotArgs, CartView>,
    mark_in_hand: Call<MarkInHandArgs, CartView>,
    clear_cart: Call<Nothing, CartView>,
    hold_cart: Call<Nothing, CartView>,
    list_held: Call<Nothing, Vec<HeldTicket>>,
    recall_cart: Call<HeldArgs, CartView>,
    commit_sale: Call<CommitSaleArgs, ReceiptView>,

    list_sales: Call<ListSalesArgs, SalesPage>,
    receipt: Call<SaleArgs, ReceiptView>,
    print_ticket: Call<SaleArgs, ReceiptView>,
    list_to_settle: Call<Nothing, Vec<ToSettleView>>,
    settle_sale: Call<SettleSaleArgs, ReceiptView>,

    list_products: Call<ListProductsArgs, ProductsPage>,
    product: Call<ProductArgs, ProductView>,
    set_price: Call<SetPriceArgs, ProductView>,
    attach_code: Call<AttachCodeArgs, ProductView>,
    choose_import_file: Call<Nothing, Option<String>>,
    check_import: Call<ImportArgs, ImportReport>,
    run_import: Call<ImportArgs, ImportReport>,
    cancel_import: Call<Nothing, Nothing>,

    expiries: Call<ExpiriesArgs, ExpiryReport>,
    export_expiries: Call<ExpiriesArgs, Option<ExportedFile>>,
    expiry_summary: Call<Nothing, ExpirySummary>,
    tell_expiries: Call<TellExpiriesArgs, Nothing>,

    sync_now: Call<Nothing, SyncReport>,
    refresh_data: Call<Nothing, SyncReport>,
    cancel_sync: Call<Nothing, Nothing>,
    sync_state: Call<Nothing, SyncState>,
    list_queue: Call<ListQueueArgs, QueuePage>,
    retry_operation: Call<OperationArgs, Nothing>,
    retry_queue: Call<Nothing, Operations>,
    clear_queue: Call<Nothing, Operations>,
    export_queue: Call<ExportQueueArgs, Option<ExportedFile>>,
    list_runs: Call<Nothing, Vec<SyncRun>>,
    sync_activity: Call<Nothing, SyncActivity>,
    diagnostic: Call<Nothing, DiagnosticView>,
    tell_desktop: Call<TellDesktopArgs, Nothing>,

    list_contacts: Call<ListContactsArgs, Vec<ContactView>>,
    list_conflicts: Call<ListConflictsArgs, ConflictsView>,
    read_conflict: Call<ConflictArgs, ConflictView>,
    resolve_conflict: Call<ResolveConflictArgs, ConflictView>,
    resolve_conflicts: Call<ResolveAllArgs, ResolvedView>,
    stop_resolving: Call<Nothing, Nothing>,
    undo_resolution: Call<ConflictArgs, ConflictView>,
    preview_merge: Call<MergeArgs, MergePreview>,
    merge_twins: Call<MergeArgs, ConflictView>,
    row_history: Call<RowHistoryArgs, LogPage>,
    change_log: Call<ChangeLogArgs, LogPage>,
    export_change_log: Call<ChangeLogArgs, Option<ExportedFile>>,

    repair: Call<Nothing, RepairRun>,
    list_repairs: Call<ListRepairsArgs, RepairsView>,
    export_repairs: Call<ListRepairsArgs, Option<ExportedFile>>,
    check_integrity: Call<IntegrityArgs, IntegrityReport>,
    last_integrity: Call<Nothing, Option<IntegrityReport>>,
    export_integrity: Call<Nothing, Option<ExportedFile>>,
    certify: Call<Nothing, CertificateView>,
    list_certificates: Call<Nothing, Vec<CertificateView>>,

    settings: Call<Nothing, SettingsView>,
    save_settings: Call<SettingsView, SettingsView>,
    pharmacy_settings: Call<Nothing, PharmacySettings>,
    set_pharmacy_settings: Call<PharmacySettings, PharmacySettings>,

    identity: Call<Nothing, IdentityView>,
    reenrol: Call<ReenrolArgs, IdentityView>,
    backups: Call<Nothing, BackupsView>,
    set_backups: Call<BackupSettings, BackupsView>,
    choose_backup_folder: Call<Nothing, Option<String>>,
    choose_backup_file: Call<Nothing, Option<String>>,
    back_up: Call<Nothing, BackupsView>,
    restore_backup: Call<RestoreBackupArgs, Nothing>,
    salvage: Call<Nothing, SalvageReport>,
}

/// What the engine tells the window without being asked. Sent on the channel `officine`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Notice {
    /// These views are stale: read them again.
    Changed {
        /// Which.
        topics: Vec<Topic>,
    },
    /// A ticket got its verdict.
    SaleSettled {
        /// The ticket, as it is now.
        receipt: Box<ReceiptView>,
        /// Where its lines went, if it was refused.
        cart: ReturnedCart,
    },
    /// A ticket was refused after its paper was out: it waits for a decision.
    SaleToSettle {
        /// The ticket.
        sale: Box<ToSettleView>,
    },
    /// What was decided here about a refused ticket counts for nothing: another decision reached the hub first.
    SaleAlreadySettled {
        /// Number of the ticket.
        number: String,
        /// The decision that stands, where this till knows it.
        standing: Option<Box<SettlementView>>,
        /// The decision made here.
        own: Box<SettlementView>,
    },
    /// Another number of conflicts waits for somebody than before.
    Conflicts {
        /// How many wait.
        open: u32,
    },
    /// What was decided here about a conflict counts for nothing: another decision reached the hub first.
    ConflictAlreadySettled {
        /// The conflict as it stands.
        conflict: Box<ConflictSummary>,
    },
    /// What was decided here about a conflict would have overwritten what was written meanwhile: it waits for somebody again.
    ConflictAsksAgain {
        /// The conflict as it stands.
        conflict: Box<ConflictSummary>,
    },
    /// Conflicts are being resolved together.
    ResolveProgress {
        /// Done.
        done: u32,
        /// Of how many.
        of: u32,
    },
    /// The sync goes through a step.
    SyncProgress {
        /// How far.
        progress: SyncProgress,
    },
    /// A repair goes through a step; none: it ended.
    RepairProgress {
        /// How far.
        progress: Option<RepairProgress>,
    },
    /// An integrity sync goes on.
    IntegrityProgress {
        /// How far.
        progress: IntegrityProgress,
    },
    /// The hub does not know this till as the one it was: it asks to enrol anew.
    Identity {
        /// What it is.
        identity: Box<IdentityView>,
    },
    /// The import goes on.
    ImportProgress {
        /// How far.
        progress: ImportProgress,
    },
    /// The store was found damaged, full or read-only while running.
    Trouble {
        /// What, and what to press.
        problem: Problem,
    },
}

/// A family of views that a change makes stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Topic {
    /// The open cart.
    Cart,
    /// Tickets and held tickets.
    Sales,
    /// Products, lots, quantities.
    Stock,
    /// Users.
    People,
    /// The queue, the runs, the strip.
    Sync,
    /// Settings.
    Settings,
    /// Conflicts, and the marks of rows that have one.
    Conflicts,
}

/// Where a refused ticket's lines are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ReturnedCart {
    /// Not refused: nothing came back.
    None,
    /// The open cart, editable: its paper was not out, and no other has begun.
    Open,
    /// A held ticket, listed in Ventes.
    Held,
}
