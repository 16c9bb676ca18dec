//! A hub restored to yesterday, or swapped behind everybody's back, while tills have sold since and one of them is gone:
//! whatever a till that is left knows is back, nothing is doubled, nothing refused, and all ends equal.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use officine_tests::{
    Shop, books,
    shop::{self, code},
    till,
};
use officine_till::Till;

/// Three tills that have all sold, and what they sold.
struct Street {
    tills: Vec<Arc<Till>>,
    sold: BTreeSet<String>,
}

impl Street {
    fn of(shop: &Shop) -> Self {
        let first = shop.first_till(&shop.hub.url(), 3, 100);
        let tills = vec![first, shop.next_till("caisse-2"), shop.next_till("caisse-3")];
        let mut street = Self { tills, sold: BTreeSet::new() };
        street.sell_everywhere();
        street
    }

    fn sell(&mut self, till: usize, product: usize) {
        self.sold.insert(till::sell(&self.tills[till], &code(product), 2).uid);
    }

    /// A ticket at each till, known to all.
    fn sell_everywhere(&mut self) {
        for place in 0..self.tills.len() {
            self.sell(place, place);
        }
        for till in self.tills.iter().chain(&self.tills) {
            shop::sync(till);
        }
    }

    /// After yesterday: tickets that all know; the third till burns down; one ticket more that only its till knows.
    fn a_day_passes(&mut self) {
        self.sell_everywhere();
        self.sell_everywhere();
        drop(self.tills.pop());
        self.sell(1, 0);
    }

    fn all_is_back(&self, shop: &Shop) {
        for till in self.tills.iter().chain(&self.tills).chain(&self.tills) {
            shop::sync(till);
        }
        let data = ["caisse-1", "caisse-2"].map(|name| shop.data(name));
        let tills: Vec<&Path> = data.iter().map(|data| data.as_path()).collect();
        books::at_rest(shop, &tills, &self.sold);
        for till in &self.tills {
            let certificate = till.certify().unwrap();
            assert!(certificate.equal, "{certificate:?}");
        }
        assert!(!shop.hub.log().contains("panicked"));
    }
}

fn restored(mut shop: Shop, url: &[&str]) {
    let mut street = Street::of(&shop);
    let file = shop.path().join("backup");
    let place = file.display().to_string();
    shop.hub.ask(&[&["backup", "--to", &place], url].concat());
    let before = shop.hub.ask(&["digest", "--pharmacy", &shop.pharmacy]);
    street.a_day_passes();
    shop.hub.kill();
    shop.hub.ask(&[&["restore", "--from", &place], url].concat());
    shop.hub.restart();
    let after = shop.hub.ask(&["digest", "--pharmacy", &shop.pharmacy]);
    let epoch = |told: &serde_json::Value| told["epoch"].as_i64().unwrap();
    assert_eq!(epoch(&after), epoch(&before) + 1, "{after}");
    assert!(after["revision"].as_i64() > before["revision"].as_i64().map(|rev| rev + (1 << 31)), "no revision twice");
    street.all_is_back(&shop);
}

#[test]
fn after_a_hub_is_restored_to_yesterday_whatever_a_till_knows_is_back() {
    restored(Shop::open(), &[]);
}

#[test]
fn on_postgres_after_a_hub_is_restored_to_yesterday_whatever_a_till_knows_is_back() {
    let shop = Shop::open_on_postgres();
    let root = shop.cluster.as_ref().unwrap().url("hub", "hub");
    restored(shop, &["--backup-url", &root]);
}

#[test]
fn a_database_swapped_behind_everybodys_back_is_recognised_and_made_whole() {
    let mut shop = Shop::open();
    let mut street = Street::of(&shop);
    shop.hub.kill();
    let (data, kept) = (shop.path().join("hub/data"), shop.path().join("kept"));
    copied(&data, &kept);
    shop.hub.restart();
    street.a_day_passes();
    shop.hub.kill();
    std::fs::remove_dir_all(&data).unwrap();
    copied(&kept, &data);
    shop.hub.restart();
    street.all_is_back(&shop);
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let file = entry.unwrap().path();
        if file.is_file() {
            std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }
}
