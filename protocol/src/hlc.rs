//! The hybrid logical clock: order that survives wrong clocks, by the published algorithm
//! (Kulkarni et al., « Logical Physical Clocks », 2014).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A point in hybrid time. Written `millis(12 hex)-counter(4 hex)`, so that text order is time order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Hlc {
    /// Unix milliseconds.
    pub millis: i64,
    /// Breaks ties within a millisecond, or while the clock stands behind.
    pub counter: u16,
}

impl Hlc {
    /// The next local event. Never before `self`, even where the clock went back.
    pub fn tick(self, now: i64) -> Self {
        if now > self.millis {
            return Self { millis: now, counter: 0 };
        }
        match self.counter.checked_add(1) {
            Some(counter) => Self { counter, ..self },
            None => Self { millis: self.millis + 1, counter: 0 },
        }
    }

    /// The event of receiving `other`: after both.
    pub fn receive(self, other: Self, now: i64) -> Self {
        self.max(other).tick(now)
    }

    /// Reads the written form.
    pub fn parse(text: &str) -> Option<Self> {
        let (millis, counter) = text.split_once('-')?;
        (millis.len() == 12 && counter.len() == 4).then_some(())?;
        let millis = i64::from_str_radix(millis, 16).ok()?;
        Some(Self { millis, counter: u16::from_str_radix(counter, 16).ok()? })
    }
}

impl fmt::Display for Hlc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}-{:04x}", self.millis, self.counter)
    }
}

impl Serialize for Hlc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hlc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a hybrid logical clock"))
    }
}

#[cfg(test)]
mod tests {
    use super::Hlc;

    #[test]
    fn time_goes_on_where_the_clock_goes_back() {
        let first = Hlc::default().tick(1_000);
        let second = first.tick(400);
        assert!(second > first);
        assert_eq!(second, Hlc { millis: 1_000, counter: 1 });
        let full = Hlc { millis: 1_000, counter: u16::MAX };
        assert!(full.tick(0) > full);
    }

    #[test]
    fn written_order_is_time_order() {
        let (early, late) = (Hlc { millis: 255, counter: 9 }, Hlc { millis: 256, counter: 0 });
        assert!(early.to_string() < late.to_string());
        assert_eq!(Hlc::parse(&late.to_string()), Some(late));
        assert_eq!(Hlc::parse("zz-0"), None);
    }
}
