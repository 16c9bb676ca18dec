//! A hub restored to yesterday, or swapped behind everybody's back, once or again and again, while tills have sold since and
//! one of them is gone or away: whatever a till that is left knows is back, nothing is doubled, nothing refused, and all
//! ends equal.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use officine_tests::{
    Shop, books,
    shop::{self, code},
    till,
};
use officine_till::{
    Till,
    views::{ProductHit, SetPriceArgs},
};

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

    fn price(&self, till: usize, product: usize, price: i64) {
        let uid = self.product(till, product).uid;
        self.tills[till].set_price(&SetPriceArgs { product: uid, unit: 0, price }).unwrap();
    }

    fn product(&self, till: usize, product: usize) -> ProductHit {
        self.tills[till].find_code(&code(product)).unwrap().remove(0)
    }

    /// Tills that are not away sell, and their hub hears of it.
    fn trade(&mut self) {
        for place in [1, 2] {
            shop::sync(&self.tills[place]);
            self.sell(place, place);
            shop::sync(&self.tills[place]);
        }
    }

    /// The first till goes away once it has told the hub alone what it knows: a price that it made of one that all had.
    fn one_goes_away(&mut self) {
        self.sell_everywhere();
        self.price(1, 0, 6_000);
        shop::sync(&self.tills[1]);
        self.tills.iter().for_each(|till| shop::sync(till));
        self.price(0, 0, 7_000);
        self.price(0, 1, 8_000);
        self.sell(0, 2);
        shop::sync(&self.tills[0]);
    }

    /// It comes back, with a ticket of its way.
    fn it_returns(&mut self, shop: &Shop) {
        self.sell(0, 0);
        self.all_is_back(shop);
        for till in 0..self.tills.len() {
            assert_eq!(
                [0, 1].map(|product| self.product(till, product).unit.price),
                [Some(7_000), Some(8_000)],
                "till {till}"
            );
        }
    }

    fn all_is_back(&self, shop: &Shop) {
        for till in self.tills.iter().chain(&self.tills).chain(&self.tills) {
            shop::sync(till);
        }
        let names = ["caisse-1", "caisse-2", "caisse-3"];
        let data: Vec<_> = names[..self.tills.len()].iter().map(|name| shop.data(name)).collect();
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

fn put_back(shop: &mut Shop, file: &str) {
    shop.hub.kill();
    shop.hub.ask(&["restore", "--from", file]);
    shop.hub.restart();
}

#[test]
fn a_till_that_was_away_while_the_hub_lost_three_histories_gives_back_what_it_knows() {
    let mut shop = Shop::open();
    let mut street = Street::of(&shop);
    let (data, kept, file) = (shop.path().join("hub/data"), shop.path().join("kept"), shop.path().join("backup"));
    let file = file.display().to_string();
    shop.hub.kill();
    copied(&data, &kept);
    shop.hub.restart();
    street.one_goes_away();
    shop.hub.kill();
    std::fs::remove_dir_all(&data).unwrap();
    copied(&kept, &data);
    shop.hub.restart();
    street.trade();
    shop.hub.ask(&["backup", "--to", &file]);
    for _ in 0..2 {
        street.trade();
        put_back(&mut shop, &file);
        street.trade();
    }
    street.it_returns(&shop);
}

#[test]
fn a_till_that_was_away_while_the_hub_was_restored_twice_to_one_day_gives_back_what_it_knows() {
    let mut shop = Shop::open();
    let mut street = Street::of(&shop);
    let file = shop.path().join("backup").display().to_string();
    shop.hub.ask(&["backup", "--to", &file]);
    street.one_goes_away();
    for _ in 0..2 {
        put_back(&mut shop, &file);
        street.trade();
    }
    street.it_returns(&shop);
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
