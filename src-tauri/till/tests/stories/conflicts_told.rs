//! Conflicts in lists, marks, verdicts and the log; the strategies that settle them, and a clock that decides nothing.

use officine_protocol::{
    Uid,
    entities::CUSTOMER,
    messages::{Operation, Outcome},
};
use officine_till::views::*;
use serde_json::{Value as Json, json};

use crate::{
    conflicts::{PRICE, about_price, conflict, notices, price, read, shop},
    support::{MINUTE, NOW, goods::code_of},
};

#[test]
fn pages_follow_each_other_and_one_entity_can_be_asked_for() {
    let (shop, product) = shop();
    let supplier = shop.hub.supplier("Spharma");
    let fields = || json!([{ "field": "name", "till": "a", "hub": "b" }]);
    (0..5).for_each(|number| drop(conflict(&shop, 20 + number, "product", product, "edit", fields())));
    conflict(&shop, 30, "supplier", supplier, "edit", fields());
    shop.sync();
    let page = |entity: Option<&str>, after| {
        let entity = entity.map(str::to_owned);
        shop.till.list_conflicts(&ListConflictsArgs { entity, open: true, after, limit: 4 }).unwrap()
    };
    let first = page(None, None);
    let second = page(None, first.next.clone());
    assert_eq!((first.rows.len(), second.rows.len(), second.next), (4, 2, None));
    assert_eq!(page(Some("supplier"), None).rows.len(), 1);
    assert_eq!(first.rows[0].label, "Spharma", "the newest first");
    let counted: Vec<_> = first.by_entity.iter().map(|one| (one.entity.as_str(), one.open)).collect();
    assert_eq!(counted, [("product", 5), ("supplier", 1)]);
    let wrong = ListConflictsArgs { entity: None, open: true, after: Some("x".into()), limit: 4 };
    assert_eq!(code_of(shop.till.list_conflicts(&wrong)), "field_invalid");
}

#[test]
fn a_customer_and_a_supplier_are_marked_and_a_merged_row_by_its_other_name() {
    let (shop, _) = shop();
    let customer = shop.hub.customer("Aïssatou", "622123456", 0);
    let gone = Uid::from_u128(0xdead);
    let fields = json!([{ "field": "name", "till": "a", "hub": "b" }]);
    let uid = conflict(&shop, 40, CUSTOMER.name, gone, "edit", fields);
    shop.sync();
    assert_eq!(shop.till.find_customers("aissatou", 5).unwrap()[0].get("conflict"), None);
    shop.hub.edit(customer, |row| row.aliases = vec![gone]);
    shop.sync();
    assert_eq!(shop.till.find_customers("aissatou", 5).unwrap()[0]["conflict"], true);
    let summary = read(&shop, &uid).summary;
    assert_eq!((summary.row, summary.label.as_str()), (customer.to_string(), "Aïssatou"));
}

#[test]
fn a_verdict_of_conflict_settles_the_operation_and_the_log_keeps_the_value_that_did_not_win() {
    let (shop, product) = shop();
    shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price: 600 }).unwrap();
    let hub = shop.hub.clone();
    shop.hub.judge(move |operation: &Operation| {
        let conflict = Outcome::Conflict { kind: "edit".into(), fields: vec![PRICE.into()], rev: hub.revision() };
        (operation.entity == "product").then_some(conflict)
    });
    shop.hub.edit(product, |row| row.parts.get_mut("units").unwrap()[0]["price"] = 520.into());
    let heard = notices(&shop);
    assert_eq!(shop.sync().conflict, 1);
    let state = shop.till.sync_state().unwrap();
    assert_eq!((state.queue.blocked, state.queue.rejected, state.conflicts), (0, 0, 0), "nothing is stuck");
    assert_eq!(price(&shop, product), Some(520));
    assert!(!heard.lock().unwrap().iter().any(|notice| matches!(notice, Notice::Conflicts { .. })));
    let history = RowHistoryArgs { entity: "product".into(), uid: product.to_string(), after: None, limit: 50 };
    let page = shop.till.row_history(&history).unwrap();
    assert_eq!((page.source, page.problem.unwrap().code.as_str()), (LogSource::Till, "hub_unreachable"));
    let told: Vec<_> =
        page.lines.iter().map(|line| (line.kind.as_str(), line.field.as_str(), &line.old, &line.new)).collect();
    assert_eq!(told, [("pull", PRICE, &json!(600), &json!(520)), ("edit", PRICE, &json!(500), &json!(600))]);
    assert_eq!((page.lines[1].user_name.as_str(), page.lines[1].device_name.as_str()), ("manager", "Caisse 2"));
}

