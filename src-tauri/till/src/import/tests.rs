//! Catalogues as people send them, from bytes to staged products.

mod files;
mod lots;
mod refusals;

use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;

fn read_with(bytes: &[u8], rate: Option<&str>) -> Result<Staged, ReadError> {
    let options = ReadOptions { rate: rate.and_then(Rate::parse) };
    read(bytes, bytes.len() as u64, &options, &mut |_| ControlFlow::Continue(()))
}

fn staged(text: &str) -> Staged {
    read_with(text.as_bytes(), None).unwrap()
}

/// The one bad row of a text, as `line column code params`.
fn refused(text: &str) -> String {
    let staged = staged(text);
    assert_eq!(staged.bad_count, 1, "{:?}", staged.bad);
    let bad = &staged.bad[0];
    format!("{} {:?} {} {}", bad.line, bad.column, bad.code, serde_json::Value::Object(bad.params.clone()))
}

fn prices(staged: &Staged) -> Vec<Option<i64>> {
    staged.products.iter().map(|product| product.price).collect()
}

#[test]
fn a_small_catalogue_is_staged_whole() {
    let text = "Désignation;DCI;Forme;Dosage;Laboratoire;Code barres;CIP7;Prix public (GNF);Unités par boîte;Fournisseur\r\n\
                Paracétamol\u{a0}500 mg ;Paracétamol;comprimé;500 mg;Fouta;2000000000015;4949729;12 500;20;Spharma Guinée\r\n";
    let staged = staged(text);
    assert_eq!((staged.encoding, staged.separator, staged.currency.as_str(), staged.rows), ("utf-8", ';', "GNF", 1));
    assert_eq!(staged.columns[5], ("Code barres".to_owned(), "code"));
    assert_eq!(
        staged.products,
        [StagedProduct {
            line: 2,
            name: "Paracétamol 500 mg".to_owned(),
            dci: "Paracétamol".to_owned(),
            form: "comprimé".to_owned(),
            strength: "500 mg".to_owned(),
            maker: "Fouta".to_owned(),
            codes: vec![("2000000000015".to_owned(), "inStore"), ("4949729".to_owned(), "cip7")],
            price: Some(12_500),
            foreign_price: false,
            units_per_pack: 20,
            supplier: Some("Spharma Guinée".to_owned()),
            lots: vec![],
        }]
    );
}

#[test]
fn a_foreign_price_waits_for_a_rate() {
    let text = "name,price_eur\na,5.25\nb,\"1 042,10\"\nc,\nd,0\n".as_bytes();
    let without = read_with(text, None).unwrap();
    assert_eq!(without.currency, "EUR");
    assert_eq!(prices(&without), [None; 4]);
    assert_eq!(without.bad_count, 0);
    let foreign: Vec<bool> = without.products.iter().map(|product| product.foreign_price).collect();
    assert_eq!(foreign, [true, true, false, true]);
    let with = read_with(text, Some("10 250,5")).unwrap();
    assert_eq!(prices(&with), [Some(53_815), Some(10_682_046), None, None]);
}

#[test]
fn a_price_may_carry_its_own_currency() {
    let text = "nom;prix\na;5,25 €\nb;12.500 GNF\nc;900 F\nd;3 USD\n".as_bytes();
    let staged = read_with(text, Some("10000")).unwrap();
    assert_eq!(staged.currency, "EUR");
    assert_eq!(prices(&staged), [Some(52_500), Some(12_500), Some(900)]);
    assert_eq!((staged.bad_count, staged.bad[0].line, staged.bad[0].code), (1, 5, "number_invalid"));
}

#[test]
fn a_dot_before_three_digits_groups_francs() {
    assert_eq!(
        prices(&staged("nom;prix\na;1.500\nb;12,500\nc;1 250 000\n")),
        [Some(1_500), Some(12_500), Some(1_250_000)]
    );
}

#[test]
fn of_two_prices_the_one_in_francs_is_taken() {
    let staged = staged("name,price_eur,price_gnf\na,5,52000\n");
    assert_eq!((staged.currency.as_str(), prices(&staged)), ("GNF", vec![Some(52_000)]));
    assert_eq!(staged.columns[1].1, "");
}

#[test]
fn a_cost_may_be_foreign_where_the_price_is_not() {
    let text = "nom;prix GNF;prix d'achat (€);lot;qte\na;60 000;4,20;L1;3\n".as_bytes();
    let cost = |rate| read_with(text, rate).unwrap().products[0].lots[0].pack_cost;
    assert_eq!((cost(Some("10000")), cost(None)), (Some(42_000), None));
}

#[test]
fn every_encoding_and_separator_gives_the_same_catalogue() {
    let text = "Désignation;Prix\r\nGélule d’été;5\r\n";
    let expected = staged(text).products;
    let mut mark = vec![0xef, 0xbb, 0xbf];
    mark.extend(text.as_bytes());
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let latin = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    for (bytes, encoding) in [(mark, "utf-8"), (utf16, "utf-16le"), (latin, "windows-1252")] {
        let staged = read_with(&bytes, None).unwrap();
        assert_eq!((staged.encoding, &staged.products), (encoding, &expected));
    }
    for separator in [",", "\t", "|"] {
        assert_eq!(staged(&text.replace(';', separator)).products, expected);
    }
}

#[test]
fn progress_is_heard_and_may_cancel() {
    let text = "nom;code\n".to_owned() + &(0..5_000).map(|n| format!("p{n};c{n}\n")).collect::<String>();
    let mut heard = Vec::new();
    read(text.as_bytes(), text.len() as u64, &ReadOptions::default(), &mut |progress| {
        heard.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(heard.windows(2).all(|pair| pair[1].rows - pair[0].rows <= 1_000));
    let size = text.len() as u64;
    assert_eq!(heard.last(), Some(&ReadProgress { rows: 5_000, bytes: size, total_bytes: size }));
    let cancelled = read(text.as_bytes(), size, &ReadOptions::default(), &mut |progress| {
        if progress.rows < 3_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert_eq!(cancelled, Err(ReadError::Cancelled));
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9 .,€-]{0,8}", "[a-zé;,\"\n\t|]{0,8}", Just("4006381333931".to_owned()), ".{0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read_with(&bytes, Some("10250"));
        let _ = read_with(&[b"nom;code;prix;lot;expiry;qty\n".as_slice(), &bytes].concat(), Some("10250"));
    }

    #[test]
    fn every_row_is_staged_or_named(rows in prop::collection::vec(prop::collection::vec(cell(), 7), 1..30)) {
        let body: String = rows.iter().map(|cells| cells.join(";") + "\n").collect();
        let text = "nom;code;prix;lot;expiry;qty;cost\n".to_owned() + &body;
        if let Ok(staged) = read_with(text.as_bytes(), None) {
            prop_assert!(staged.products.len() as u64 + u64::from(staged.bad_count) <= u64::from(staged.rows));
            for product in &staged.products {
                prop_assert!(!product.name.is_empty() && product.units_per_pack > 0);
                prop_assert!(product.price.is_none_or(|price| price > 0));
                prop_assert!(product.lots.iter().all(|lot| lot.quantity > 0));
            }
        }
    }
}
