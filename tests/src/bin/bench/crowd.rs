//! Many tills on few products through a link that loses one answer in twenty: `crowd [TILLS SALES PRODUCTS] [postgres]`.

use anyhow::{Context, Result};
use officine_tests::{
    Shop,
    crowd::{Size, run},
};

const SEED: u64 = 20;

/// Runs it and prints what it came to.
pub fn print(arguments: &[String]) -> Result<()> {
    let number = |place: usize, default: usize| match arguments.get(place).filter(|text| *text != "postgres") {
        None => Ok(default),
        Some(text) => text.parse().with_context(|| format!("{text} is no number")),
    };
    let size = Size { tills: number(0, 20)?, sales: number(1, 500)?, products: number(2, 200)?, cut_answers: 50 };
    let on_postgres = arguments.iter().any(|text| text == "postgres");
    let shop = if on_postgres { Shop::open_on_postgres() } else { Shop::open() };
    let figures = run(&shop, size, SEED);
    let database = if on_postgres { "PostgreSQL" } else { "SQLite" };
    println!("# Crowd: {} tills × {} sales over {} products, {database}", size.tills, size.sales, size.products);
    println!("{:?}", figures.census);
    println!("{:?}", figures.carried);
    println!("last sale recorded after {:.0} s, all books equal after {:.0} s", figures.selling, figures.whole);
    Ok(())
}