#[test]
fn the_log_is_filtered_and_written_to_a_file() {
    let (shop, product) = shop();
    let supplier = shop.hub.supplier("Spharma");
    shop.sync();
    shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price: 600 }).unwrap();
    let fields = json!({ "phone": "=2+2" });
    shop.till.edit_supplier(&supplier.to_string(), fields.as_object().unwrap()).unwrap();
    let lines = |args: ChangeLogArgs| {
        let page = shop.till.change_log(&ChangeLogArgs { limit: 50, ..args }).unwrap();
        page.lines.into_iter().map(|line| (line.entity, line.pending)).collect::<Vec<_>>()
    };
    let both = [("supplier".to_owned(), true), ("product".to_owned(), true)];
    assert_eq!(lines(ChangeLogArgs::default()), both);
    assert_eq!(lines(ChangeLogArgs { entity: Some("product".into()), ..Default::default() }), both[1..]);
    assert_eq!(lines(ChangeLogArgs { text: Some("para 600".into()), ..Default::default() }), both[1..]);
    assert_eq!(lines(ChangeLogArgs { kinds: vec!["pull".into()], ..Default::default() }), []);
    assert_eq!(lines(ChangeLogArgs { until: Some(NOW), ..Default::default() }), []);
    assert_eq!(lines(ChangeLogArgs { user: Some(shop.person("owner")), ..Default::default() }), []);
    let file = shop.dir.path().join("journal.csv");
    assert_eq!(shop.till.export_change_log(&ChangeLogArgs::default(), &file).unwrap().rows, 2);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("'=2+2") && text.contains("Paracétamol;units/0/price;boîte;500;600;manager"), "{text}");
    shop.sign_in("cashier");
    assert_eq!(code_of(shop.till.change_log(&ChangeLogArgs::default())), "forbidden");
}

#[test]
fn strategies_are_settings_chosen_for_all_and_for_one_entity_by_whoever_may() {
    let (shop, _) = shop();
    let settings = shop.till.pharmacy_settings().unwrap();
    assert_eq!((&settings["conflict.default"], &settings["conflict.product"]), (&Json::Null, &Json::Null));
    let set = |name: &str, value: Json| shop.till.set_pharmacy_settings(&[(name.to_owned(), value)]);
    assert_eq!(set("conflict.product", json!("manual")).unwrap()["conflict.product"], "manual");
    assert_eq!(set("conflict.product", Json::Null).unwrap()["conflict.product"], Json::Null, "chosen no more");
    assert_eq!(code_of(set("conflict.product", json!("chance"))), "field_invalid");
    assert_eq!(code_of(set("conflict.sale", json!("manual"))), "setting_unknown");
    shop.sign_in("pharmacist");
    assert_eq!(code_of(set("conflict.default", json!("server"))), "forbidden");
}

#[test]
fn what_is_recorded_after_the_clock_went_back_is_doubtful_until_the_hub_has_answered() {
    let (shop, product) = shop();
    let set = |price| shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price }).unwrap();
    set(510);
    shop.sync();
    shop.clock.advance(-60 * MINUTE);
    set(520);
    assert!(shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"));
    set(530);
    assert!(
        shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"),
        "one edit with the one before"
    );
    shop.sync();
    set(540);
    assert!(
        !shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"),
        "how far it is off is known"
    );
    shop.clock.advance(-MINUTE);
    set(550);
    assert!(!shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"), "a minute is no jump");
}

#[test]
fn a_topic_says_that_conflicts_are_stale() {
    let (shop, product) = shop();
    let heard = notices(&shop);
    about_price(&shop, product);
    let stale = |notice: &Notice| matches!(notice, Notice::Changed { topics } if topics.contains(&Topic::Conflicts));
    assert!(heard.lock().unwrap().iter().any(stale));
}

#[test]
fn a_decision_says_what_it_was_made_upon_and_whoever_had_not_seen_the_row_is_asked_again() {
    let (shop, product) = shop();
    let uid = about_price(&shop, product);
    let args = ResolveConflictArgs { uid: uid.clone(), taken: TakenName::Till, fields: Default::default() };
    shop.till.resolve_conflict(&args).unwrap();
    let heard = notices(&shop);
    let sent = std::sync::Arc::new(std::sync::Mutex::new(None));
    let kept = sent.clone();
    shop.hub.judge(move |operation: &Operation| {
        let said = operation.fields.get("resolution").and_then(Json::as_str)?;
        *kept.lock().unwrap() = serde_json::from_str::<Json>(said).ok();
        Some(Outcome::Conflict { kind: "edit".into(), fields: vec![PRICE.into()], rev: 0 })
    });
    let conflict = Uid::try_parse(&uid).unwrap();
    let again = json!([{ "field": PRICE, "base": 450, "till": 600, "hub": 520 }]).to_string();
    shop.hub.edit(conflict, |row| drop(row.fields.insert("fields".into(), again.into())));
    shop.hub.edit(product, |row| row.parts.get_mut("units").unwrap()[0]["price"] = 520.into());
    shop.sync();
    let sent = sent.lock().unwrap().clone().unwrap();
    assert_eq!((&sent["fields"][PRICE], &sent["replaced"][PRICE]), (&json!(600), &json!(500)));
    let view = read(&shop, &uid);
    assert_eq!((view.summary.state, &view.fields[0].hub), (ConflictStateName::Open, &json!(520)));
    let told = heard.lock().unwrap().iter().any(|notice| matches!(notice, Notice::ConflictAsksAgain { .. }));
    assert!(told && shop.till.sync_state().unwrap().conflicts == 1, "it waits again, and says so");
}
