//! FEFO: first expired, first out. The same function decides on till and hub.

use crate::{Uid, date::Date};

/// A lot as the rule sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Identity, the last tie-breaker.
    pub uid: Uid,
    /// Base units in it.
    pub quantity: i64,
    /// Its last good day; goods that do not expire have none.
    pub expiry: Option<Date>,
    /// Withdrawn from sale.
    pub blocked: bool,
    /// When it came in: earlier first where expiries are equal.
    pub received_at: i64,
}

/// Why a lot may not be sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// Its last good day has passed.
    Expired,
    /// It is blocked.
    Blocked,
}

/// What a line takes from one lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// Place of the lot in the slice given.
    pub index: usize,
    /// Base units taken.
    pub quantity: i64,
}

impl Lot {
    /// Whether stock of this lot may be sold on `day`: its last day is still good.
    pub fn withheld(&self, day: Date) -> Option<Withheld> {
        if self.blocked {
            Some(Withheld::Blocked)
        } else if self.expiry.is_some_and(|expiry| expiry < day) {
            Some(Withheld::Expired)
        } else {
            None
        }
    }

    /// FEFO order: earliest expiry, then earliest received, then uid. No expiry comes last.
    fn rank(&self) -> (bool, Option<Date>, i64, Uid) {
        (self.expiry.is_none(), self.expiry, self.received_at, self.uid)
    }
}

/// The sellable, non-empty lots of a product on `day`, in the order they are to be sold.
pub fn order(lots: &[Lot], day: Date) -> Vec<usize> {
    let mut places: Vec<usize> =
        (0..lots.len()).filter(|&i| lots[i].quantity > 0 && lots[i].withheld(day).is_none()).collect();
    places.sort_by_key(|&i| lots[i].rank());
    places
}

/// Base units that may be sold on `day`.
pub fn available(lots: &[Lot], day: Date) -> i64 {
    order(lots, day).into_iter().map(|i| lots[i].quantity).sum()
}

/// Takes `wanted` base units in FEFO order. The second value is what could not be found.
pub fn allocate(lots: &[Lot], wanted: i64, day: Date) -> (Vec<Take>, i64) {
    let mut missing = wanted;
    let mut takes = Vec::new();
    for index in order(lots, day) {
        if missing <= 0 {
            break;
        }
        let quantity = lots[index].quantity.min(missing);
        missing -= quantity;
        takes.push(Take { index, quantity });
    }
    (takes, missing.max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lot(n: u128, quantity: i64, expiry: Option<&str>) -> Lot {
        let expiry = expiry.map(|text| Date::parse(text).unwrap());
        Lot { uid: Uid::from_u128(n), quantity, expiry, blocked: false, received_at: 0 }
    }

    fn today() -> Date {
        Date::parse("2026-11-20").unwrap()
    }

    #[test]
    fn the_lot_that_expires_first_is_sold_first_and_the_rest_from_the_next() {
        let lots = [lot(1, 5, Some("2027-06-30")), lot(2, 2, Some("2026-12-31")), lot(3, 9, None)];
        let (takes, missing) = allocate(&lots, 4, today());
        assert_eq!(takes, [Take { index: 1, quantity: 2 }, Take { index: 0, quantity: 2 }]);
        assert_eq!(missing, 0);
    }

    #[test]
    fn a_lot_is_good_on_its_last_day_and_not_after() {
        assert_eq!(lot(1, 1, Some("2026-11-20")).withheld(today()), None);
        assert_eq!(lot(1, 1, Some("2026-11-19")).withheld(today()), Some(Withheld::Expired));
    }

    #[test]
    fn equal_expiries_go_by_arrival_then_by_name() {
        let mut lots = [lot(2, 1, None), lot(1, 1, None), lot(3, 1, None)];
        lots[2].received_at = -1;
        assert_eq!(order(&lots, today()), [2, 1, 0]);
    }

    #[test]
    fn blocked_and_expired_stock_is_not_there() {
        let mut lots = [lot(1, 5, Some("2020-01-01")), lot(2, 5, None)];
        lots[1].blocked = true;
        assert_eq!(available(&lots, today()), 0);
        assert_eq!(allocate(&lots, 3, today()), (vec![], 3));
    }

    proptest! {
        #[test]
        fn what_is_taken_and_what_is_missing_make_what_was_wanted(
            quantities in prop::collection::vec(-3_i64..50, 0..8), wanted in 0_i64..120,
        ) {
            let lots: Vec<Lot> = quantities.iter().enumerate().map(|(i, q)| lot(i as u128, *q, None)).collect();
            let (takes, missing) = allocate(&lots, wanted, today());
            prop_assert_eq!(takes.iter().map(|t| t.quantity).sum::<i64>() + missing, wanted);
            for take in takes {
                prop_assert!(take.quantity > 0 && take.quantity <= lots[take.index].quantity);
            }
        }
    }
}
