//! What the counts of one lot say together: one rule for till and hub, whatever order they come in.
//!
//! In a zone the latest count is in force, and zones add up over stocktakes and tills. The last complete count forgets
//! every older count of a zone that it did not count itself. The lot is known as of the count of its shelf, or as of the
//! last count where none of the shelf is in force: goods move between zones unrecorded, and it is the shelf that is sold from.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// The zone that is sold from.
pub const SHELF: &str = "shelf";

/// Documents that the hub has not numbered yet come after all that it has, in the order they were recorded.
pub const UNNUMBERED: i64 = 1 << 53;

/// A count of a lot in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<'a> {
    /// Zone.
    pub zone: &'a str,
    /// Base units.
    pub counted: i64,
    /// Unix milliseconds.
    pub counted_at: i64,
    /// Its stocktake says that no other zone than those it counted held some of the lot.
    pub complete: bool,
    /// Its stocktake: the hub's number of it, or [`UNNUMBERED`] and on. Of two counts of one instant the hub's first stays.
    pub document: i64,
    /// Its line: within one stocktake the later one stays.
    pub line: i64,
}

impl Count<'_> {
    fn rank(&self) -> (i64, Reverse<i64>, i64) {
        (self.counted_at, Reverse(self.document), self.line)
    }
}

/// A lot's checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Base units in all zones.
    pub counted: i64,
    /// What occurred later than this has moved what was counted.
    pub as_of: i64,
}

impl Tally {
    /// What a lot holds once its counts say this, where it held `book` while they said `before`. `since` is the sum of what
    /// occurred after `as_of`; nobody needs to know it where that instant stays.
    pub fn holds(self, before: Option<Self>, book: i64, since: i64) -> i64 {
        match before {
            Some(before) if before.as_of == self.as_of => {
                book.saturating_add(self.counted).saturating_sub(before.counted)
            }
            _ => self.counted.saturating_add(since),
        }
    }
}

/// The counts of a lot that stand: at most one per zone, in the order of the zones.
pub fn in_force<'a>(counts: impl IntoIterator<Item = Count<'a>>) -> Vec<Count<'a>> {
    let (mut latest, mut complete) = (BTreeMap::<&str, Count<'a>>::new(), BTreeMap::<i64, (bool, i64)>::new());
    let mut zones: BTreeSet<(i64, &str)> = BTreeSet::new();
    for count in counts {
        let known = latest.entry(count.zone).or_insert(count);
        if count.rank() > known.rank() {
            *known = count;
        }
        let (said, last) = complete.entry(count.document).or_insert((false, count.counted_at));
        (*said, *last) = (*said || count.complete, count.counted_at.max(*last));
        zones.insert((count.document, count.zone));
    }
    let complete = complete.into_iter().filter(|(_, (said, _))| *said);
    let last = complete.map(|(document, (_, at))| (at, Reverse(document))).max();
    let forgotten = |count: &Count<'_>| {
        last.is_some_and(|(at, Reverse(document))| count.counted_at < at && !zones.contains(&(document, count.zone)))
    };
    latest.into_values().filter(|count| !forgotten(count)).collect()
}

/// The checkpoint that the counts of a lot make; none without a count.
pub fn tally<'a>(counts: impl IntoIterator<Item = Count<'a>>) -> Option<Tally> {
    let standing = in_force(counts);
    let shelf = standing.iter().filter(|count| count.zone == SHELF).map(|count| count.counted_at).max();
    let last = standing.iter().map(|count| count.counted_at).max();
    let counted = standing.iter().fold(0_i64, |sum, count| sum.saturating_add(count.counted));
    shelf.or(last).map(|as_of| Tally { counted, as_of })
}

