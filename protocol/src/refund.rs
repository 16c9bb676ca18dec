//! What a returned line is worth: its share of what was paid for the ticket, exact to the franc. However a ticket is
//! taken back, in one go or box by box, the refunds add up to its total.

/// What each line of a ticket was paid, out of the amounts of its lines and its total: the ticket's discount and
/// rounding shared in proportion. The shares add up to the total; where the lines are worth nothing, the first bears it.
pub fn shares(amounts: &[i64], total: i64) -> Vec<i64> {
    let sum: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
    let mut so_far = 0_i128;
    let mut given = 0_i64;
    let mut shares: Vec<i64> = Vec::with_capacity(amounts.len());
    for amount in amounts {
        so_far += i128::from(*amount);
        let up_to = part(total, so_far, sum);
        shares.push(up_to - given);
        given = up_to;
    }
    if let Some(first) = shares.first_mut() {
        *first += total - given;
    }
    shares
}

/// What `quantity` base units of a line are worth, `returned` of its `sold` having come back before.
pub fn refund(share: i64, sold: i64, returned: i64, quantity: i64) -> i64 {
    let up_to = |quantity: i64| part(share, i128::from(quantity), i128::from(sold));
    up_to(returned.saturating_add(quantity)) - up_to(returned)
}

/// `whole × part ÷ of`, rounded down; 0 of nothing.
fn part(whole: i64, part: i128, of: i128) -> i64 {
    if of <= 0 {
        return 0;
    }
    i64::try_from(i128::from(whole) * part / of).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_ticket_discount_is_shared_by_what_the_lines_cost() {
        assert_eq!(shares(&[3_000, 1_000], 3_600), [2_700, 900]);
        assert_eq!(shares(&[1, 1, 1], 2), [0, 1, 1]);
        assert_eq!(shares(&[0, 0], 500), [500, 0]);
        assert_eq!(shares(&[], 500), Vec::<i64>::new());
    }

    #[test]
    fn a_third_of_a_line_is_worth_a_third() {
        assert_eq!([refund(1_000, 3, 0, 1), refund(1_000, 3, 1, 1), refund(1_000, 3, 2, 1)], [333, 333, 334]);
    }

    proptest! {
        #[test]
        fn refunds_in_any_steps_add_up_to_the_total(
            lines in prop::collection::vec((0_i64..2_000_000, 1_i64..400), 1..12),
            off in 0_i64..3_000_000,
            steps in prop::collection::vec((0_usize..12, 1_i64..90), 0..60),
        ) {
            let amounts: Vec<i64> = lines.iter().map(|(amount, _)| *amount).collect();
            let total = (amounts.iter().sum::<i64>() - off).max(0);
            let shares = shares(&amounts, total);
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            let mut returned = vec![0; lines.len()];
            let mut refunded = 0;
            let rest = (0..lines.len()).map(|line| (line, i64::MAX));
            for (line, wanted) in steps.into_iter().chain(rest) {
                let Some((_, sold)) = lines.get(line) else { continue };
                let quantity = wanted.min(sold - returned[line]);
                let amount = refund(shares[line], *sold, returned[line], quantity);
                prop_assert!(amount >= 0);
                refunded += amount;
                returned[line] += quantity;
            }
            prop_assert_eq!(refunded, total);
        }
    }
}
