//! A till whose file was restored or copied: it goes on selling, sends nothing, and begins anew with a code.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use officine_protocol::Uid;
use officine_till::views::{IdentityState, Notice, ReenrolArgs, SaleStateName};

use crate::{safety::kept_shop, support::Shop};

fn sell(shop: &Shop, product: Uid) -> officine_till::views::ReceiptView {
    shop.add(product, 1);
    shop.sell()
}

fn problem(shop: &Shop) -> Option<String> {
    shop.sync().problem.map(|problem| problem.code)
}

fn reenrol(shop: &Shop) -> officine_till::Result<officine_till::views::IdentityView> {
    shop.till.reenrol(&ReenrolArgs { code: "code".into() })
}

/// The file as it is now, for later.
fn copy(shop: &Shop) -> Vec<u8> {
    let into = shop.dir.path().join("copy.db");
    let _ = fs::remove_file(&into);
    shop.db().execute("VACUUM INTO ?1", [into.display().to_string()]).unwrap();
    fs::read(into).unwrap()
}

/// That file in place of the till's.
fn put_back(shop: Shop, file: &[u8]) -> Shop {
    let dir = shop.dir.path().to_owned();
    let shop = shop.reopen_with(|| {
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(dir.join(format!("officine.db{ending}")));
        }
        fs::write(dir.join("officine.db"), file).unwrap();
    });
    shop.sign_in("manager");
    shop
}

/// Two tickets unsent in last week's file, which the hub has got since, and one more.
fn restored() -> (Shop, Uid, Vec<officine_till::views::ReceiptView>) {
    let (shop, product) = kept_shop();
    sell(&shop, product);
    shop.sync();
    let (first, second) = (sell(&shop, product), sell(&shop, product));
    let file = copy(&shop);
    shop.sync();
    let third = sell(&shop, product);
    shop.sync();
    (put_back(shop, &file), product, vec![first, second, third])
}

#[test]
fn a_restored_file_is_recognised_before_anything_is_sent_and_the_till_goes_on_selling() {
    let (shop, product, _) = restored();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    shop.till.listen(move |notice| {
        if let Notice::Identity { identity } = notice {
            heard.lock().unwrap().push(identity.state);
        }
    });
    shop.hub.asked();
    for _ in 0..3 {
        sell(&shop, product);
        assert_eq!(problem(&shop).as_deref(), Some("till_restored"), "though it has sold as many by now");
    }
    assert_eq!(shop.hub.asked(), [], "nothing is sent, nothing is read");
    assert_eq!(*told.lock().unwrap(), [IdentityState::Restored], "said once");
    let identity = shop.till.sync_state().unwrap().identity.unwrap();
    assert_eq!((identity.state, identity.tickets, identity.series), (IdentityState::Restored, 5, 2));
    let shop = shop.reopen();
    assert_eq!(problem(&shop).as_deref(), Some("till_restored"), "after a restart too");
}

#[test]
fn re_enrolled_nothing_is_lost_nothing_doubled_and_the_chain_goes_on() {
    let (shop, product, before) = restored();
    let own = sell(&shop, product);
    assert_eq!((own.number.as_str(), before[2].number.as_str()), ("2-000 004", "2-000 004"), "two papers, one number");
    assert_eq!(problem(&shop).as_deref(), Some("till_restored"));
    let view = reenrol(&shop).unwrap();
    assert_eq!((view.state, view.series, view.tickets), (IdentityState::Known, 3, 1), "the hub has the two others");
    assert_eq!(shop.hub.enrolments()[1].replaces, Some(Uid::from_u128(2)));
    assert_eq!(problem(&shop), None);
    let anew = shop.till.receipt(&own.uid).unwrap();
    assert_eq!((anew.number.as_str(), anew.printed_number.as_deref()), ("3-000 001", Some("2-000 004")));
    for receipt in before.iter().chain([&own]) {
        assert_eq!(shop.till.receipt(&receipt.uid).unwrap().state, SaleStateName::Confirmed, "{}", receipt.number);
    }
    let (link, last): (Vec<u8>, Vec<u8>) = (
        shop.one("SELECT previous_hash FROM sale WHERE series = 3 AND number = 1"),
        shop.one("SELECT hash FROM sale WHERE series = 2 AND number = 3"),
    );
    assert_eq!(link, last, "the first ticket names the last link known");
    assert_eq!(shop.one::<i64>("SELECT quantity FROM product_batch"), 95);
    assert_eq!(sell(&shop, product).number, "3-000 002");
    assert_eq!(problem(&shop), None);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox WHERE state <> 5"), 0);
    assert_eq!(reenrol(&shop).unwrap_err().code(), "till_known");
    shop.assert_sound();
}

