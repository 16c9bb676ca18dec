//! The report, the file and the news, from lots made up here.

use std::collections::HashMap;

use officine_protocol::{Uid, date::Date, fefo::Lot};

use super::{
    file,
    news::{self, Since},
    report::report,
    shelf::Shelf,
    thresholds::Thresholds,
};
use crate::{
    catalogue::{lots::StoredLot, products::Product},
    views::{ExpiriesArgs, ExpiryNews, ExpiryReport, ExpirySort, UnitView},
};

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn today() -> Date {
    day("2026-11-20")
}

fn bands() -> Thresholds {
    Thresholds::new(&[30, 60, 90]).unwrap()
}

fn unit(position: u32, name: &str, factor: i64, price: Option<i64>) -> UnitView {
    UnitView { position, name: name.into(), factor, price }
}

fn product(id: i64, name: &str, units: Vec<UnitView>) -> Product {
    Product {
        id,
        uid: Uid::from_u128(id as u128),
        name: name.into(),
        dci: "paracétamol".into(),
        form: "comprimé".into(),
        strength: String::new(),
        maker: String::new(),
        tax_class: String::new(),
        code: "3400936403116".into(),
        units,
    }
}

fn lot(id: i64, number: &str, days_left: i64, quantity: i64, pack_cost: Option<i64>) -> StoredLot {
    let expiry = if days_left < 0 { today().minus(-days_left as u32) } else { today().plus(days_left as u32) };
    StoredLot {
        id,
        lot: Lot { uid: Uid::from_u128(id as u128), quantity, expiry: Some(expiry), blocked: false, received_at: 0 },
        number: number.into(),
        blocked_reason: None,
        recount_open: false,
        pack_cost,
        pack_size: 30,
        supplier: "Spharma Guinée".into(),
        product: 1,
        quarantine: false,
    }
}

/// Two products: one sold by the box of 30 with strips of 10, one without a price.
fn shelf() -> Shelf {
    let doliprane = product(1, "Doliprane", vec![unit(0, "boîte", 30, Some(10_000)), unit(1, "plaquette", 10, None)]);
    let eclair = product(2, "Éclair", vec![unit(0, "boîte", 1, None)]);
    let mut blocked = lot(12, "B", 0, 30, Some(7_000));
    blocked.blocked_reason = Some("Rappel".into());
    let mut other = lot(14, "D", 60, 3, None);
    other.supplier = "Laborex".into();
    let lots = vec![
        (1, lot(11, "A", -1, 40, Some(7_000))),
        (1, blocked),
        (1, lot(13, "C", 31, 15, Some(7_001))),
        (2, other),
        (1, lot(15, "E", 91, 60, None)),
    ];
    Shelf { lots, products: HashMap::from([(1, doliprane), (2, eclair)]) }
}

fn made(args: &ExpiriesArgs, costs: bool) -> ExpiryReport {
    report(&shelf(), &bands(), today(), args, usize::MAX, costs)
}

fn numbers(report: &ExpiryReport) -> Vec<&str> {
    report.rows.iter().map(|row| row.lot_number.as_str()).collect()
}

#[test]
fn every_lot_is_in_one_band_and_the_bands_make_the_total() {
    let report = made(&ExpiriesArgs::default(), true);
    assert_eq!(numbers(&report), ["A", "B", "C", "D"], "E has 91 days left");
    let days: Vec<_> = report.rows.iter().map(|row| (row.days_left, row.band)).collect();
    assert_eq!(days, [(-1, 0), (0, 1), (31, 2), (60, 2)]);
    let sums: Vec<_> = report.bands.iter().map(|band| (band.days, band.totals.lots, band.totals.boxes)).collect();
    assert_eq!(sums, [(None, 1, 2), (Some(30), 1, 1), (Some(60), 2, 4), (Some(90), 0, 0)]);
    assert_eq!((report.total.lots, report.total.boxes), (4, 7));
    assert_eq!(report.suppliers, ["Laborex", "Spharma Guinée"]);
    assert_eq!(report.rows[1].blocked.as_deref(), Some("Rappel"));
}

#[test]
fn francs_are_rounded_half_up_and_what_is_unknown_is_counted() {
    let report = made(&ExpiriesArgs::default(), true);
    let worth: Vec<_> = report.rows.iter().map(|row| (row.at_price, row.at_cost)).collect();
    assert_eq!(
        worth,
        [(Some(13_333), Some(9_333)), (Some(10_000), Some(7_000)), (Some(5_000), Some(3_501)), (None, None)]
    );
    assert_eq!((report.total.at_price, report.total.unpriced), (28_333, 1));
    assert_eq!((report.total.at_cost, report.total.uncosted), (Some(19_834), Some(1)));
    assert_eq!(report.rows[0].quantity_text, "1 boîte + 1 plaquette".replace("boîte", "bt").replace("plaquette", "pl"));
}

