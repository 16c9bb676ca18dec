//! What a ticket comes to: discounts rounded down, the total rounded to the shop's step, half up. The step applies to
//! every ticket however it is paid: what is to pay is known before anybody says how.

use crate::views::DiscountView;

/// What a ticket comes to, in francs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Sum of the lines.
    pub lines: i64,
    /// Taken off it.
    pub discount: i64,
    /// Added by rounding.
    pub rounding: i64,
    /// To pay: lines − discount + rounding, 0 or more.
    pub total: i64,
}

impl Sums {
    /// Of lines of these amounts.
    pub fn of(amounts: impl Iterator<Item = i64>, discount: Option<DiscountView>, step: i64) -> Self {
        let lines = amounts.fold(0, i64::saturating_add);
        let discount = off(discount, lines);
        let exact = lines - discount;
        let total = rounded(exact, step);
        Self { lines, discount, rounding: total - exact, total }
    }
}

/// What a discount takes off an amount: never more than there is.
pub fn off(discount: Option<DiscountView>, amount: i64) -> i64 {
    match discount {
        None => 0,
        Some(DiscountView::Francs { amount: francs }) => francs.clamp(0, amount.max(0)),
        Some(DiscountView::Percent { percent }) => {
            let part = i128::from(amount.max(0)) * i128::from(percent.clamp(0, 100)) / 100;
            i64::try_from(part).unwrap_or(amount)
        }
    }
}

/// The nearest multiple of the step, half up. What is too large to be rounded stays.
fn rounded(amount: i64, step: i64) -> i64 {
    if step <= 1 {
        return amount;
    }
    let nearest = (2 * i128::from(amount) + i128::from(step)).div_euclid(2 * i128::from(step)) * i128::from(step);
    i64::try_from(nearest).unwrap_or(amount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn totals_are_rounded_to_the_nearest_step_half_up() {
        let total = |amount| Sums::of([amount].into_iter(), None, 500).total;
        assert_eq!([total(0), total(249), total(250), total(749), total(750)], [0, 0, 500, 500, 1_000]);
        assert_eq!(Sums::of([1_234].into_iter(), None, 1).rounding, 0);
    }

    #[test]
    fn a_percentage_is_rounded_down_so_that_it_never_exceeds_its_limit() {
        assert_eq!(off(Some(DiscountView::Percent { percent: 10 }), 1_005), 100);
        assert_eq!(off(Some(DiscountView::Francs { amount: 900 }), 500), 500);
    }

    proptest! {
        #[test]
        fn the_total_is_the_lines_less_the_discount_plus_the_rounding(
            amounts in prop::collection::vec(0_i64..5_000_000, 0..20),
            francs in proptest::option::of(0_i64..9_000_000),
            percent in 0_i64..=100,
            step in 1_i64..2_000,
        ) {
            let discount = francs.map_or(DiscountView::Percent { percent }, |amount| DiscountView::Francs { amount });
            let sums = Sums::of(amounts.iter().copied(), Some(discount), step);
            prop_assert_eq!(sums.lines, amounts.iter().sum::<i64>());
            prop_assert_eq!(sums.total, sums.lines - sums.discount + sums.rounding);
            prop_assert!(sums.total >= 0 && sums.total % step == 0);
            prop_assert!(sums.rounding * 2 <= step && sums.rounding * 2 > -step);
            prop_assert!((0..=sums.lines).contains(&sums.discount));
        }
    }
}
