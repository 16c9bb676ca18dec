//! What the counts of one lot say together: one rule for till and hub. Zones add up; the lot is known as of the count of
//! its shelf, from which it is sold, or as of the last count where nobody counted the shelf.

/// The zone that is sold from.
pub const SHELF: &str = "shelf";

/// A count of a lot in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<'a> {
    /// Zone.
    pub zone: &'a str,
    /// Base units.
    pub counted: i64,
    /// Unix milliseconds.
    pub counted_at: i64,
}

/// A lot's checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Base units in all zones.
    pub counted: i64,
    /// What occurred later than this has moved what was counted.
    pub as_of: i64,
}

/// The checkpoint that the counts of a lot make; none without a count.
pub fn tally<'a>(counts: impl IntoIterator<Item = Count<'a>>) -> Option<Tally> {
    let (mut counted, mut last, mut shelf) = (0_i64, None, None);
    for count in counts {
        counted = counted.saturating_add(count.counted);
        last = last.max(Some(count.counted_at));
        if count.zone == SHELF {
            shelf = shelf.max(Some(count.counted_at));
        }
    }
    shelf.or(last).map(|as_of| Tally { counted, as_of })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(zone: &str, counted: i64, counted_at: i64) -> Count<'_> {
        Count { zone, counted, counted_at }
    }

    #[test]
    fn zones_add_up_as_of_the_count_of_the_shelf() {
        let both = [count("reserve", 40, 9), count(SHELF, 2, 5)];
        assert_eq!(tally(both), Some(Tally { counted: 42, as_of: 5 }));
    }

    #[test]
    fn without_a_count_of_the_shelf_the_last_count_decides() {
        assert_eq!(tally([count("reserve", 1, 5), count("fridge", 2, 9)]), Some(Tally { counted: 3, as_of: 9 }));
        assert_eq!(tally([]), None);
    }
}
