//! The way down: the hub's rows arrive, and nothing of this till's own is lost to them.

use officine_protocol::{
    Uid,
    messages::{Missing, Outcome},
    params,
};
use officine_till::views::{ListQueueArgs, SetPriceArgs};

use crate::support::{MINUTE, PIN, Shop, hub::unreachable};

const CODE: &str = "2000000000015";

fn stocked() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "A", Some("2027-12-31"), 20);
    shop.sync();
    (shop, product)
}

fn set_price(shop: &Shop, product: Uid, price: i64) {
    shop.sign_in("manager");
    shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price }).unwrap();
}

fn price(shop: &Shop, product: Uid) -> Option<i64> {
    shop.till.product(&product.to_string()).unwrap().units[0].price
}

#[test]
fn births_and_local_columns_survive_what_the_hub_sends() {
    let (shop, product) = stocked();
    let wrong = officine_till::views::SignInArgs { uid: shop.person("pharmacist"), pin: "0000".into() };
    assert!(shop.till.sign_in(&wrong).is_err());
    let pharmacist = Uid::try_parse(&wrong.uid).unwrap();
    for uid in [pharmacist, product] {
        shop.hub.edit(uid, |row| {
            row.created_at = 5;
            row.fields["name"] = "Autre".into();
        });
    }
    shop.sync();
    let sql = "SELECT failed_pins FROM \"user\" WHERE name = 'Autre' AND created_at > 5";
    assert_eq!(shop.one::<i64>(sql), 1);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product WHERE name = 'Autre' AND created_at > 5"), 1);
    let right = officine_till::views::SignInArgs { pin: PIN.into(), ..wrong };
    shop.till.sign_in(&right).unwrap();
}

#[test]
fn every_overwritten_value_is_in_the_log() {
    let (shop, product) = stocked();
    set_price(&shop, product, 600);
    shop.sync();
    shop.hub.edit(product, |row| {
        row.fields["name"] = "Doliprane".into();
        row.parts.get_mut("units").unwrap()[0]["price"] = 700.into();
    });
    shop.sync();
    let db = shop.db();
    let sql = "SELECT kind || ' ' || field || ' ' || old || ' ' || new FROM change_log WHERE uid = ?1 ORDER BY id";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([product.as_bytes()], |row| row.get::<_, String>(0));
    let log: Vec<String> = rows.unwrap().map(Result::unwrap).collect();
    assert_eq!(log.len(), 3, "{log:?}");
    assert!(log[0].starts_with("edit units ") && log[0].contains("500") && log[0].contains("600"), "{log:?}");
    assert_eq!(log[1], "pull name \"Paracétamol\" \"Doliprane\"");
    assert!(log[2].starts_with("pull units ") && log[2].contains("600") && log[2].contains("700"), "{log:?}");
    let ticks = "SELECT count(*) FROM change_log WHERE substr(hlc, 1, 12) >= printf('%012x', 1795165200000)";
    assert_eq!(shop.one::<i64>(ticks), 3, "each with the time it happened");
}

#[test]
fn a_row_with_an_unsent_change_is_held_until_the_change_is_settled() {
    let (shop, product) = stocked();
    set_price(&shop, product, 600);
    shop.hub.edit(product, |row| row.fields["name"] = "Doliprane".into());
    let other = shop.hub.product("Coton", "2000000000022", Some(100));
    let missing = vec![Missing { entity: "supplier".into(), uid: Uid::from_u128(77) }];
    shop.hub.judge(move |_| Some(Outcome::Deferred { missing: missing.clone() }));
    shop.sync();
    let hit = |uid: Uid| shop.till.product(&uid.to_string()).unwrap().hit;
    assert_eq!((hit(product).name.as_str(), price(&shop, product)), ("Paracétamol", Some(600)), "held");
    assert_eq!(hit(other).name, "Coton", "others are not held up");
    let blocked = shop.till.list_queue(&ListQueueArgs { state: Some("blocked".into()), limit: 9 }).unwrap().rows;
    assert_eq!(blocked[0].problem.as_ref().unwrap().code, "reference_missing");
    let params = params! { field: "price" };
    shop.hub.judge(move |_| {
        let params = params.clone();
        Some(Outcome::Rejected { code: "field_invalid".into(), params, server_id: None, rev: None })
    });
    shop.hub.forget_answers();
    shop.till.retry_operation(blocked[0].seq).unwrap();
    shop.sync();
    assert_eq!((hit(product).name.as_str(), price(&shop, product)), ("Doliprane", Some(500)), "released");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM held_row"), 0);
    let sql =
        "SELECT count(*) FROM change_log WHERE kind = 'pull' AND substr(hlc, 1, 12) >= printf('%012x', 1795165200000)";
    assert_eq!(shop.one::<i64>(sql), 1, "what was released is logged at the time it was applied");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM change_log WHERE kind = 'refused'"), 1, "and what was taken back");
}

