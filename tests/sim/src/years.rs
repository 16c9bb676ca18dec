//! What befalls a pharmacy in a year besides its weather: files of tills are damaged, the hub is put back to a backup, a
//! till's file is put back or its disk copied. Which years these are is said by the seed itself, and when it happens is drawn from a stream of its own: of the usual steps none
//! is another for it.

use officine_till::demo::random::Random;

use crate::{
    damage::Damage,
    station::Death,
    step::{Step, What, mixed},
    weather::Weather,
};

/// A kind of year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Year {
    /// Weather, and nothing besides.
    Plain,
    /// Files of tills are damaged.
    Scarred,
    /// The hub is put back to a backup.
    Restored,
    /// A till's file is put back, or its disk copied.
    Copied,
}

/// The stream of what befalls.
const BEFALLS: u64 = 0xda_0000;

impl Year {
    /// The kind of a seed's year.
    pub fn of(seed: u64) -> Self {
        match seed % 8 {
            1 => Self::Scarred,
            3 => Self::Restored,
            5 => Self::Copied,
            _ => Self::Plain,
        }
    }

    /// What befalls in it.
    fn befalls(self, random: &mut Random, usual: usize) -> Vec<Befallen> {
        match self {
            Self::Plain => Vec::new(),
            Self::Scarred => (0..4 + random.index(7))
                .map(|_| (random.index(usual), random.index(12), What::Damaged(Damage::draw(random))))
                .collect(),
            Self::Restored => goes_back(random, usual),
            Self::Copied => copied(random, usual).into(),
        }
    }
}

/// Before which of the usual steps, at which till, what.
type Befallen = (usize, usize, What);

/// A backup, and some time later its restore; in every other year once more.
fn goes_back(random: &mut Random, usual: usize) -> Vec<Befallen> {
    let backed_up = random.index(usual / 2);
    let back = backed_up + 1 + random.index(usual / 2 - 1);
    let mut befalls = vec![(backed_up, 0, What::HubBackedUp), (back, 0, What::HubGoesBack(random.once_in(3)))];
    befalls.extend(syncs_after(random, back, usual));
    if random.once_in(2) {
        befalls.extend(goes_back_again(random, (backed_up, back), usual));
    }
    befalls
}

/// The hub is put back once more, to the same backup or to one of its new epoch, and a till that knew some of what was lost
/// first is away until some time after that.
fn goes_back_again(random: &mut Random, (backed_up, back): (usize, usize), usual: usize) -> Vec<Befallen> {
    let again = back + random.index(usual - back);
    let (goes, returns) = (backed_up + random.index(back - backed_up + 1), again + random.index(usual - again));
    let who = random.index(12);
    let mut befalls = vec![(goes, who, What::TillAway(true)), (again, 0, What::HubGoesBack(random.once_in(3)))];
    if random.once_in(2) {
        befalls.insert(0, (back + random.index(again - back + 1), 0, What::HubBackedUp));
    }
    befalls.push((returns, who, What::TillAway(false)));
    befalls.extend(syncs_after(random, again, usual));
    befalls
}

/// Tills that hear of it, some of them cut meanwhile.
fn syncs_after(random: &mut Random, from: usize, usual: usize) -> Vec<Befallen> {
    let sync = |random: &mut Random| {
        let weather = if random.once_in(2) { Weather::Fair } else { Weather::Foul };
        (from + random.index(usual - from), random.index(12), What::Sync(weather, None))
    };
    (0..4).map(|_| sync(random)).collect()
}

/// A till's file is copied, and some time later put back; or its disk is copied, and both go on.
fn copied(random: &mut Random, usual: usize) -> [Befallen; 2] {
    let (first, who) = (random.index(usual / 2), random.index(12));
    let then = first + 1 + random.index(usual / 3);
    match random.index(3) {
        0 => [(first, who, What::TillCloned), (then, who, What::TillCloned)],
        1 => [(first, who, What::TillCopied), (then, who, What::TillCloned)],
        _ => [(first, who, What::TillCopied), (then, who, What::TillGoesBack)],
    }
}

/// The usual steps of a seed, and what befalls between them.
pub fn befall(seed: u64, mut steps: Vec<Step>) -> Vec<Step> {
    let usual = steps.len();
    let mut befalls = Year::of(seed).befalls(&mut Random::new(mixed(seed, BEFALLS)), usual);
    befalls.sort_by_key(|(place, ..)| *place);
    for (count, (place, who, what)) in befalls.into_iter().enumerate().rev() {
        let (number, after) = (usual + count, steps[place].after);
        let seed = mixed(seed, BEFALLS + 1 + count as u64);
        let cut = if matches!(what, What::Sync(..)) { 4 + (seed % 40) as u32 } else { 0 };
        steps.insert(place, Step { number, after, who, what, seed, cut, death: Death::Cut });
    }
    steps
}
