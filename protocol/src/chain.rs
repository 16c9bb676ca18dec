//! The chain of tickets: each carries the SHA-256 of what it prints and of the ticket before it, so that none can
//! vanish or change unseen. The encoding is versioned and never depends on states or corrections.

use sha2::{Digest, Sha256};

use crate::Uid;

/// The encoding this version writes. Version 1, of tickets without discount, is still read.
pub const VERSION: i64 = 2;

/// A link: SHA-256.
pub type Hash = [u8; 32];

/// What comes before the first ticket of a series. Where its till replaces another, the first ticket names the last hash known
/// of that one's series instead: the chain goes on from till to till. A link proves its own ticket in either case.
pub const GENESIS: Hash = [0; 32];

/// The printed fields of a ticket.
#[derive(Clone, Debug)]
pub struct Printed<'a> {
    /// The encoding.
    pub version: i64,
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
    /// `sale`, the kind of a ticket that takes another back, or the decision on a refused one.
    pub kind: &'a str,
    /// The ticket it takes back or decides on.
    pub takes_back: Option<Uid>,
    /// The customer named on it.
    pub customer: Option<Uid>,
    /// Taken off the sum of the lines, in francs.
    pub discount: i64,
    /// Added by the shop's rounding step, in francs; may be negative.
    pub rounding: i64,
    /// How it was paid, in order.
    pub payments: Vec<PrintedPayment<'a>>,
}

/// A printed payment.
#[derive(Clone, Debug)]
pub struct PrintedPayment<'a> {
    /// Means.
    pub means: &'a str,
    /// Francs.
    pub amount: i64,
    /// The operator's reference; empty where there is none.
    pub reference: &'a str,
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
    /// Taken off this line, in francs.
    pub discount: i64,
}

/// The link of a ticket. Every integer is 8 bytes big-endian, every text its length as an integer, then its UTF-8
/// bytes; every list begins with its length; a uid that is not there is 16 zeros.
///
/// Version 1: version, previous link, uid, series, number, instant, user, total, tendered, then the lines: name, unit,
/// count, unit price, amount, lots (number, base units). Version 2 adds, after the lines: kind, ticket taken back,
/// customer, discount, rounding, the discount of each line, the payments (means, amount, reference).
pub fn link(previous: &Hash, ticket: &Printed<'_>) -> Hash {
    let mut sink = Sink(Sha256::new());
    sink.int(ticket.version);
    sink.0.update(previous);
    sink.0.update(ticket.uid.as_bytes());
    sink.ints([ticket.series, ticket.number, ticket.occurred_at]);
    sink.0.update(ticket.user.as_bytes());
    sink.ints([ticket.total, ticket.tendered]);
    sink.lines(&ticket.lines);
    if ticket.version > 1 {
        sink.second(ticket);
    }
    sink.0.finalize().into()
}

struct Sink(Sha256);

impl Sink {
    fn int(&mut self, number: i64) {
        self.0.update(number.to_be_bytes());
    }

    fn ints<const N: usize>(&mut self, numbers: [i64; N]) {
        numbers.into_iter().for_each(|number| self.int(number));
    }

    fn lines(&mut self, lines: &[PrintedLine<'_>]) {
        self.int(lines.len() as i64);
        for line in lines {
            self.text(line.name);
            self.text(line.unit);
            self.ints([line.count, line.unit_price, line.amount, line.lots.len() as i64]);
            for (lot, quantity) in &line.lots {
                self.text(lot);
                self.int(*quantity);
            }
        }
    }

    /// What version 2 adds.
    fn second(&mut self, ticket: &Printed<'_>) {
        self.text(ticket.kind);
        for uid in [ticket.takes_back, ticket.customer] {
            self.0.update(uid.unwrap_or_default().as_bytes());
        }
        self.ints([ticket.discount, ticket.rounding]);
        ticket.lines.iter().for_each(|line| self.int(line.discount));
        self.int(ticket.payments.len() as i64);
        for payment in &ticket.payments {
            self.text(payment.means);
            self.int(payment.amount);
            self.text(payment.reference);
        }
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
            version: 1,
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
                discount: 0,
            }],
            kind: "sale",
            takes_back: None,
            customer: None,
            discount: 0,
            rounding: 0,
            payments: vec![PrintedPayment { means: "cash", amount: 37_000, reference: "" }],
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

    /// The test vector of version 2: it may never change. The same bytes were hashed by an independent program.
    #[test]
    fn the_test_vector_of_version_2() {
        let mut ticket =
            Printed { version: 2, discount: 500, rounding: -3, customer: Some(Uid::from_u128(9)), ..ticket() };
        ticket.lines[0].discount = 100;
        ticket.payments[0].reference = "OM-77";
        insta::assert_snapshot!(hex(&link(&GENESIS, &ticket)), @"c9b3b431c762fc52393eedcda303dac913969cf7c56ed1a0c0b6d30208f386c8");
    }

    #[test]
    fn any_printed_field_changes_the_link() {
        let base = link(&GENESIS, &ticket());
        let mut other = ticket();
        other.lines[0].lots[0].1 = 2;
        assert_ne!(link(&GENESIS, &other), base);
        assert_ne!(link(&base, &ticket()), base);
        let second = Printed { version: 2, ..ticket() };
        assert_ne!(link(&GENESIS, &second), base);
        assert_ne!(link(&GENESIS, &Printed { rounding: 1, ..second.clone() }), link(&GENESIS, &second));
    }
}
