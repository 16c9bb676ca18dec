//! How money changes hands, and the references that operators give: each pays once.

use officine_protocol::entities::MEANS;
use rusqlite::{Connection, OptionalExtension};

use crate::{
    error::Result,
    refuse,
    selling::receipt::number_text,
    views::{MeansName, PaymentView},
};

const REFERENCE_CHARS: usize = 64;

/// Every means, in the order of the declaration.
pub const ALL: [MeansName; 4] = [MeansName::Cash, MeansName::OrangeMoney, MeansName::MtnMomo, MeansName::Credit];

impl MeansName {
    /// Its name in tables and on the wire.
    pub fn word(self) -> &'static str {
        MEANS[self as usize]
    }

    /// The means of that name.
    pub fn parse(word: &str) -> Option<Self> {
        ALL.into_iter().find(|means| means.word() == word)
    }

    /// Whether an operator moves it and gives a reference.
    pub fn by_operator(self) -> bool {
        matches!(self, Self::OrangeMoney | Self::MtnMomo)
    }
}

/// A stored payment. A means this version does not know is shown as cash.
pub fn payment_view(means: &str, amount: i64, reference: Option<String>) -> PaymentView {
    PaymentView { means: MeansName::parse(means).unwrap_or(MeansName::Cash), amount, reference }
}

/// A reference as it is stored: without spaces, in capitals; `None` where there is none.
pub fn normalised(reference: Option<&str>) -> Result<Option<String>> {
    let kept: String = reference.unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    let kept = kept.to_ascii_uppercase();
    let plain = kept.chars().all(|c| c.is_ascii_alphanumeric() || "-_./#".contains(c));
    if !plain || kept.len() > REFERENCE_CHARS {
        return refuse!("reference_invalid", max: REFERENCE_CHARS);
    }
    Ok((!kept.is_empty()).then_some(kept))
}

/// The reference of a payment that came in: there where an operator moved the money, and never seen before.
pub fn incoming(connection: &Connection, means: MeansName, reference: Option<&str>) -> Result<Option<String>> {
    let Some(reference) = normalised(reference)? else {
        if means.by_operator() {
            return refuse!("reference_required", means: means.word());
        }
        return Ok(None);
    };
    if let Some(ticket) = used_by(connection, &reference)? {
        return refuse!("reference_used", reference: reference, ticket: ticket);
    }
    Ok(Some(reference))
}

/// The reference of money that went out, which no operator gave to another payment.
pub fn outgoing(connection: &Connection, means: MeansName, reference: Option<&str>) -> Result<Option<String>> {
    let reference = normalised(reference)?;
    let Some(sent) = reference.as_deref().filter(|_| means.by_operator()) else { return Ok(reference) };
    match used_by(connection, sent)? {
        Some(ticket) => refuse!("reference_used", reference: sent, ticket: ticket),
        None => Ok(reference),
    }
}

/// The ticket a reference paid, the customer who repaid with it, or what was spent with it. Reversed and cancelled tickets were paid by nobody.
fn used_by(connection: &Connection, reference: &str) -> Result<Option<String>> {
    let sql = "SELECT s.series, s.number FROM sale_payment p JOIN sale s ON s.id = p.sale_id WHERE p.reference = ?1 \
               AND s.state <> 'reversed' AND NOT EXISTS (SELECT 1 FROM sale_return r WHERE r.sale_id = s.id \
               AND r.kind = 'cancellation' AND r.archived_at IS NULL) LIMIT 1";
    let ticket = connection
        .prepare_cached(sql)?
        .query_row([reference], |row| Ok(number_text(row.get(0)?, row.get(1)?)))
        .optional()?;
    if ticket.is_some() {
        return Ok(ticket);
    }
    let sql = "SELECT c.name FROM credit_payment p JOIN customer c ON c.id = p.customer_id WHERE p.reference = ?1 \
               UNION ALL SELECT category FROM expense WHERE reference = ?1 AND means IN ('orange_money', 'mtn_momo') LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([reference], |row| row.get(0)).optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_means_is_declared_under_its_own_word() {
        let words = ["cash", "orange_money", "mtn_momo", "credit"];
        assert_eq!(ALL.map(MeansName::word), words);
        assert_eq!(words.map(MeansName::parse), ALL.map(Some));
    }

    #[test]
    fn a_reference_is_the_same_however_it_was_typed() {
        assert_eq!(normalised(Some(" pp26 1120.1432 ")).unwrap().as_deref(), Some("PP261120.1432"));
        assert_eq!(normalised(Some("  ")).unwrap(), None);
        assert_eq!(normalised(Some("é")).unwrap_err().code(), "reference_invalid");
        assert_eq!(normalised(Some(&"1".repeat(65))).unwrap_err().code(), "reference_invalid");
    }
}
