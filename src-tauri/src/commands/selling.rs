//! The cart, the sale and its receipt.

use officine_till::views::{
    AddProductArgs, CartView, ChooseLotArgs, CommitSaleArgs, HeldArgs, HeldTicket, LineArgs, ListSalesArgs, LotChoice,
    MarkInHandArgs, ReceiptView, SaleArgs, SalesPage, ScanArgs, ScanView, SetQuantityArgs, SettleSaleArgs,
    ToSettleView,
};
use tauri::State;

use crate::{Answer, Shell};

/// The open cart.
#[tauri::command]
pub async fn cart(shell: State<'_, Shell>) -> Answer<CartView> {
    shell.in_turn(move |till| till.cart()).await
}

/// A scan, or a code typed and confirmed.
#[tauri::command]
pub async fn scan(shell: State<'_, Shell>, args: ScanArgs) -> Answer<ScanView> {
    shell.in_turn(move |till| till.scan(&args)).await
}

/// A product found by name.
#[tauri::command]
pub async fn add_product(shell: State<'_, Shell>, args: AddProductArgs) -> Answer<CartView> {
    shell.in_turn(move |till| till.add_product(&args)).await
}

/// How many, of which unit.
#[tauri::command]
pub async fn set_quantity(shell: State<'_, Shell>, args: SetQuantityArgs) -> Answer<CartView> {
    shell.in_turn(move |till| till.set_quantity(&args)).await
}

/// Takes a line off.
#[tauri::command]
pub async fn remove_line(shell: State<'_, Shell>, args: LineArgs) -> Answer<CartView> {
    shell.in_turn(move |till| till.remove_line(args.line)).await
}

/// The lots a line may be taken from.
#[tauri::command]
pub async fn list_lots(shell: State<'_, Shell>, args: LineArgs) -> Answer<Vec<LotChoice>> {
    shell.run(move |till| till.list_lots(args.line)).await
}

/// Another lot, with a reason.
#[tauri::command]
pub async fn choose_lot(shell: State<'_, Shell>, args: ChooseLotArgs) -> Answer<CartView> {
    shell.in_turn(move |till| till.choose_lot(&args)).await
}

/// « J'ai la boîte en main ».
#[tauri::command]
pub async fn mark_in_hand(shell: State<'_, Shell>, args: MarkInHandArgs) -> Answer<CartView> {
    shell.in_turn(move |till| till.mark_in_hand(args.line, args.in_hand)).await
}

/// Empties the cart.
#[tauri::command]
pub async fn clear_cart(shell: State<'_, Shell>) -> Answer<CartView> {
    shell.in_turn(move |till| till.clear_cart()).await
}

/// Puts the cart on hold.
#[tauri::command]
pub async fn hold_cart(shell: State<'_, Shell>) -> Answer<CartView> {
    shell.in_turn(move |till| till.hold_cart()).await
}

/// Tickets on hold.
#[tauri::command]
pub async fn list_held(shell: State<'_, Shell>) -> Answer<Vec<HeldTicket>> {
    shell.run(move |till| till.list_held()).await
}

/// Takes a ticket off hold.
#[tauri::command]
pub async fn recall_cart(shell: State<'_, Shell>, args: HeldArgs) -> Answer<CartView> {
    shell.in_turn(move |till| till.recall_cart(&args.cart)).await
}

/// The sale, on disk once this answers.
#[tauri::command]
pub async fn commit_sale(shell: State<'_, Shell>, args: CommitSaleArgs) -> Answer<ReceiptView> {
    shell.in_turn(move |till| till.commit_sale(&args)).await
}

/// Tickets, newest first.
#[tauri::command]
pub async fn list_sales(shell: State<'_, Shell>, args: ListSalesArgs) -> Answer<SalesPage> {
    shell.run(move |till| till.list_sales(&args)).await
}

/// A ticket.
#[tauri::command]
pub async fn receipt(shell: State<'_, Shell>, args: SaleArgs) -> Answer<ReceiptView> {
    shell.run(move |till| till.receipt(&args.uid)).await
}

/// The paper goes out, unless the ticket was refused first.
#[tauri::command]
pub async fn print_ticket(shell: State<'_, Shell>, args: SaleArgs) -> Answer<ReceiptView> {
    shell.run(move |till| till.print_ticket(&args.uid)).await
}

/// À régulariser.
#[tauri::command]
pub async fn list_to_settle(shell: State<'_, Shell>) -> Answer<Vec<ToSettleView>> {
    shell.run(move |till| till.list_to_settle()).await
}

/// Decides what becomes of a refused ticket.
#[tauri::command]
pub async fn settle_sale(shell: State<'_, Shell>, args: SettleSaleArgs) -> Answer<ReceiptView> {
    shell.run(move |till| till.settle_sale(&args)).await
}