#[test]
fn edits_and_births_beside_the_tickets_go_up_as_they_were() {
    let (shop, product, _) = restored();
    let edit = |price| {
        let args = officine_till::views::SetPriceArgs { product: product.to_string(), unit: 0, price };
        shop.till.set_price(&args).unwrap();
    };
    edit(1_700);
    sell(&shop, product);
    edit(1_800);
    assert_eq!(problem(&shop).as_deref(), Some("till_restored"));
    reenrol(&shop).unwrap();
    assert_eq!(problem(&shop), None);
    assert_eq!(shop.hub.served(product).parts["units"][0]["price"], 1_800);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox WHERE state <> 5"), 0);
}

#[test]
fn a_copied_disk_is_recognised_and_both_begin_anew() {
    let (shop, product) = kept_shop();
    sell(&shop, product);
    shop.hub.quarantine(Uid::from_u128(2));
    assert_eq!(problem(&shop).as_deref(), Some("till_copied"), "while it is open");
    let shop = shop.reopen();
    assert_eq!(problem(&shop).as_deref(), Some("till_copied"), "and at the next start");
    shop.sign_in("cashier");
    sell(&shop, product);
    assert_eq!(shop.till.identity().unwrap().tickets, 2);
    assert_eq!(reenrol(&shop).unwrap().state, IdentityState::Known);
    assert_eq!(problem(&shop), None);
    let numbers: String = shop.one("SELECT group_concat(series || '-' || number) FROM sale WHERE state = 'confirmed'");
    assert_eq!(numbers, "3-1,3-2");
    shop.assert_sound();
}

#[test]
fn a_hub_that_has_less_than_the_till_alarms_nobody() {
    let (shop, product) = kept_shop();
    sell(&shop, product);
    shop.sync();
    shop.hub.forget_tills();
    let shop = shop.reopen();
    assert_eq!(problem(&shop), None);
    assert_eq!(shop.till.identity().unwrap().state, IdentityState::Known);
    assert!(shop.till.sync_state().unwrap().identity.is_none());
}

#[test]
fn a_code_whose_answer_was_lost_is_made_good_by_the_next_and_one_that_arrived_by_the_next_run() {
    let (shop, product, _) = restored();
    sell(&shop, product);
    assert_eq!(problem(&shop).as_deref(), Some("till_restored"));
    shop.hub.lose_enrolments(1);
    assert_eq!(reenrol(&shop).unwrap_err().code(), "hub_unreachable");
    assert_eq!(shop.till.identity().unwrap().state, IdentityState::Restored);
    let shop = shop.reopen();
    shop.hub.fall_silent();
    assert_eq!(reenrol(&shop).unwrap_err().code(), "hub_unreachable", "enrolled, and the line is cut");
    let enrolments = shop.hub.enrolments();
    assert_eq!(enrolments[1].incarnation, enrolments[2].incarnation, "it is the same till");
    shop.hub.speak();
    let shop = shop.reopen();
    assert_eq!(problem(&shop), None, "no other code is asked for");
    assert_eq!((shop.till.identity().unwrap().series, shop.hub.enrolments().len()), (3, 3));
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox WHERE state <> 5"), 0);
    shop.assert_sound();
}
