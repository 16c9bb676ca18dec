//! What happens next, decided from the seed and the place in the list alone: a step that is left out changes none of
//! the others.

use std::fmt;

use officine_till::demo::random::Random;

use crate::{acts::Act, damage::Damage, link::Meanwhile, station::Death, weather::Weather, years};

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Somebody does something at the till.
    Act(Act),
    /// The till pushes and pulls; somebody may go on working there.
    Sync(Weather, Option<Meanwhile>),
    /// « Actualiser »: the till reads everything again.
    Refresh(Weather, Option<Meanwhile>),
    /// The till that is bought in the middle of the year is enrolled.
    Arrives,
    /// The till's power goes while nothing happens.
    Restart,
    /// The till's clock is wrong by so many milliseconds from now on.
    ClockWrong(i64),
    /// The till's clock is fast by so many millionths from now on.
    ClockDrifts(i64),
    /// The hub is restarted.
    HubRestarts,
    /// The hub forgets the answers it need not keep.
    HubPrunes,
    /// The hub is backed up.
    HubBackedUp,
    /// The hub is restored from its last backup; or that is put in its place, and nobody tells it so.
    HubGoesBack(bool),
    /// No wire leads from the till to anybody, until it leads again.
    TillAway(bool),
    /// The till's file is copied.
    TillCopied,
    /// The till's file is what it was when it was last copied.
    TillGoesBack,
    /// The till's disk is copied, and both sell.
    TillCloned,
    /// The till's file is damaged.
    Damaged(Damage),
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its place in the seed's own list.
    pub number: usize,
    /// True time, milliseconds after the beginning.
    pub after: i64,
    /// Which till, modulo how many there are; from [`LATE`] on the one that is bought in the middle of the year.
    pub who: usize,
    /// What happens.
    pub what: What,
    /// What is drawn from while it happens.
    pub seed: u64,
    /// The power is cut at the n-th look at the clock or the wire; 0: it is not.
    pub cut: u32,
    /// How it goes.
    pub death: Death,
}

/// Of twelve draws, those from this one on are of the till that comes late.
pub const LATE: usize = 9;
const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Decides all steps of a seed.
pub fn decide(seed: u64) -> Vec<Step> {
    years::befall(seed, usual(seed))
}

fn usual(seed: u64) -> Vec<Step> {
    let mut random = Random::new(seed ^ 0x5eed);
    let count = 30 + random.index(50);
    // Some tills stay away: nearly all of their syncs meet a dead wire.
    let away = random.index(6);
    // In some pharmacies nobody agrees.
    let quarrelsome = random.once_in(2);
    // The late till arrives some time, and reads everything while somebody would work there already.
    let arrives = random.index(count);
    let mut after = 0;
    (0..count)
        .map(|number| {
            let mut random = Random::new(mixed(seed, number as u64));
            after += pause(&mut random);
            let drawn = random.index(12);
            let usual = what(&mut random, drawn == away, quarrelsome);
            let (who, what) = match number.checked_sub(arrives) {
                Some(0) => (LATE, What::Arrives),
                Some(1..=3) => (LATE, first_sync(&mut random)),
                _ => (drawn, usual),
            };
            let cuttable = matches!(what, What::Act(_) | What::Sync(..) | What::Refresh(..) | What::Arrives);
            let cut = if cuttable && random.once_in(8) { 1 + random.index(12) as u32 } else { 0 };
            let death = if random.once_in(2) { Death::Cut } else { Death::Closed };
            Step { number, after, who, what, seed: mixed(seed, number as u64 + 0x1_0000), cut, death }
        })
        .collect()
}

/// A seed of a seed's own.
pub fn mixed(seed: u64, salt: u64) -> u64 {
    let mut random = Random::new(seed.rotate_left(17) ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let [high, low] = [0, 0].map(|_: i32| random.between(0, i64::from(u32::MAX)) as u64);
    high << 32 | low
}

fn pause(random: &mut Random) -> i64 {
    match random.index(20) {
        0 => 0,
        1..=9 => random.between(1, 20) * SECOND,
        10..=15 => random.between(1, 50) * MINUTE,
        16 | 17 => random.between(1, 12) * HOUR,
        18 => random.between(1, 4) * DAY,
        _ => random.between(1, 30) * DAY,
    }
}

fn what(random: &mut Random, away: bool, quarrelsome: bool) -> What {
    match random.index(100) {
        0..=29 if away => What::Sync(Weather::Dead, None),
        0..=13 => What::Sync(Weather::Fair, meanwhile(random)),
        14..=28 => What::Sync(Weather::Foul, meanwhile(random)),
        29 => What::Sync(Weather::Dead, None),
        30 | 31 => What::Restart,
        32..=34 => What::ClockWrong(wrong(random)),
        35 => What::HubRestarts,
        36 => What::HubPrunes,
        37 => What::ClockDrifts(random.between(-500, 500)),
        38 => What::Refresh(if random.once_in(2) { Weather::Fair } else { Weather::Foul }, meanwhile(random)),
        39..=58 if quarrelsome => What::Act(Act::quarrel(random)),
        _ => What::Act(Act::draw(random)),
    }
}

fn meanwhile(random: &mut Random) -> Option<Meanwhile> {
    random.once_in(3).then(|| match random.once_in(3) {
        true => Meanwhile { act: Act::EditAgain, message: 1 },
        false => Meanwhile { act: Act::draw(random), message: 1 + random.index(5) as u32 },
    })
}

fn first_sync(random: &mut Random) -> What {
    let message = 1 + random.index(8) as u32;
    let act = if random.once_in(2) { Act::Sell } else { Act::draw(random) };
    let weather = if random.once_in(2) { Weather::Fair } else { Weather::Foul };
    What::Sync(weather, Some(Meanwhile { act, message }))
}

fn wrong(random: &mut Random) -> i64 {
    let sign = if random.once_in(2) { 1 } else { -1 };
    sign * match random.index(4) {
        0 => 0,
        1 => random.between(1, 300) * SECOND,
        2 => random.between(1, 20) * HOUR,
        _ => random.between(1, 9) * DAY,
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.after / DAY, self.after % DAY);
        write!(
            f,
            "{:>3} day {days} {:02}:{:02}:{:02}",
            self.number,
            rest / HOUR,
            rest / MINUTE % 60,
            rest / SECOND % 60
        )?;
        write!(f, " {:?}", self.what)?;
        if self.cut > 0 {
            write!(f, ", power {:?} at look {}", self.death, self.cut)?;
        }
        Ok(())
    }
}
