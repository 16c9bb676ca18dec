//! Every reason for which a row or a file is refused.

use std::io::{self, Read};

use super::*;

const HEAD: &str = "nom;code;prix;lot;peremption;quantite\n";

fn row(row: &str) -> String {
    refused(&format!("{HEAD}{row}\n"))
}

#[test]
fn each_bad_row_is_named_by_line_column_and_reason() {
    let long = "9".repeat(4_000);
    let endless = "x".repeat(100_000);
    let reasons = [
        row(" \u{a0};1;5;;;"),
        row(&format!("A;{long};5;;;")),
        row(&format!("{endless};1;5;;;")),
        row("A;1;cinq;;;"),
        row("A;1;-1;;;"),
        row("A;1;5;L1;31/02/2027;3"),
        row("A;1;5;L1;;"),
        row("A;1;5;L1;;1.500"),
        row("A;1;5;L1;;-3"),
        row("A;3400930092935;5;;;"),
        row("A;3,40093E+12;5;;;"),
        row("A\0B;1;5;;;"),
        row("A\u{fffd};1;5;;;"),
        row("A;1;5;;;;;7"),
        row("A;\"1;5;;;"),
    ];
    insta::assert_snapshot!(reasons.join("\n"), @r#"
    2 "nom" value_missing {}
    2 "code" value_too_long {"length":4000,"max":64}
    2 "nom" value_too_long {"length":100000,"max":512}
    2 "prix" number_invalid {"value":"cinq"}
    2 "prix" price_negative {"value":"-1"}
    2 "peremption" date_invalid {"value":"31/02/2027"}
    2 "quantite" value_missing {}
    2 "quantite" number_invalid {"value":"1.500"}
    2 "quantite" number_invalid {"value":"-3"}
    2 "code" barcode_check_digit {"code":"3400930092935"}
    2 "code" number_invalid {"value":"3,40093E+12"}
    2 "nom" encoding_invalid {}
    2 "nom" encoding_invalid {}
    2 "" columns_extra {"count":8,"expected":6}
    2 "code" quote_unclosed {}
    "#);
}

#[test]
fn the_good_rows_around_a_bad_one_are_staged() {
    let staged = staged("nom;code;prix\nA;1;5\nB;2;-1\nC;3;7\nD;1;5\n");
    let names: Vec<&str> = staged.products.iter().map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["A", "C"]);
    let bad: Vec<(u32, &str)> = staged.bad.iter().map(|bad| (bad.line, bad.code)).collect();
    assert_eq!(bad, [(3, "price_negative"), (5, "code_duplicate")]);
}

#[test]
fn a_row_after_quoted_newlines_keeps_its_physical_line() {
    assert_eq!(
        refused("nom;code;prix\r\n\"A\r\n(suite)\";1;5\r\n\r\nB;2;-1\r\n"),
        r#"5 "prix" price_negative {"value":"-1"}"#
    );
    assert_eq!(staged("nom;code\n\"A\n\nB\";1\n").products[0].name, "A B");
}

#[test]
fn one_byte_that_utf8_does_not_know_costs_one_row() {
    let mut bytes = "nom;prix\nGélule;5\nCrème;5\nPâte;5\n".as_bytes().to_vec();
    bytes.extend(b"Sir\xe9p;5\n");
    let staged = read_with(&bytes, None).unwrap();
    assert_eq!((staged.products.len(), staged.bad[0].line, staged.bad[0].code), (3, 5, "encoding_invalid"));
}

#[test]
fn a_thousand_bad_rows_are_listed_and_all_are_counted() {
    let text = "nom;prix\n".to_owned() + &"A;-1\n".repeat(1_500);
    let staged = staged(&text);
    assert_eq!((staged.bad.len(), staged.bad_count, staged.rows), (MAX_BAD_ROWS, 1_500, 1_500));
}

#[test]
fn a_file_that_is_no_catalogue_says_why() {
    let why = |bytes: &[u8]| {
        let error = read_with(bytes, None).unwrap_err();
        format!("{} {}", error.code(), serde_json::Value::Object(error.params()))
    };
    assert_eq!(why(b""), "file_empty {}");
    assert_eq!(why(b"\n\r\n \n"), "file_empty {}");
    assert_eq!(why(b"nom;prix\n"), "file_empty {}");
    assert_eq!(why(b"code;prix\n1;2\n"), r#"column_missing {"column":"name"}"#);
    assert_eq!(why(b"PK\x03\x04\0\0\0\0\n\0\0"), "file_unreadable {}");
    assert_eq!(why(&b"x".repeat(100_000)), "file_unreadable {}");
    assert_eq!(why(b"nom;prix\n\x1a"), "file_empty {}");
    assert_eq!(why(b"<html>\n<body>\n"), r#"column_missing {"column":"name"}"#);
}

struct Forbidden;

impl Read for Forbidden {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("read"))
    }
}

#[test]
fn two_gigabytes_are_refused_before_the_first_byte() {
    let size = 2 << 30;
    let mut silent = |_| ControlFlow::Continue(());
    let error = read(Forbidden, size, &ReadOptions::default(), &mut silent).unwrap_err();
    assert_eq!(error, ReadError::TooLarge { size, max: MAX_BYTES });
    assert_eq!(read(Forbidden, 10, &ReadOptions::default(), &mut silent).unwrap_err().code(), "file_unreadable");
}

#[test]
fn more_rows_than_a_pharmacy_could_have_are_refused() {
    let row = b"\nA;-1";
    let rows = io::repeat(0).take((row.len() as u64) * (u64::from(MAX_ROWS) + 1));
    let repeated = Repeat { row, at: 0, inner: rows };
    let source = b"nom;prix".chain(repeated);
    let error = read(source, 10, &ReadOptions::default(), &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error, ReadError::TooManyRows { max: MAX_ROWS });
}

/// The same row over and over, as long as `inner` lasts.
struct Repeat<R> {
    row: &'static [u8],
    at: usize,
    inner: R,
}

impl<R: Read> Read for Repeat<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in &mut buffer[..count] {
            *byte = self.row[self.at % self.row.len()];
            self.at += 1;
        }
        Ok(count)
    }
}
