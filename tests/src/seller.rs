//! A till that stays open: it sells one box for each line on standard input, and answers with the ticket's number once
//! the sale is recorded, or with the code of the problem. `officine-seller DATA CODE LOGIN PIN`
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a helper of tests that speaks on its standard output")]

use std::{
    io::{BufRead, Write, stdin, stdout},
    path::Path,
};

use officine_tests::till;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, code, login, pin] = args.as_slice() else { return };
    let till = till::open(Path::new(data));
    till::sign_in(&till, login, pin);
    for _ in stdin().lock().lines() {
        let sold = till.clear_cart().and_then(|_| till::try_sell(&till, code, 1));
        let answer = sold.map_or_else(|error| error.code(), |receipt| receipt.number);
        println!("{answer}");
        stdout().flush().expect("somebody reads");
    }
}
