//! How a ticket is paid: what was handed over covers the total, and change comes from cash alone.

use officine_protocol::{limits::LARGEST, params, roles::Permission, value::Value};
use rusqlite::Connection;

use crate::{
    error::{Error, Result},
    money::{
        credit::{self, Customer},
        means,
        policy::Policy,
    },
    people::Session,
    refuse,
    views::{CommitSaleArgs, MeansName, PaymentArgs},
};

/// As many payments as a ticket has room for.
const MOST: usize = 16;

/// A payment as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// How.
    pub means: MeansName,
    /// Francs; of cash, what is kept.
    pub amount: i64,
    /// The operator's reference.
    pub reference: Option<String>,
}

impl Payment {
    /// As a row of the declared part.
    fn values(&self, position: i64) -> Vec<Value> {
        vec![position.into(), self.means.word().into(), self.amount.into(), self.reference.clone().into()]
    }

    fn of(means: MeansName, amount: i64) -> Self {
        Self { means, amount, reference: None }
    }
}

/// Payments as rows of the declared part.
pub fn rows(payments: &[Payment]) -> Vec<Vec<Value>> {
    (1..).zip(payments).map(|(position, payment)| payment.values(position)).collect()
}

/// What was handed over for a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tender {
    /// What is kept: their sum is the total.
    pub payments: Vec<Payment>,
    /// With the change.
    pub tendered: i64,
}

/// Lays what was handed over against the total.
pub fn tender(total: i64, args: &CommitSaleArgs) -> Result<Tender> {
    if args.payments.is_empty() {
        let tendered = args.tendered.unwrap_or(total);
        if !(total..=LARGEST).contains(&tendered) {
            return refuse!("tendered_too_small", total: total, tendered: tendered);
        }
        return Ok(Tender { payments: vec![Payment::of(MeansName::Cash, total)], tendered });
    }
    if args.tendered.is_some() {
        return refuse!("field_invalid", field: "tendered");
    }
    let mut payments = merged(&args.payments)?;
    let handed: i64 = payments.iter().map(|payment| payment.amount).fold(0, i64::saturating_add);
    if handed < total {
        return refuse!("payments_short", total: total, paid: handed);
    }
    if handed > LARGEST {
        return refuse!("field_invalid", field: "payments");
    }
    let change = handed - total;
    let cash = payments.iter().position(|payment| payment.means == MeansName::Cash);
    match cash {
        _ if change == 0 => {}
        Some(place) if payments[place].amount >= change => payments[place].amount -= change,
        _ => return refuse!("payments_exceed", total: total, paid: handed),
    }
    payments.retain(|payment| payment.amount > 0);
    if payments.is_empty() {
        payments.push(Payment::of(MeansName::Cash, 0));
    }
    Ok(Tender { payments, tendered: handed })
}

/// What is given back for `total`: exactly that much.
pub fn given_back(total: i64, args: &[PaymentArgs]) -> Result<Vec<Payment>> {
    let payments = merged(args)?;
    let paid: i64 = payments.iter().map(|payment| payment.amount).fold(0, i64::saturating_add);
    match paid.cmp(&total) {
        std::cmp::Ordering::Less => refuse!("payments_short", total: total, paid: paid),
        std::cmp::Ordering::Greater => refuse!("payments_exceed", total: total, paid: paid),
        std::cmp::Ordering::Equal => Ok(payments),
    }
}

/// Cash once, the account once, each operator's payment by itself; every amount sensible.
fn merged(args: &[PaymentArgs]) -> Result<Vec<Payment>> {
    if args.len() > MOST || args.iter().any(|payment| !(1..=LARGEST).contains(&payment.amount)) {
        return refuse!("field_invalid", field: "payments");
    }
    let mut payments: Vec<Payment> = Vec::new();
    for PaymentArgs { means, amount, reference } in args {
        let same = payments.iter_mut().find(|payment| payment.means == *means && !means.by_operator());
        match same {
            Some(payment) => payment.amount = payment.amount.saturating_add(*amount),
            None => {
                let reference = means::normalised(reference.as_deref())?.filter(|_| means.by_operator());
                payments.push(Payment { means: *means, amount: *amount, reference });
            }
        }
    }
    Ok(payments)
}

/// Whether a ticket may be paid like that: references are there and new, credit stays within the customer's ceiling.
pub fn check(
    connection: &Connection,
    session: &Session,
    policy: &Policy,
    customer: Option<&Customer>,
    payments: &[Payment],
) -> Result<()> {
    for (place, payment) in payments.iter().enumerate() {
        let reference = means::incoming(connection, payment.means, payment.reference.as_deref())?;
        let twice = |other: &Payment| other.reference.is_some() && other.reference == reference;
        if payments[..place].iter().any(twice) {
            return refuse!("reference_used", reference: reference, ticket: "");
        }
    }
    let Some(owed) = payments.iter().find(|payment| payment.means == MeansName::Credit) else { return Ok(()) };
    if !session.role.may(Permission::Credit) {
        return refuse!("forbidden", permission: Permission::Credit.name());
    }
    let customer = customer.ok_or_else(|| Error::refused("customer_required", params!()))?;
    credit::check_ceiling(connection, session.role, policy, customer, owed.amount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn paid(total: i64, payments: &[(MeansName, i64)]) -> Result<Tender> {
        let payments = payments.iter().map(|(means, amount)| PaymentArgs {
            means: *means,
            amount: *amount,
            reference: means.by_operator().then(|| format!("R{amount}")),
        });
        tender(total, &CommitSaleArgs { payments: payments.collect(), expected_total: total, ..Default::default() })
    }

    #[test]
    fn change_comes_from_cash_alone() {
        use MeansName::{Cash, Credit, OrangeMoney};
        let tender = paid(5_000, &[(OrangeMoney, 3_000), (Cash, 5_000)]).unwrap();
        assert_eq!(tender.payments.iter().map(|payment| payment.amount).collect::<Vec<_>>(), [3_000, 2_000]);
        assert_eq!(tender.tendered, 8_000);
        for (payments, code) in [
            (&[(OrangeMoney, 6_000)][..], "payments_exceed"),
            (&[(OrangeMoney, 6_000), (Cash, 500)], "payments_exceed"),
            (&[(Credit, 2_000), (Cash, 2_999)], "payments_short"),
            (&[(Cash, 0)], "field_invalid"),
            (&[(Cash, i64::MAX)], "field_invalid"),
        ] {
            assert_eq!(paid(5_000, payments).unwrap_err().code(), code);
        }
        assert_eq!(paid(5_000, &[(OrangeMoney, 5_000), (Cash, 500)]).unwrap().payments.len(), 1);
        assert_eq!(paid(0, &[(Cash, 500)]).unwrap().payments, [Payment::of(Cash, 0)]);
    }

    proptest! {
        #[test]
        fn what_is_kept_is_the_total_or_it_is_refused(
            total in 0_i64..1_000_000,
            payments in prop::collection::vec((0_usize..4, 1_i64..400_000), 1..6),
        ) {
            let payments: Vec<_> = payments.into_iter().map(|(means, amount)| (means::ALL[means], amount)).collect();
            let handed: i64 = payments.iter().map(|(_, amount)| amount).sum();
            if let Ok(tender) = paid(total, &payments) {
                prop_assert_eq!(tender.payments.iter().map(|payment| payment.amount).sum::<i64>(), total);
                prop_assert_eq!(tender.tendered, handed);
            } else {
                let other: i64 = payments.iter().filter(|(means, _)| *means != MeansName::Cash).map(|(_, a)| a).sum();
                prop_assert!(handed < total || other > total);
            }
        }
    }
}
