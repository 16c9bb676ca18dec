//! The window of the till: each command is one line over the engine, each notice of the engine an event.
//! Nothing is decided here, and nothing here runs on the thread that paints.

mod commands;
mod desktop;
mod events;
mod log;
mod shell;
mod startup;

pub use events::CHANNEL;
pub use log::{Log, Rotating};
pub use shell::{Answer, Shell};
pub use startup::{Options, run};

use tauri::{Runtime, ipc::Invoke};

/// Every command of the contract.
pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        commands::people::start,
        commands::people::enrol,
        commands::people::create_owner,
        commands::people::sign_in,
        commands::people::sign_out,
        commands::people::unlock_user,
        commands::people::list_people,
        commands::people::list_contacts,
        commands::selling::cart,
        commands::selling::scan,
        commands::selling::add_product,
        commands::selling::set_quantity,
        commands::selling::remove_line,
        commands::selling::list_lots,
        commands::selling::choose_lot,
        commands::selling::mark_in_hand,
        commands::selling::clear_cart,
        commands::selling::hold_cart,
        commands::selling::list_held,
        commands::selling::recall_cart,
        commands::selling::commit_sale,
        commands::selling::list_sales,
        commands::selling::receipt,
        commands::selling::print_ticket,
        commands::selling::list_to_settle,
        commands::selling::settle_sale,
        commands::catalogue::search_products,
        commands::catalogue::list_products,
        commands::catalogue::product,
        commands::catalogue::set_price,
        commands::catalogue::attach_code,
        commands::catalogue::choose_import_file,
        commands::catalogue::check_import,
        commands::catalogue::run_import,
        commands::catalogue::cancel_import,
        commands::expiries::expiries,
        commands::expiries::export_expiries,
        commands::expiries::expiry_summary,
        commands::expiries::tell_expiries,
        commands::sync::sync_now,
        commands::sync::refresh_data,
        commands::sync::cancel_sync,
        commands::sync::sync_state,
        commands::sync::list_queue,
        commands::sync::retry_operation,
        commands::sync::retry_queue,
        commands::sync::clear_queue,
        commands::sync::export_queue,
        commands::sync::list_runs,
        commands::sync::sync_activity,
        commands::sync::diagnostic,
        commands::sync::tell_desktop,
        commands::conflicts::list_conflicts,
        commands::conflicts::read_conflict,
        commands::conflicts::resolve_conflict,
        commands::conflicts::resolve_conflicts,
        commands::conflicts::stop_resolving,
        commands::conflicts::undo_resolution,
        commands::conflicts::preview_merge,
        commands::conflicts::merge_twins,
        commands::conflicts::row_history,
        commands::conflicts::change_log,
        commands::conflicts::export_change_log,
        commands::repair::repair,
        commands::repair::list_repairs,
        commands::repair::export_repairs,
        commands::repair::check_integrity,
        commands::repair::last_integrity,
        commands::repair::export_integrity,
        commands::repair::certify,
        commands::repair::list_certificates,
        commands::settings::settings,
        commands::settings::save_settings,
        commands::settings::pharmacy_settings,
        commands::settings::set_pharmacy_settings,
        commands::safety::identity,
        commands::safety::reenrol,
        commands::safety::backups,
        commands::safety::set_backups,
        commands::safety::choose_backup_folder,
        commands::safety::choose_backup_file,
        commands::safety::back_up,
        commands::safety::restore_backup,
        commands::safety::salvage,
    ]
}
