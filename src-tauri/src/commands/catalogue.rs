//! Products, search and import.

use officine_till::views::{
    AttachCodeArgs, ImportArgs, ImportReport, ListProductsArgs, Nothing, ProductArgs, ProductHit, ProductView,
    ProductsPage, SearchArgs, SetPriceArgs,
};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;

use crate::{Answer, Shell};

/// Products by word, code or DCI.
#[tauri::command]
pub async fn search_products(shell: State<'_, Shell>, args: SearchArgs) -> Answer<Vec<ProductHit>> {
    shell.run(move |till| till.search_products(&args)).await
}

/// Produits.
#[tauri::command]
pub async fn list_products(shell: State<'_, Shell>, args: ListProductsArgs) -> Answer<ProductsPage> {
    shell.run(move |till| till.list_products(&args)).await
}

/// A product, whole.
#[tauri::command]
pub async fn product(shell: State<'_, Shell>, args: ProductArgs) -> Answer<ProductView> {
    shell.run(move |till| till.product(&args.uid)).await
}

/// A price.
#[tauri::command]
pub async fn set_price(shell: State<'_, Shell>, args: SetPriceArgs) -> Answer<ProductView> {
    shell.run(move |till| till.set_price(&args)).await
}

/// An unknown code, attached to a product.
#[tauri::command]
pub async fn attach_code(shell: State<'_, Shell>, args: AttachCodeArgs) -> Answer<ProductView> {
    shell.run(move |till| till.attach_code(&args)).await
}

/// A dry run.
#[tauri::command]
pub async fn check_import(shell: State<'_, Shell>, args: ImportArgs) -> Answer<ImportReport> {
    shell.run(move |till| till.check_import(&args)).await
}

/// The import.
#[tauri::command]
pub async fn run_import(shell: State<'_, Shell>, args: ImportArgs) -> Answer<ImportReport> {
    shell.run(move |till| till.run_import(&args)).await
}

/// Stops the import under way.
#[tauri::command]
pub async fn cancel_import(shell: State<'_, Shell>) -> Answer<Nothing> {
    shell
        .run(|till| {
            till.cancel_import();
            Ok(Nothing)
        })
        .await
}

/// Asks for a catalogue file; none if the person thinks better of it.
#[tauri::command]
pub async fn choose_import_file<R: Runtime>(app: AppHandle<R>, shell: State<'_, Shell>) -> Answer<Option<String>> {
    shell
        .run(move |till| {
            till.session()?;
            let dialog = app.dialog().file().add_filter("CSV", &["csv", "tsv", "txt"]);
            let chosen = dialog.blocking_pick_file().and_then(|file| file.into_path().ok());
            Ok(chosen.map(|path| path.display().to_string()))
        })
        .await
}
