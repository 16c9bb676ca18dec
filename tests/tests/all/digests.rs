//! Till and hub say in a few bytes whether they hold the same, whatever the tills went through.

use std::path::{Path, PathBuf};

use officine_tests::{
    Shop,
    books::{are_equal, different},
    programs::till,
    shop::{OWNER, PIN, code},
};
use serde_json::Value;

fn done(data: &Path, command: &str) -> Value {
    let said = till(data, ["--user", OWNER, "--pin", PIN].into_iter().chain(command.split('|')));
    assert_eq!(said.code, Some(0), "{command}: {} {}", said.json, said.stderr);
    said.json
}

/// Two tills, three products of five boxes each.
fn tills(shop: &Shop) -> [PathBuf; 2] {
    drop(shop.first_till(&shop.hub.url(), 3, 5));
    drop(shop.next_till("caisse-2"));
    ["caisse-1", "caisse-2"].map(|name| shop.data(name))
}

fn all_sync(tills: &[PathBuf]) {
    tills.iter().chain(tills).for_each(|data| drop(done(data, "sync")));
}

/// Both tills name the same things without knowing of each other: suppliers, a product, an offer, a lot.
fn name_twice(tills: &[PathBuf; 2]) {
    for (data, name) in tills.iter().zip(["Spharma Guinée", "SPHARMA guinee"]) {
        done(data, &format!("supplier|add|{name}|--set|phone=622000000"));
        done(data, &format!("product|add|Zinc {name}|--code|2000000000015|--set|minStock=4"));
        done(data, "offer|set|2000000000015|spharma guinee|--set|packCost=4100");
        done(data, "lot|add|2000000000015|DL4417|--set|expiry=2035-12-31");
        done(data, "lot|add|2000000000015|DL4418");
        done(data, "adjust|2000000000015,lot=DL4417,quantity=3|--reason|carton retrouvé");
    }
    done(&tills[1], "product|edit|2000000000015|--set|dci=zinc");
    done(&tills[1], "product|add-unit|2000000000015|gélule:4:300");
}

/// Each sells the last five boxes: one ticket is refused. Some of it comes back.
fn sell_the_same(tills: &[PathBuf; 2]) {
    tills.iter().for_each(|data| drop(done(data, &format!("sell|--no-sync|{}*5", code(0)))));
    let sold = done(&tills[0], &format!("sell|--no-sync|{}*2", code(1)));
    done(
        &tills[0],
        &format!("return|{}|--line|1:1|--reason|effet indésirable", sold["receipt"]["number"].as_str().unwrap()),
    );
    done(&tills[1], &format!("sell|--no-sync|{}", code(2)));
    done(&tills[1], "cancel-last|--reason|client parti");
}

fn a_journey_ends_in_equal_books(shop: &Shop) {
    let tills = tills(shop);
    let books = || are_equal(&shop.hub, &shop.pharmacy, &[&tills[0], &tills[1]]);
    all_sync(&tills);
    books();
    name_twice(&tills);
    sell_the_same(&tills);
    all_sync(&tills);
    books();
    tills.iter().zip(["Un", "Deux"]).for_each(|(data, name)| {
        done(data, &format!("product|edit|{}|--set|dci={name}", code(1)));
    });
    done(&tills[0], "supplier|add|Fermé");
    done(&tills[0], "supplier|archive|fermé");
    done(&tills[1], &format!("sell|--no-sync|{}*2", code(1)));
    done(&tills[0], "customer|add|Aïssatou Bah|--set|phone=622123456");
    done(&tills[0], "user|add|fanta|Fanta Camara|cashier|--new-pin|1234");
    all_sync(&tills);
    books();
    an_unsent_edit_is_pending(shop, &tills);
    a_changed_cell_is_seen(shop, &tills);
}

/// What waits here is no difference, and is counted.
fn an_unsent_edit_is_pending(shop: &Shop, tills: &[PathBuf; 2]) {
    done(&tills[0], &format!("product|edit|{}|--set|form=sirop", code(2)));
    done(&tills[0], &format!("price|{}|7000", code(2)));
    done(&tills[0], "supplier|archive|spharma guinee");
    done(&tills[0], &format!("sell|--no-sync|{}", code(2)));
    let told = done(&tills[0], "sync|compare");
    assert_eq!(told["equal"], true, "{}", different(&told));
    let pending = |name: &str| {
        let entities = told["entities"].as_array().unwrap();
        entities.iter().find(|entity| entity["entity"] == name).unwrap()["pending"].clone()
    };
    assert_eq!(["product", "supplier", "sale"].map(pending), [1, 1, 1].map(Value::from));
    done(&tills[0], "sync");
    let behind = done(&tills[1], "sync|compare");
    assert_eq!((&behind["sameRevision"], &behind["equal"]), (&false.into(), &false.into()));
    all_sync(tills);
    are_equal(&shop.hub, &shop.pharmacy, &[&tills[0], &tills[1]]);
}

fn a_changed_cell_is_seen(shop: &Shop, tills: &[PathBuf; 2]) {
    let store = rusqlite::Connection::open(tills[0].join("officine.db")).unwrap();
    for (entity, change) in [
        ("product", "UPDATE product SET dci = dci || 'x' WHERE id = 1"),
        ("sale", "UPDATE sale_item SET amount = amount + 1 WHERE sale_id = 1 AND line = 1"),
        ("supplier", "UPDATE supplier SET archived_at = archived_at + 1 WHERE archived_at IS NOT NULL"),
        ("user", "UPDATE user SET created_at = created_at + 1 WHERE id = 1"),
    ] {
        let before = done(&tills[0], "sync|compare");
        assert_ne!(store.execute(change, []).unwrap(), 0, "{change}");
        let told = done(&tills[0], "sync|compare");
        let differs = |told: &Value| {
            let entities = told["entities"].as_array().unwrap();
            entities.iter().find(|found| found["entity"] == entity).unwrap()["equal"] == false
        };
        assert_eq!((differs(&before), differs(&told), &told["sameRevision"]), (false, true, &true.into()), "{change}");
    }
    are_equal(&shop.hub, &shop.pharmacy, &[&tills[1]]);
}

#[test]
fn a_journey_ends_in_equal_books_and_a_changed_cell_is_seen() {
    a_journey_ends_in_equal_books(&Shop::open());
}

#[test]
fn on_postgres_a_journey_ends_in_equal_books_and_a_changed_cell_is_seen() {
    a_journey_ends_in_equal_books(&Shop::open_on_postgres());
}
