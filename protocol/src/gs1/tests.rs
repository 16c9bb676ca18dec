//! The reading against GS1's published cases, the counter's own cases, and any bytes at all.

use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Elements, Gs1Error, checks::with_check_digit, parse, read};
use crate::date::Date;

const GTIN: &str = "03400934733604";
const EAN: &str = "3400934733604";

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn today() -> Date {
    day("2026-11-20")
}

fn as_expected(found: &Elements) -> Value {
    let mut fields = BTreeMap::new();
    let mut put = |name: &'static str, value: Option<String>| value.map(|value| fields.insert(name, json!(value)));
    put("gtin", found.gtin.clone());
    put("sscc", found.sscc.clone());
    put("lot", found.lot.clone());
    put("serial", found.serial.clone());
    put("expiry", found.expiry.map(|date| date.to_string()));
    put("best_before", found.best_before.map(|date| date.to_string()));
    if !found.other.is_empty() {
        fields.insert("other", json!(found.other));
    }
    json!(fields)
}

#[test]
fn every_published_case_is_read_as_its_oracles_read_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/gs1_vectors.json");
    let Ok(text) = fs::read_to_string(&path) else {
        println!("skipped: no gs1_vectors.json beside the project");
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let (mut readings, mut errors, mut wrong) = (0, 0, Vec::new());
    for case in file["cases"].as_array().unwrap() {
        let found = parse(case["input"].as_str().unwrap(), day(case["as_of"].as_str().unwrap()));
        let agrees = match (&found, case["expect"].get("error")) {
            (Err(_), Some(_)) => {
                errors += 1;
                true
            }
            (Ok(elements), None) => {
                readings += 1;
                as_expected(elements) == case["expect"]
            }
            _ => false,
        };
        if !agrees {
            wrong.push(format!("{}: {found:?}, expected {}", case["id"], case["expect"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{readings} readings and {errors} errors agree");
    assert_eq!(readings + errors, file["count"].as_u64().unwrap());
}

#[test]
fn a_box_gives_its_product_lot_expiry_and_serial() {
    let scan = read("]d2010340093473360417270200\u{1d}10LOT-7\u{1d}21SN1", today());
    assert_eq!(scan.candidates[..2], [EAN, GTIN]);
    assert_eq!(scan.lot.as_deref(), Some("LOT-7"));
    assert_eq!(scan.expiry, Some(day("2027-02-28")));
    assert_eq!(scan.serial.as_deref(), Some("SN1"));
}

#[test]
fn every_spelling_of_the_separator_ends_the_lot() {
    for gs in ["\u{1d}", "<GS>", "{GS}", "\\x1d", "\u{241d}", "\u{2421}", "\u{e8}"] {
        let scan = read(&format!("010340093473360410LOT7{gs}17270131\r\n"), today());
        assert_eq!(scan.lot.as_deref(), Some("LOT7"), "{gs}");
        assert_eq!(scan.expiry, Some(day("2027-01-31")), "{gs}");
    }
}

#[test]
fn a_plain_code_is_looked_up_as_scanned_and_under_its_other_names() {
    for (sent, expected) in [
        (EAN, vec![EAN]),
        (" 3400934733604\r\n", vec![EAN]),
        ("]E03400934733604", vec![EAN, GTIN]),
        (GTIN, vec![EAN, GTIN]),
        ("614141123452", vec!["614141123452", "0614141123452"]),
        ("0614141123452", vec!["0614141123452", "614141123452"]),
        ("3473360", vec!["3473360", EAN]),
        ("DOLI-500", vec!["DOLI-500"]),
        ("crème", vec!["crème"]),
        ("10ABC", vec!["10ABC"]),
    ] {
        let scan = read(sent, today());
        let mut candidates = scan.candidates.clone();
        candidates.sort();
        for code in &expected {
            assert!(scan.candidates.iter().any(|it| it == code), "{sent}: {candidates:?}");
        }
        assert_eq!(scan.lot, None, "{sent}");
    }
    assert_eq!(read(EAN, today()).candidates[0], EAN);
    assert_eq!(read("614141123452", today()).candidates[0], "614141123452");
    assert!(read(" \n", today()).candidates.is_empty());
}

#[test]
fn a_case_is_never_taken_for_the_box_inside_it() {
    let case = with_check_digit("1340093473360");
    let scan = read(&format!("]d201{case}"), today());
    assert!(!scan.candidates.iter().any(|code| code.len() == 13), "{:?}", scan.candidates);
}

#[test]
fn a_message_broken_after_the_product_still_names_the_product() {
    let scan = read("]d20103400934733604172701311089é", today());
    assert_eq!(scan.candidates[0], EAN);
    assert_eq!((scan.expiry, scan.lot), (Some(day("2027-01-31")), None));
}

#[test]
fn a_wrong_check_digit_is_believed_in_nothing() {
    let scan = read("]d2010340093473360517270131", today());
    assert_eq!((scan.expiry, scan.lot), (None, None));
    assert_eq!(scan.candidates, ["010340093473360517270131"]);
}

#[test]
fn national_numbers_are_looked_up_too() {
    let scan = read("]d201034009347336047113400934733604\u{1d}714PT5", today());
    assert!(scan.candidates.iter().any(|code| code == "PT5"), "{:?}", scan.candidates);
}

#[test]
fn one_identifier_with_two_values_is_refused() {
    assert_eq!(parse("]d210A\u{1d}10B", today()), Err(Gs1Error::Repeated));
    assert!(parse("]d210A\u{1d}10A", today()).is_ok());
}

#[test]
fn a_digital_link_carries_its_lot_and_expiry() {
    let found = parse("https://example.org/shop/01/3400934733604/10/A%2FB?17=270131&x=1", today()).unwrap();
    assert_eq!((found.gtin.as_deref(), found.lot.as_deref()), (Some(GTIN), Some("A/B")));
    assert_eq!(found.expiry, Some(day("2027-01-31")));
    assert!(parse("https://example.org/catalogue", today()).is_err());
    assert!(parse("https://example.org/01/3400934733604/10/%zz", today()).is_err());
}

#[test]
fn the_century_slides_with_today() {
    let year = |text: &str, today: &str| parse(text, day(today)).unwrap().expiry.unwrap().number() / 10_000;
    assert_eq!(year("]d217760630", "2026-01-01"), 2076);
    assert_eq!(year("]d217770630", "2026-01-01"), 1977);
    assert_eq!(year("]d217010630", "2099-01-01"), 2101);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(text in any::<String>(), code in "[\\](0-9)\u{1d}A-Za-zé<>/:%?=&]{0,60}") {
        for raw in [&text, &code, &format!("]d2{code}"), &format!("01{GTIN}{code}"), &format!("https://a/01/{code}")] {
            let scan = read(raw, today());
            prop_assert_eq!(scan.candidates.is_empty(), raw.trim().is_empty());
            let _ = parse(raw, today());
        }
    }

    #[test]
    fn what_is_written_is_read_back(lot in "[A-Z0-9]{1,20}", serial in "[A-Za-z0-9]{1,20}", days in 1u32..28) {
        let scan = read(&format!("]d201{GTIN}10{lot}\u{1d}172811{days:02}21{serial}"), today());
        prop_assert_eq!(scan.lot, Some(lot));
        prop_assert_eq!(scan.serial, Some(serial));
        prop_assert_eq!(scan.expiry.map(Date::number), Some(20_281_100 + i64::from(days)));
    }
}
