//! Four tills, ten products, a link that loses one answer in twenty. `bench crowd` is the same, larger.

use officine_tests::{
    Shop,
    crowd::{Size, run},
};

const SIZE: Size = Size { tills: 4, sales: 25, products: 10, cut_answers: 50 };

#[test]
fn a_crowd_on_a_bad_link_loses_and_doubles_nothing() {
    let shop = Shop::open();
    assert_whole(&shop);
}

#[test]
fn on_postgres_a_crowd_on_a_bad_link_loses_and_doubles_nothing() {
    assert_whole(&Shop::open_on_postgres());
}

fn assert_whole(shop: &Shop) {
    let figures = run(shop, SIZE, 7);
    eprintln!("{figures:?}");
    assert_eq!(figures.census.confirmed + figures.census.reversed, SIZE.tills * SIZE.sales);
    assert_eq!(figures.census.named, 0, "nothing waits for a person");
}
