//! What a till heals by itself, whatever happened to its file.

use officine_protocol::{Uid, entities::ENTITIES, messages::Outcome};
use officine_till::views::{ListRepairsArgs, RepairLine};
use serde_json::json;

use crate::support::{MINUTE, Shop, fields};

fn lines(shop: &Shop) -> Vec<RepairLine> {
    shop.sign_in("manager");
    shop.till.list_repairs(&ListRepairsArgs { limit: 100, ..Default::default() }).unwrap().lines
}

/// What was found and done, oldest first.
fn acts(shop: &Shop) -> Vec<String> {
    let told = lines(shop).into_iter().rev();
    told.map(|line| format!("{} {} {} {}", line.kind, line.entity, line.act, line.label)).collect()
}

/// A supplier made here, which the hub took.
fn own_supplier(shop: &Shop) -> Uid {
    shop.sign_in("manager");
    let made = shop.till.create_supplier(&fields(json!({ "name": "Spharma Guinée" }))).unwrap();
    shop.sync();
    Uid::try_parse(made["uid"].as_str().unwrap()).unwrap()
}

fn server_id(shop: &Shop, uid: Uid) -> Option<i64> {
    let sql = "SELECT server_id FROM supplier WHERE uid = ?1";
    shop.db().query_row(sql, [uid.as_bytes()], |row| row.get(0)).unwrap()
}

#[test]
fn an_orphan_that_the_hub_knows_is_named_before_the_next_push() {
    let shop = Shop::open();
    let supplier = shop.hub.supplier("Laborex");
    shop.sync();
    let named = server_id(&shop, supplier);
    shop.db().execute("UPDATE supplier SET server_id = NULL", []).unwrap();
    shop.sync();
    assert_eq!(server_id(&shop, supplier), named);
    assert_eq!(acts(&shop), ["orphan supplier named Laborex"]);
}

#[test]
fn findings_are_listed_by_kind_page_by_page_and_so_are_those_of_the_file() {
    let shop = Shop::open();
    for name in ["Laborex", "Ubipharm"] {
        shop.hub.supplier(name);
    }
    let product = shop.hub.product("Zinc", "3400", Some(500));
    shop.hub.lot(product, "Z1", None, 12);
    shop.sync();
    shop.db().execute("UPDATE supplier SET server_id = NULL", []).unwrap();
    shop.sync();
    shop.db().execute("UPDATE product_batch SET quantity = 7", []).unwrap();
    shop.sign_in("manager");
    shop.till.repair().unwrap();
    let of = |kind: Option<&str>, after| {
        let args = ListRepairsArgs { kind: kind.map(str::to_owned), after, limit: 1, ..Default::default() };
        shop.till.list_repairs(&args).unwrap()
    };
    let first = of(Some("orphan"), None);
    let second = of(Some("orphan"), first.next);
    assert_eq!((first.lines.len(), second.lines.len(), second.next), (1, 1, None), "two orphans on two pages");
    let kinds: Vec<_> = first.lines.iter().chain(&second.lines).map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["orphan", "orphan"]);
    assert_eq!(of(Some("ledger"), None).lines[0].kind, "ledger");
    assert!(of(Some("twin"), None).lines.is_empty());
    let file = tempfile::tempdir().unwrap();
    let args = ListRepairsArgs { kind: Some("ledger".to_owned()), ..Default::default() };
    let told = shop.till.export_repairs(&args, &file.path().join("ledger.csv")).unwrap();
    assert_eq!(told.rows, 1);
}

#[test]
fn an_orphan_that_the_hub_does_not_know_is_born_again_before_what_stands_on_it() {
    let shop = Shop::open();
    let supplier = own_supplier(&shop);
    shop.db().execute("UPDATE supplier SET server_id = NULL", []).unwrap();
    let product = shop.hub.product("Zinc", "3400", Some(500));
    shop.sync();
    assert_eq!(acts(&shop), ["orphan supplier queued Spharma Guinée"]);
    assert!(server_id(&shop, supplier).is_some());
    shop.db().execute("UPDATE supplier SET server_id = NULL", []).unwrap();
    shop.till.set_offer(&product.to_string(), &supplier.to_string(), &fields(json!({ "packSize": 1 }))).unwrap();
    shop.sync();
    let sent: Vec<String> = shop.hub.sent().concat();
    let last: Vec<_> = sent.iter().rev().take(2).map(|frozen| frozen.contains("\"supplier\",\"action\"")).collect();
    assert_eq!(last, [false, true], "the parent goes first");
}

