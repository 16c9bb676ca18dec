//! The chain of tickets: each carries the SHA-256 of what it prints and of the ticket before it, so that none can
//! vanish or change unseen. The encoding is versioned and never depends on states or corrections.

use sha2::{Digest, Sha256};

use crate::Uid;

/// The encoding this version writes.
pub const VERSION: i64 = 1;

/// A link: SHA-256.
pub type Hash = [u8; 32];

/// What comes before the first ticket of a series.
pub const GENESIS: Hash = [0; 32];

/// The printed fields of a ticket.
#[derive(Clone, Debug)]
pub struct Printed<'a> {
    /// Identity.
    pub uid: Uid,
    /// Ticket series.
    pub series: i64,
    /// Number within the series.
    pub number: i64,
    /// Unix milliseconds.
    pub occurred_at: i64,
    /// Who sold.
    pub user: Uid,
    /// To pay, in francs.
    pub total: i64,
    /// Handed over, in francs.
    pub tendered: i64,
    /// The lines, in order.
    pub lines: Vec<PrintedLine<'a>>,
}

/// A printed line.
#[derive(Clone, Debug)]
pub struct PrintedLine<'a> {
    /// Product name as printed.
    pub name: &'a str,
    /// Unit name as printed.
    pub unit: &'a str,
    /// How many.
    pub count: i64,
    /// Price of one.
    pub unit_price: i64,
    /// Amount.
    pub amount: i64,
    /// Lot numbers and base units, in the order printed.
    pub lots: Vec<(&'a str, i64)>,
}

/// The link of a ticket. Version 1: every integer is 8 bytes big-endian, every text its length as an integer, then
/// its UTF-8 bytes; the list of lines and each list of lots begin with their length.
pub fn link(previous: &Hash, ticket: &Printed<'_>) -> Hash {
    let mut sink = Sink(Sha256::new());
    sink.int(VERSION);
    sink.0.update(previous);
    sink.0.update(ticket.uid.as_bytes());
    for number in [ticket.series, ticket.number, ticket.occurred_at] {
        sink.int(number);
    }
    sink.0.update(ticket.user.as_bytes());
    for number in [ticket.total, ticket.tendered, ticket.lines.len() as i64] {
        sink.int(number);
    }
    for line in &ticket.lines {
        sink.text(line.name);
        sink.text(line.unit);
        for number in [line.count, line.unit_price, line.amount, line.lots.len() as i64] {
            sink.int(number);
        }
        for (lot, quantity) in &line.lots {
            sink.text(lot);
            sink.int(*quantity);
        }
    }
    sink.0.finalize().into()
}

struct Sink(Sha256);

impl Sink {
    fn int(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.int(text.len() as i64);
        self.0.update(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> Printed<'static> {
        Printed {
            uid: Uid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
            series: 2,
            number: 4_319,
            occurred_at: 1_795_190_520_000,
            user: Uid::from_u128(7),
            total: 37_000,
            tendered: 40_000,
            lines: vec![PrintedLine {
                name: "Paracétamol 500 mg",
                unit: "boîte",
                count: 2,
                unit_price: 18_500,
                amount: 37_000,
                lots: vec![("DL4417", 1), ("DL4418", 1)],
            }],
        }
    }

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The test vector of version 1: it may never change. The same bytes were hashed by an independent program.
    #[test]
    fn the_test_vector_of_version_1() {
        insta::assert_snapshot!(hex(&link(&GENESIS, &ticket())), @"718db8fa34380ce778c6910a0100aed1c452244353a2620aa953c6b9a15c33f1");
    }

    #[test]
    fn any_printed_field_changes_the_link() {
        let base = link(&GENESIS, &ticket());
        let mut other = ticket();
        other.lines[0].lots[0].1 = 2;
        assert_ne!(link(&GENESIS, &other), base);
        assert_ne!(link(&base, &ticket()), base);
    }
}