#[test]
fn who_may_not_see_costs_finds_none_anywhere() {
    let report = made(&ExpiriesArgs { sort: ExpirySort::Value, ..ExpiriesArgs::default() }, false);
    assert!(report.rows.iter().all(|row| row.at_cost.is_none()));
    assert!(report.bands.iter().all(|band| band.totals.at_cost.is_none() && band.totals.uncosted.is_none()));
    assert_eq!(numbers(&report), ["A", "B", "C", "D"], "by price");
    let text = String::from_utf8(file::text(&report, "fr").unwrap()).unwrap();
    assert!(!text.contains("coût") && !text.contains("9333"), "{text}");
}

#[test]
fn text_supplier_and_band_choose_and_the_totals_follow_text_and_supplier() {
    let of = |args: &ExpiriesArgs| numbers(&made(args, false)).join("");
    let typed = |text: &str| ExpiriesArgs { text: text.into(), ..ExpiriesArgs::default() };
    assert_eq!(
        [of(&typed("ECLAIR")), of(&typed("lab D")), of(&typed("3400936")), of(&typed("oliprane"))],
        ["D", "D", "ABCD", ""]
    );
    let laborex = ExpiriesArgs { supplier: Some("Laborex".into()), ..ExpiriesArgs::default() };
    let report = made(&laborex, false);
    assert_eq!((numbers(&report), report.total.lots, report.suppliers.len()), (vec!["D"], 1, 2));
    let report = made(&ExpiriesArgs { band: Some(2), ..ExpiriesArgs::default() }, false);
    assert_eq!((numbers(&report), report.total.lots), (vec!["C", "D"], 4));
}

#[test]
fn rows_are_ordered_as_asked_and_bounded() {
    let by = |sort| ExpiriesArgs { sort, ..ExpiriesArgs::default() };
    let order = |sort| numbers(&made(&by(sort), true)).join("");
    assert_eq!(order(ExpirySort::Product), "ABCD");
    assert_eq!(order(ExpirySort::Supplier), "DABC");
    assert_eq!(order(ExpirySort::Value), "ABCD");
    let cut = report(&shelf(), &bands(), today(), &ExpiriesArgs::default(), 3, true);
    assert_eq!((cut.rows.len(), cut.left_off, cut.total.lots), (3, 1, 4));
}

#[test]
fn the_largest_figures_never_overflow() {
    let mut shelf = shelf();
    for (_, lot) in &mut shelf.lots {
        lot.lot.quantity = i64::MAX;
        lot.pack_cost = Some(i64::MAX);
    }
    let report = report(&shelf, &bands(), today(), &ExpiriesArgs::default(), usize::MAX, true);
    assert_eq!(report.total.boxes, i64::MAX);
}

#[test]
fn the_file_is_what_excel_reads_in_french() {
    let mut shelf = shelf();
    shelf.products.get_mut(&1).unwrap().name = "=HYPERLINK(\"http://x\");Doli".into();
    shelf.lots[0].1.number = "+A".into();
    let made = report(&shelf, &bands(), today(), &ExpiriesArgs::default(), usize::MAX, true);
    let text = String::from_utf8(file::text(&made, "fr").unwrap()).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert!(text.starts_with('\u{feff}') && text.ends_with("\r\n"));
    assert_eq!(
        lines[0].trim_start_matches('\u{feff}'),
        "Produit;Forme et DCI;Code;Lot;Péremption;Jours restants;Unités;Quantité;Valeur au prix (GNF);\
         Valeur au coût (GNF);Fournisseur;Bloqué;Situation"
    );
    assert_eq!(
        lines[1],
        "\"'=HYPERLINK(\"\"http://x\"\");Doli\";comprimé · paracétamol;3400936403116;'+A;2026-11-19;-1;40;1 bt + 1 pl;\
         13333;9333;Spharma Guinée;;périmé"
    );
    assert_eq!(lines[4].rsplit(';').take(5).collect::<Vec<_>>(), ["60 jours ou moins", "", "Laborex", "", ""]);
    let english = String::from_utf8(file::text(&made, "en").unwrap()).unwrap();
    assert!(english.contains("Product;Form and DCI") && english.contains("expired"));
}

#[test]
fn news_are_the_lots_that_entered_a_band_since_the_last_time() {
    let of = |since| news::news(&shelf(), &bands(), since, today());
    let news = |days, lots, at_price| ExpiryNews { days, lots, at_price };
    assert_eq!(of(Since::Ever), [news(None, 1, 13_333), news(Some(30), 1, 10_000), news(Some(60), 2, 5_000)]);
    assert_eq!(of(Since::Day(day("2026-11-19"))), [news(None, 1, 13_333), news(Some(60), 1, 0)]);
    assert_eq!(of(Since::Day(today())), []);
}

#[test]
fn the_desktop_is_told_once_a_day_whatever_the_clock_does() {
    let since = |told: Option<&str>| news::since(told.map(day), today());
    assert_eq!(since(None), Some(Since::Ever));
    assert_eq!(since(Some("2026-11-17")), Some(Since::Day(day("2026-11-17"))));
    assert_eq!(since(Some("2026-11-20")), None);
    assert_eq!(since(Some("2026-11-21")), None, "set back over midnight");
    assert_eq!(since(Some("2030-01-01")), Some(Since::Day(day("2026-11-19"))), "the clock was years ahead");
}
