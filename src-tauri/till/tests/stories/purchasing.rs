//! Buying: from the order to the supplier's credit.

use officine_protocol::{Uid, entities::PRODUCT_BATCH};
use officine_till::views::{
    EditOrderArgs, ListOrdersArgs, LotQuantityArgs, OrderStateName, ReceiveLineArgs, SupplierReturnArgs,
};

use crate::support::{
    MINUTE, NOW,
    goods::{code_of, item, line, open, order, receive, units, without_order},
};

#[test]
fn orders_bear_the_tills_series_and_leave_no_number_out() {
    let (shop, supplier, product) = open();
    let first = order(&shop, supplier, vec![item(product, 5, 1, Some(4_000))]).unwrap();
    assert_eq!((first.row.number.as_str(), first.row.state), ("2-000001", OrderStateName::Open));
    assert_eq!((first.row.cost, first.lines[0].pack_cost), (None, None), "what it costs is the manager's to see");
    shop.sign_in("manager");
    let seen = shop.till.order(&first.row.uid).unwrap();
    assert_eq!((seen.row.cost, seen.lines[0].pack_cost), (Some(20_000), Some(4_000)));
    shop.sign_in("pharmacist");
    shop.till.cancel_order(&first.row.uid).unwrap();
    assert_eq!(code_of(order(&shop, supplier, vec![])), "lines_missing");
    let second = order(&shop, supplier, vec![item(product, 5, 0, None)]).unwrap();
    assert_eq!(second.row.number, "2-000002");
    let list = |awaited| shop.till.list_orders(&ListOrdersArgs { awaited, offset: 0, limit: 10 }).unwrap();
    assert_eq!(
        list(false).iter().map(|row| row.state).collect::<Vec<_>>(),
        [OrderStateName::Open, OrderStateName::Cancelled]
    );
    assert_eq!(list(true).len(), 1);
    assert_eq!(
        shop.recorded_after(0),
        [
            "supplierOrder create",
            "supplierOrderItem create",
            "supplierOrder update",
            "supplierOrder create",
            "supplierOrderItem create"
        ]
    );
}

#[test]
fn an_open_order_is_changed_line_by_line() {
    let (shop, supplier, product) = open();
    let [second, third] = [("Ibuprofène", "2000000000022"), ("Zinc", "2000000000039")]
        .map(|(name, code)| shop.hub.product(name, code, None));
    shop.sync();
    let placed = order(&shop, supplier, vec![item(product, 5, 0, Some(4_000)), item(second, 2, 0, None)]).unwrap();
    let before = shop.recorded().len();
    let edit = |items| {
        let (order, expected_on) = (placed.row.uid.clone(), Some("2026-11-27".to_owned()));
        shop.till.edit_order(&EditOrderArgs { order, expected_on, note: String::new(), items })
    };
    let view = edit(vec![item(product, 7, 0, Some(4_000)), item(third, 1, 0, None)]).unwrap();
    let lines: Vec<_> = view.lines.iter().map(|line| (line.line, line.name.as_str(), line.ordered)).collect();
    assert_eq!(lines, [(1, "Amoxicilline", 70), (3, "Zinc", 1)]);
    let operations = ["supplierOrderItem update", "supplierOrderItem create", "supplierOrderItem delete"];
    assert_eq!(shop.recorded_after(before), operations);
    assert_eq!(shop.one::<String>("SELECT old FROM change_log WHERE field = 'quantity'"), "50");
    assert_eq!(code_of(edit(vec![item(product, 1, 0, None), item(product, 1, 0, None)])), "product_twice");
    assert_eq!(code_of(edit(vec![item(product, 0, 0, None)])), "quantity_invalid");
    shop.till.close_order(&placed.row.number).unwrap();
    assert_eq!(code_of(edit(vec![item(product, 1, 0, None)])), "order_not_open");
}

#[test]
fn what_comes_in_two_deliveries_makes_the_order_partly_then_wholly_received() {
    let (shop, supplier, product) = open();
    let placed = order(&shop, supplier, vec![item(product, 5, 1, Some(4_000))]).unwrap();
    let first = receive(&shop, &placed, vec![line(product, 3, "A1", Some("2028-03-31"))]).unwrap();
    assert_eq!((first.units, first.cost, first.lots_opened, first.warnings.len()), (30, 12_000, 1, 0));
    assert_eq!(first.order.unwrap().row.state, OrderStateName::Partly);
    assert_eq!(code_of(shop.till.cancel_order(&placed.row.uid)), "order_received");
    let with_free = ReceiveLineArgs { free_count: 1, ..line(product, 2, "A2", Some("2028-05-31")) };
    let second = receive(&shop, &placed, vec![with_free]).unwrap();
    let view = second.order.unwrap();
    let shown = &view.lines[0];
    assert_eq!((shown.ordered, shown.free_ordered, shown.received, shown.free_received), (50, 10, 50, 10));
    assert_eq!((view.row.state, shown.awaited, view.deliveries.len()), (OrderStateName::Received, 0, 2));
    shop.assert_sound();
    assert_eq!(shop.lot_named(product, "A2").quantity, 30);
}

