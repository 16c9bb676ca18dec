//! What the wire does to messages.

use officine_till::demo::random::Random;

/// How bad the wire is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weather {
    /// Everything arrives once.
    #[default]
    Fair,
    /// One message in three meets with something.
    Foul,
    /// Nothing arrives.
    Dead,
}

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, and so does its answer.
    Arrives,
    /// It is lost.
    RequestLost,
    /// Its answer is lost.
    AnswerLost,
    /// It arrives twice.
    Doubled,
    /// An old one arrives first.
    OldFirst,
    /// The hub's power is cut at its n-th look at the clock.
    HubCut(u32),
    /// The hub restarts before the message.
    HubRestarts,
}

impl Fate {
    /// What this weather does to the next one.
    pub fn draw(weather: Weather, random: &mut Random) -> Self {
        match weather {
            Weather::Fair => Self::Arrives,
            Weather::Dead => Self::RequestLost,
            Weather::Foul => match random.index(20) {
                0 | 1 => Self::RequestLost,
                2..=4 => Self::AnswerLost,
                5 | 6 => Self::Doubled,
                7 | 8 => Self::OldFirst,
                9 => Self::HubCut(1 + random.index(4) as u32),
                10 => Self::HubRestarts,
                _ => Self::Arrives,
            },
        }
    }
}
