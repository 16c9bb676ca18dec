//! Search per keystroke, over what is in the store now.

use officine_till::views::{AttachCodeArgs, SearchArgs, Standing};

use crate::support::Shop;

fn find(shop: &Shop, text: &str) -> Vec<String> {
    let hits = shop.till.search_products(&SearchArgs { text: text.into(), limit: 50 }).unwrap();
    hits.into_iter().map(|hit| hit.name).collect()
}

fn stocked() -> Shop {
    let shop = Shop::open();
    for (name, code, quantity) in [
        ("Amoxicilline 500 mg", "3400930000014", 0),
        ("Amlodipine 5 mg", "2000000000022", 5),
        ("Amikacine 500 mg", "2000000000039", 5),
        ("Érythromycine 500 mg", "2000000000046", 5),
    ] {
        let product = shop.hub.product(name, code, Some(500));
        shop.hub.lot(product, "L", None, quantity);
    }
    shop.sync();
    shop
}

#[test]
fn what_can_be_sold_comes_first_then_what_sells_often() {
    let shop = stocked();
    assert_eq!(find(&shop, "am"), ["Amikacine 500 mg", "Amlodipine 5 mg", "Amoxicilline 500 mg"]);
    for _ in 0..2 {
        shop.scan("2000000000022");
        shop.sell();
    }
    shop.hub.product("Un de plus", "2000000000053", None);
    shop.sync();
    assert_eq!(find(&shop, "am"), ["Amlodipine 5 mg", "Amikacine 500 mg", "Amoxicilline 500 mg"]);
    let hits = shop.till.search_products(&SearchArgs { text: "am".into(), limit: 50 }).unwrap();
    assert_eq!(hits.last().unwrap().standing, Standing::OutOfStock);
}

#[test]
fn any_word_from_its_beginning_blind_to_accents_and_case() {
    let shop = stocked();
    assert_eq!(find(&shop, "ERYTHRO"), ["Érythromycine 500 mg"]);
    assert_eq!(find(&shop, "érythro 50"), ["Érythromycine 500 mg"]);
    assert_eq!(find(&shop, "mycine"), [""; 0], "not from the middle of a word");
    for nothing in ["", "  ", "\"", "*", "a\" OR \"b", "'; DROP TABLE words"] {
        assert!(find(&shop, nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn a_cip7_finds_the_product_of_its_cip13() {
    let shop = stocked();
    assert_eq!(find(&shop, "3000001"), ["Amoxicilline 500 mg"]);
    assert_eq!(find(&shop, "34009300"), ["Amoxicilline 500 mg"]);
    assert_eq!(shop.scan("3000001").cart.lines.len(), 1, "and the counter reads it too");
}

#[test]
fn an_attached_code_is_found_and_scanned_at_once() {
    let shop = stocked();
    let product = shop.till.search_products(&SearchArgs { text: "amik".into(), limit: 1 }).unwrap().remove(0).uid;
    let attach =
        |code: &str| shop.till.attach_code(&AttachCodeArgs { product: product.clone(), code: code.into(), unit: None });
    assert_eq!(attach(" ").unwrap_err().code(), "code_too_long");
    assert_eq!(attach(&"7".repeat(65)).unwrap_err().code(), "code_too_long");
    assert_eq!(attach("6901234567892").unwrap().codes.len(), 2);
    assert_eq!(attach("6901234567892").unwrap().codes.len(), 2, "once");
    assert_eq!(find(&shop, "69012"), ["Amikacine 500 mg"]);
    assert_eq!(shop.scan("6901234567892").cart.lines[0].name, "Amikacine 500 mg");
}

#[test]
fn a_stale_index_is_rebuilt() {
    let shop = stocked();
    let path = shop.dir.path().join("search.db");
    let kept = path.with_extension("kept");
    let shop = {
        let shop = shop.reopen();
        rusqlite::Connection::open(&path).unwrap().execute("VACUUM INTO ?1", [kept.display().to_string()]).unwrap();
        shop
    };
    shop.hub.product("Zinc 20 mg", "2000000000077", Some(100));
    shop.sync();
    assert_eq!(find(&shop, "zinc").len(), 1);
    let Shop { till, dir, .. } = shop;
    drop(till);
    std::fs::rename(&kept, &path).unwrap();
    let clock = std::sync::Arc::new(officine_till::system::SystemClock);
    let till = officine_till::Till::open(dir.path(), clock, std::sync::Arc::new(officine_till::system::SystemEntropy));
    let till = till.unwrap();
    let find = || till.search_products(&SearchArgs { text: "zinc".into(), limit: 9 }).unwrap().len();
    assert_eq!(find(), 0, "the index of the day before");
    till.refresh_search().unwrap();
    assert_eq!(find(), 1);
}