#[test]
fn more_than_was_ordered_is_taken_and_told() {
    let (shop, supplier, product) = open();
    let other = shop.hub.product("Zinc", "2000000000039", None);
    shop.sync();
    let placed = order(&shop, supplier, vec![item(product, 1, 0, None)]).unwrap();
    let lines = vec![line(product, 3, "A1", None), line(other, 2, "Z", None)];
    let view = receive(&shop, &placed, lines).unwrap();
    let told: Vec<_> = view.warnings.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(told, ["received_beyond", "received_beyond"]);
    let order = view.order.unwrap();
    assert_eq!((order.lines[0].beyond, order.lines[1].line, order.lines[1].received), (20, 0, 2));
    assert_eq!(order.row.state, OrderStateName::Received);
}

#[test]
fn what_runs_low_is_suggested_until_it_is_on_order() {
    let (shop, supplier, product) = open();
    shop.hub.edit(product, |row| row.fields["minStock"] = 20.into());
    shop.hub.lot(product, "A", None, 20);
    shop.hub.lot(product, "OLD", Some("2020-01-31"), 500);
    shop.sync();
    let suggested = || shop.till.suggest_order(None).unwrap();
    let found = suggested().remove(0);
    assert_eq!((found.stock, found.quantity, found.pack_size), (20, 20, 10), "expired boxes are none");
    let placed = order(&shop, supplier, vec![item(product, 2, 0, None)]).unwrap();
    assert!(suggested().is_empty());
    shop.till.cancel_order(&placed.row.uid).unwrap();
    assert_eq!(suggested().len(), 1);
    without_order(&shop, supplier, vec![ReceiveLineArgs { pack_cost: Some(4_000), ..line(product, 1, "B", None) }])
        .unwrap();
    assert!(suggested().is_empty());
    shop.hub.edit(product, |row| row.fields["minStock"] = 40.into());
    shop.sync();
    assert_eq!(suggested()[0].pack_cost, None);
    shop.sign_in("manager");
    let found = shop.till.suggest_order(Some(&supplier.to_string())).unwrap().remove(0);
    assert_eq!((found.quantity, found.pack_cost, found.supplier_name.as_str()), (50, Some(4_000), "Spharma Guinée"));
}

#[test]
fn goods_go_back_to_their_supplier_whatever_keeps_them_from_being_sold() {
    let (shop, _, product) = open();
    let expired = shop.hub.lot_with(product, "OLD", Some("2026-01-31"), 20, |lot| {
        lot.set(&PRODUCT_BATCH, "pack_cost", 4_000).set(&PRODUCT_BATCH, "pack_size", 10);
    });
    let quarantined = shop.quarantined(product, "Q", None, 5);
    shop.sync();
    let send = |reason: &str, lines: &[(Uid, Option<i64>)]| {
        let lines =
            lines.iter().map(|(lot, count)| LotQuantityArgs { batch: lot.to_string(), quantity: count.map(units) });
        shop.till.return_to_supplier(&SupplierReturnArgs {
            supplier: "spharma guinee".into(),
            reason: reason.into(),
            reference: "AV-12".into(),
            credit: Some(7_000),
            lines: lines.collect(),
            below_zero: false,
        })
    };
    let before = shop.traces();
    assert_eq!(code_of(send("x", &[(expired, None)])), "reason_missing");
    assert_eq!(code_of(send("périmés", &[(expired, Some(15)), (expired, Some(6))])), "stock_insufficient");
    assert_eq!(code_of(send("périmés", &[])), "lines_missing");
    assert_eq!(shop.traces(), before);
    shop.clock.advance(MINUTE);
    send("périmés", &[(expired, Some(15)), (quarantined, None)]).unwrap();
    assert_eq!((shop.quantity(expired), shop.quantity(quarantined)), (5, 0));
    assert_eq!(shop.till.list_supplier_returns(10).unwrap()[0].cost, None);
    shop.sign_in("manager");
    let row = shop.till.list_supplier_returns(10).unwrap().remove(0);
    assert_eq!(
        (row.units, row.cost, row.credit, row.supplier_name.as_str()),
        (20, Some(6_000), Some(7_000), "Spharma Guinée")
    );
    assert_eq!(row.occurred_at, NOW + MINUTE);
    assert_eq!(shop.recorded_after(0), ["supplierReturn create"]);
    shop.assert_sound();
}