/// Whether clocks that are apart by `error` leave open which came first, the count or the movement.
pub fn undecided(as_of: i64, occurred_at: i64, error: i64) -> bool {
    as_of.abs_diff(occurred_at) < error.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn count(zone: &str, counted: i64, counted_at: i64) -> Count<'_> {
        Count { zone, counted, counted_at, complete: false, document: 1, line: 1 }
    }

    fn of(document: i64, count: Count<'_>) -> Count<'_> {
        Count { document, ..count }
    }

    fn complete(document: i64, count: Count<'_>) -> Count<'_> {
        Count { document, complete: true, ..count }
    }

    #[test]
    fn zones_add_up_as_of_the_count_of_the_shelf_over_stocktakes() {
        let both = [of(1, count("reserve", 40, 9)), of(2, count(SHELF, 2, 5))];
        assert_eq!(tally(both), Some(Tally { counted: 42, as_of: 5 }));
    }

    #[test]
    fn without_a_count_of_the_shelf_the_last_count_decides() {
        assert_eq!(tally([count("reserve", 1, 5), count("fridge", 2, 9)]), Some(Tally { counted: 3, as_of: 9 }));
        assert_eq!(tally([]), None);
    }

    #[test]
    fn of_two_counts_of_a_zone_the_later_stands_and_at_one_instant_the_hubs() {
        let (hub, here) = (of(3, count(SHELF, 5, 10)), |at| of(UNNUMBERED, count(SHELF, 7, at)));
        assert_eq!(tally([hub, here(11)]).map(|tally| tally.counted), Some(7), "ours is later");
        assert_eq!(tally([hub, here(10)]).map(|tally| tally.counted), Some(5), "of one instant");
        assert_eq!(tally([hub, here(9)]).map(|tally| tally.counted), Some(5), "the hub's is later");
        let third = of(4, count(SHELF, 9, 12));
        assert_eq!(tally([third, hub, here(11)]).map(|tally| tally.counted), Some(9), "a third till's is later");
        let again = Count { line: 2, ..of(3, count(SHELF, 6, 10)) };
        assert_eq!(tally([again, hub]).map(|tally| tally.counted), Some(6), "of one stocktake the later line");
    }

    #[test]
    fn a_complete_count_forgets_what_is_older_elsewhere_and_nothing_that_is_later() {
        let reserve = of(1, count("reserve", 40, 5));
        let shelf = complete(2, count(SHELF, 2, 9));
        assert_eq!(tally([reserve, shelf]), Some(Tally { counted: 2, as_of: 9 }));
        let later = of(3, count("reserve", 30, 10));
        assert_eq!(tally([reserve, shelf, later]), Some(Tally { counted: 32, as_of: 9 }));
        let (one, other) = (complete(4, count(SHELF, 1, 20)), complete(4, count("reserve", 6, 25)));
        let between = of(5, count("reserve", 7, 22));
        assert_eq!(tally([one, other, between, later]), Some(Tally { counted: 7, as_of: 20 }));
        let cave = of(6, count("cave", 100, 24));
        assert_eq!(tally([one, other, cave]), Some(Tally { counted: 7, as_of: 20 }), "the cave was empty by then");
    }

    #[test]
    fn a_gap_smaller_than_the_clocks_error_decides_nothing() {
        assert!(undecided(100, 90, -11) && undecided(90, 100, 11));
        assert!(!undecided(100, 90, 10) && !undecided(100, 100, 0));
    }

    #[derive(Clone, Debug)]
    enum Event {
        Counted(Vec<Count<'static>>),
        Moved(i64, i64),
    }

    fn stocktake(document: i64) -> impl Strategy<Value = Event> {
        let zone = prop::sample::select(vec![SHELF, "reserve", "fridge"]);
        let counted = prop::collection::vec((zone, 0..50_i64, 0..40_i64), 1..4);
        (counted, any::<bool>()).prop_map(move |(counted, complete)| {
            let line =
                |((zone, counted, counted_at), line)| Count { zone, counted, counted_at, complete, document, line };
            Event::Counted(counted.into_iter().zip(1..).map(line).collect())
        })
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let counts: Vec<_> = (1..6).map(stocktake).collect();
        let moved = prop::collection::vec((0..45_i64, -9..9_i64), 0..12);
        (counts, moved).prop_map(|(mut events, moved)| {
            events.extend(moved.into_iter().map(|(at, delta)| Event::Moved(at, delta)));
            events
        })
    }

    /// What the hub does with events as they come, keeping only the quantity.
    fn kept(events: &[Event]) -> i64 {
        let (mut known, mut moved, mut book) = (Vec::new(), Vec::new(), 0);
        for event in events {
            let before = tally(known.iter().copied());
            match event {
                Event::Moved(at, delta) => {
                    moved.push((*at, *delta));
                    book += if before.is_some_and(|tally| *at <= tally.as_of) { 0 } else { *delta };
                }
                Event::Counted(counts) => {
                    known.extend(counts);
                    let now = tally(known.iter().copied()).unwrap();
                    book = now.holds(before, book, since(&moved, now.as_of));
                }
            }
        }
        book
    }

    fn since(moved: &[(i64, i64)], as_of: i64) -> i64 {
        moved.iter().filter(|(at, _)| *at > as_of).map(|(_, delta)| delta).sum()
    }

    proptest! {
        #[test]
        fn a_lot_holds_the_same_in_whatever_order_documents_arrive(
            (events, shuffled) in events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
        ) {
            let counts = events.iter().flat_map(|event| match event {
                Event::Counted(counts) => counts.clone(),
                Event::Moved(..) => Vec::new(),
            });
            let moved: Vec<_> = events.iter().filter_map(|event| match event {
                Event::Moved(at, delta) => Some((*at, *delta)),
                Event::Counted(_) => None,
            }).collect();
            let last = tally(counts).unwrap();
            prop_assert_eq!(kept(&events), last.counted + since(&moved, last.as_of));
            prop_assert_eq!(kept(&shuffled), kept(&events));
        }

        #[test]
        fn a_count_told_twice_counts_once_and_an_older_one_changes_nothing(events in events(), zone in 0..3_usize) {
            let counts: Vec<_> = events.iter().flat_map(|event| match event {
                Event::Counted(counts) => counts.clone(),
                Event::Moved(..) => Vec::new(),
            }).collect();
            let standing = in_force(counts.iter().copied());
            prop_assert_eq!(in_force(counts.iter().chain(&counts).copied()), standing.clone());
            if let Some(known) = standing.get(zone) {
                let older = Count { counted: 99, counted_at: known.counted_at - 1, complete: false, document: 99, ..*known };
                prop_assert_eq!(in_force(counts.iter().copied().chain([older])), standing);
            }
        }

        #[test]
        fn a_count_of_every_zone_leaves_nothing_of_older_ones(events in events()) {
            let counts = events.iter().flat_map(|event| match event {
                Event::Counted(counts) => counts.clone(),
                Event::Moved(..) => Vec::new(),
            });
            let all = [SHELF, "reserve", "fridge"].map(|zone| of(99, count(zone, 1, 100)));
            prop_assert_eq!(in_force(counts.clone().chain(all)).len(), 3);
            let alone = complete(98, count("cave", 4, 100));
            prop_assert_eq!(tally(counts.chain([alone])), Some(Tally { counted: 4, as_of: 100 }));
        }
    }
}
