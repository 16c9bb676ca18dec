//! The two catalogues kept beside the project, whole.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use super::*;

/// A shared file, or `None` after saying that the test is skipped.
fn shared(name: &str, rate: Option<&str>) -> Option<Staged> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let Ok(file) = File::open(&path) else {
        println!("skipped: {name} is not beside the project");
        return None;
    };
    let size = file.metadata().unwrap().len();
    let options = ReadOptions { rate: rate.and_then(Rate::parse) };
    Some(read(file, size, &options, &mut |_| ControlFlow::Continue(())).unwrap())
}

fn by_cip13(staged: &Staged) -> HashMap<&str, &StagedProduct> {
    let cip13 = |product: &StagedProduct| product.codes.iter().position(|code| code.1 == "cip13");
    staged.products.iter().filter_map(|p| cip13(p).map(|at| (p.codes[at].0.as_str(), p))).collect()
}

#[test]
fn the_large_catalogue_is_staged_without_a_bad_row() {
    let Some(staged) = shared("medicines_bdpm_active.csv", Some("10000")) else { return };
    assert_eq!((staged.rows, staged.products.len()), (17_184, 17_184));
    assert_eq!((staged.bad_count, staged.bad.first()), (0, None));
    assert_eq!((staged.encoding, staged.separator, staged.currency.as_str()), ("utf-8", ',', "EUR"));
    let fills: Vec<String> = staged
        .columns
        .iter()
        .filter(|column| !column.1.is_empty())
        .map(|(header, field)| format!("{header}:{field}"))
        .collect();
    assert_eq!(
        fills.join(" "),
        "cip7:code cip13:code name:name form:form holder:maker dci:dci strength:strength price_eur:price"
    );
    assert_eq!(staged.products.iter().filter(|product| product.price.is_some()).count(), 11_188);
    assert!(staged.products.iter().all(|p| p.codes.len() == 2 && p.codes[0].1 == "cip7" && p.codes[1].1 == "cip13"));
    let first = &staged.products[0];
    assert_eq!(
        (first.line, first.price, first.name.as_str()),
        (2, Some(253_600), "ANASTROZOLE ACCORD 1 mg, comprimé pelliculé")
    );
    let control = |product: &StagedProduct| product.name.contains(|c: char| c.is_control() || c == '\u{a0}');
    assert!(!staged.products.iter().any(control));
}

#[test]
fn without_a_rate_the_large_catalogue_is_unpriced_and_good() {
    let Some(staged) = shared("medicines_bdpm_active.csv", None) else { return };
    assert_eq!((staged.products.len(), staged.bad_count), (17_184, 0));
    assert!(staged.products.iter().all(|product| product.price.is_none()));
    assert_eq!(staged.products.iter().filter(|product| product.foreign_price).count(), 11_188);
}

#[test]
fn the_wholesalers_file_reads_as_the_large_one_does() {
    let Some(small) = shared("import_cp1252_semicolon.csv", Some("10000")) else { return };
    let Some(large) = shared("medicines_bdpm_active.csv", Some("10000")) else { return };
    assert_eq!((small.encoding, small.separator, small.currency.as_str()), ("windows-1252", ';', "EUR"));
    assert_eq!((small.products.len(), small.bad_count), (2_000, 0));
    assert!(small.columns.iter().all(|column| !column.1.is_empty()), "{:?}", small.columns);
    let large = by_cip13(&large);
    for product in &small.products {
        let same = large[product.codes[0].0.as_str()];
        assert_eq!((&product.dci, &product.form, product.price), (&same.dci, &same.form, same.price));
        let name = same.name.replace('’', "?");
        assert_eq!(product.name.replace('’', "?"), name, "line {}", product.line);
    }
}