#[test]
fn a_change_the_hub_merged_with_anothers_brings_the_others_part_too() {
    let (shop, product) = stocked();
    set_price(&shop, product, 600);
    let hub = shop.hub.clone();
    shop.hub.judge(move |_| {
        hub.edit(product, |row| {
            row.fields["name"] = "Doliprane".into();
            row.parts.get_mut("units").unwrap()[0]["price"] = 600.into();
        });
        Some(Outcome::Accepted { server_id: 1, rev: hub.revision(), corrections: Default::default() })
    });
    shop.sync();
    assert_eq!(price(&shop, product), Some(600));
    assert_eq!(shop.till.product(&product.to_string()).unwrap().hit.name, "Doliprane");
}

#[test]
fn an_older_row_never_undoes_a_newer_one() {
    let (shop, product) = stocked();
    let old = shop.hub.served(product);
    shop.hub.edit(product, |row| row.fields["name"] = "Doliprane".into());
    shop.sync();
    shop.hub.serve(old);
    shop.sync();
    assert_eq!(shop.till.product(&product.to_string()).unwrap().hit.name, "Doliprane");
}

#[test]
fn the_same_row_twice_changes_nothing_and_logs_nothing() {
    let (shop, product) = stocked();
    shop.add(product, 1);
    let receipt = shop.sell();
    shop.sync();
    let before: i64 = shop.one("SELECT count(*) FROM change_log");
    let sale = Uid::try_parse(&receipt.uid).unwrap();
    let (_, stored) =
        officine_till::store::rows::get(&shop.db(), &officine_protocol::entities::SALE, sale).unwrap().unwrap();
    for _ in 0..2 {
        shop.hub.serve(shop.hub.served(product));
        shop.hub.send(&officine_protocol::entities::SALE, &stored);
        shop.sync();
    }
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM change_log"), before);
    assert_eq!(shop.till.receipt(&receipt.uid).unwrap().lines.len(), 1);
    shop.assert_sound();
}

#[test]
fn a_cut_between_pages_goes_on_from_the_last_whole_page() {
    let (shop, _) = stocked();
    let before = shop.till.sync_state().unwrap().revision;
    let first = shop.hub.product("Un", "2000000000101", Some(1));
    shop.hub.product("Deux", "2000000000102", Some(1));
    shop.hub.cut_after_pages(1);
    assert_eq!(shop.sync().problem.unwrap().code, unreachable().code());
    assert!(shop.till.product(&first.to_string()).is_ok(), "the whole page stands");
    let reached = shop.till.sync_state().unwrap().revision;
    assert!(reached > before && reached < shop.till.sync_state().unwrap().hub_revision);
    shop.clock.advance(MINUTE);
    shop.sync();
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product"), 3);
}

#[test]
fn pages_that_get_no_further_end_the_run_and_it_says_so() {
    let (shop, _) = stocked();
    let success = shop.till.sync_state().unwrap().last_success;
    shop.hub.product("Un", "2000000000101", Some(1));
    shop.hub.stand_still(true);
    shop.clock.advance(MINUTE);
    assert_eq!(shop.sync().problem.unwrap().code, "hub_refused");
    assert_eq!(shop.till.sync_state().unwrap().last_success, success);
    shop.hub.stand_still(false);
    assert_eq!(shop.sync().pulled, 1);
}

#[test]
fn rows_of_tomorrows_entities_are_passed_over() {
    let (shop, product) = stocked();
    let mut stranger = shop.hub.served(product);
    (stranger.entity, stranger.rev) = ("horoscope".into(), shop.hub.next_rev());
    shop.hub.serve(stranger);
    let later = shop.hub.product("Après", "2000000000102", Some(1));
    assert!(shop.sync().problem.is_none());
    assert!(shop.till.product(&later.to_string()).is_ok());
}