#[test]
fn a_birth_that_was_refused_is_no_orphan() {
    let shop = Shop::open();
    shop.hub.judge(|operation| {
        (operation.entity == "supplier").then(|| Outcome::Rejected {
            code: "not_permitted".into(),
            params: Default::default(),
            server_id: None,
            rev: None,
        })
    });
    own_supplier(&shop);
    shop.hub.accept_all();
    let before = shop.hub.sent().len();
    shop.sync();
    assert_eq!((shop.hub.sent().len(), lines(&shop).len()), (before, 0));
}

#[test]
fn a_healthy_till_asks_nothing_and_writes_nothing() {
    let shop = Shop::open();
    own_supplier(&shop);
    shop.hub.asked();
    shop.sync();
    assert!(shop.hub.asked().iter().all(|(what, _)| *what != "rows"));
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM repair_run"), 0);
}

#[test]
fn what_can_be_set_right_here_is_set_right_though_the_hub_does_not_compare() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "3401", Some(500));
    let lot = shop.hub.lot(product, "L1", None, 12);
    shop.sync();
    let damage = "UPDATE product_batch SET quantity = 7; UPDATE product SET name_fold = 'PARACÉTAMOL'; \
                  UPDATE till_state SET last_seq = 0";
    shop.db().execute_batch(damage).unwrap();
    shop.sign_in("manager");
    let run = shop.till.repair().unwrap();
    assert_eq!(run.problem.map(|problem| problem.code), Some("hub_unreachable".to_owned()));
    assert_eq!(shop.quantity(lot), 12);
    assert_eq!(shop.one::<String>("SELECT name_fold FROM product"), "paracetamol");
    let told = lines(&shop);
    let of = |kind: &str| told.iter().find(|line| line.kind == kind).unwrap().params.clone();
    assert_eq!((&of("ledger")["old"], &of("ledger")["new"]), (&json!(7), &json!(12)));
    assert_eq!((run.found, run.mended, run.left), (2, 2, 0));
}

#[test]
fn a_check_of_the_hubs_books_that_was_stopped_goes_on_where_it_was_and_tells_all_of_it_once() {
    let shop = Shop::open();
    let supplier = shop.hub.supplier("Laborex");
    shop.sync();
    shop.sign_in("manager");
    let till = std::sync::Arc::downgrade(&shop.till);
    shop.hub.checks(supplier, move |kind| {
        if kind == "ledger" {
            till.upgrade().unwrap().cancel_sync();
        }
    });
    let run = shop.till.repair().unwrap();
    assert_eq!(run.problem.map(|problem| problem.code).as_deref(), Some("sync_cancelled"));
    assert_eq!(shop.hub.checked(), ["counter", "recount", "ledger"]);
    shop.hub.checks(supplier, |_| {});
    shop.till.repair().unwrap();
    assert_eq!(shop.hub.checked(), ["fold", "revision", "twin", "dangling"]);
    assert_eq!(acts(&shop), ["hub supplier mended Laborex"]);
    shop.till.repair().unwrap();
    assert_eq!(shop.hub.checked().len(), 7, "one that came to its end begins anew");
}

#[test]
fn an_operation_put_off_beyond_reason_goes_once_nothing_has_moved_for_ten_minutes() {
    let shop = Shop::open();
    shop.sign_in("manager");
    shop.till.create_supplier(&fields(json!({ "name": "Laborex" }))).unwrap();
    shop.db().execute("UPDATE outbox SET next_attempt = 9000000000000 WHERE state <> 5", []).unwrap();
    shop.sync();
    assert_eq!(shop.till.sync_state().unwrap().queue.waiting, 1);
    shop.clock.advance(11 * MINUTE);
    shop.sync();
    assert_eq!(shop.till.sync_state().unwrap().queue.waiting, 0);
    assert_eq!(acts(&shop), ["stuck supplier restarted Laborex"]);
}

#[test]
fn what_is_edited_has_an_index_of_rows_without_a_name_and_documents_have_none() {
    let shop = Shop::open();
    for entity in ENTITIES {
        let sql = format!("SELECT count(*) FROM sqlite_master WHERE name = '{}_unnamed'", entity.table);
        assert_eq!(shop.one::<i64>(&sql), i64::from(!entity.document), "{}", entity.name);
    }
}
