//! What the shop knows of its customers: which ticket sold which article, and how much of it may still come back.

use std::collections::{BTreeMap, HashMap};

use super::file::Invoice;

/// Part of a line of a ticket that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// The ticket.
    pub sale: String,
    /// Its line.
    pub line: u32,
    /// Base units left.
    pub left: i64,
}

/// The tickets, by customer and article.
#[derive(Default)]
pub struct Book(HashMap<(String, String), Vec<Sold>>);

/// Whoever bought.
pub fn customer(invoice: &Invoice) -> String {
    invoice.customer.clone().unwrap_or_default()
}

/// Articles and quantities of an invoice, each article once, in the order of its first line.
pub fn basket(invoice: &Invoice) -> Vec<(&str, i64)> {
    let mut basket: Vec<(&str, i64)> = Vec::new();
    for line in &invoice.lines {
        match basket.iter_mut().find(|(code, _)| *code == line.cip13) {
            Some((_, quantity)) => *quantity += line.qty.abs(),
            None => basket.push((&line.cip13, line.qty.abs())),
        }
    }
    basket
}

impl Book {
    /// A ticket was sold: its lines in the order of the basket.
    pub fn sold(&mut self, invoice: &Invoice, sale: &str) {
        for ((code, quantity), line) in basket(invoice).into_iter().zip(1..) {
            let lines = self.0.entry((customer(invoice), code.to_owned())).or_default();
            lines.push(Sold { sale: sale.to_owned(), line, left: quantity });
        }
    }

    /// Takes what an invoice brings back from the last tickets that sold it: per ticket, line and quantity.
    pub fn take_back(&mut self, invoice: &Invoice) -> BTreeMap<String, Vec<(u32, i64)>> {
        let mut tickets: BTreeMap<String, Vec<(u32, i64)>> = BTreeMap::new();
        for (code, mut wanted) in basket(invoice) {
            let Some(lines) = self.0.get_mut(&(customer(invoice), code.to_owned())) else { continue };
            while let Some(last) = lines.last_mut().filter(|_| wanted > 0) {
                let taken = wanted.min(last.left);
                tickets.entry(last.sale.clone()).or_default().push((last.line, taken));
                (wanted, last.left) = (wanted - taken, last.left - taken);
                if last.left == 0 {
                    lines.pop();
                }
            }
        }
        tickets
    }
}

/// What customers bring back in these invoices without having bought it there: bought before the first day.
pub fn bought_before(invoices: &[Invoice]) -> BTreeMap<String, BTreeMap<String, i64>> {
    let mut held: HashMap<(String, &str), i64> = HashMap::new();
    let mut before: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for invoice in invoices {
        for line in invoice.lines.iter().filter(|line| invoice.is_return || line.qty > 0) {
            let left = held.entry((customer(invoice), line.cip13.as_str())).or_default();
            *left += line.qty;
            if *left < 0 {
                *before.entry(customer(invoice)).or_default().entry(line.cip13.clone()).or_default() -= *left;
                *left = 0;
            }
        }
    }
    before
}
