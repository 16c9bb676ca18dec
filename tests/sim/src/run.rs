//! One seed lived through, from its first step to rest.

use std::{fmt, ops::AddAssign};

use crate::{
    Template,
    invariants::{self, Rest, conflicts},
    step::Step,
    world::{Broken, World},
};

/// What was lived through of what is rare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lived {
    /// Edits that met, and were left to a person.
    pub conflicts: usize,
    /// Edits that met, and were decided by a strategy.
    pub decided: usize,
    /// Conflicts resolved.
    pub resolved: usize,
    /// Second resolutions: two tills resolved one conflict, and neither had heard of the other.
    pub overtaken: usize,
    /// Resolutions taken back.
    pub undone: usize,
    /// Damages of tills' files.
    pub damaged: usize,
    /// Hubs and tills that were put back, disks that were copied.
    pub went_back: usize,
    /// Tills that were enrolled anew.
    pub anew: usize,
}

impl AddAssign for Lived {
    fn add_assign(&mut self, other: Self) {
        self.conflicts += other.conflicts;
        self.decided += other.decided;
        self.resolved += other.resolved;
        self.overtaken += other.overtaken;
        self.undone += other.undone;
        self.damaged += other.damaged;
        self.went_back += other.went_back;
        self.anew += other.anew;
    }
}

impl fmt::Display for Lived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { conflicts, decided, resolved, overtaken, undone, damaged, went_back, anew } = self;
        write!(f, "{conflicts} conflicts, {resolved} resolved, {overtaken} twice at once, {undone} undone; ")?;
        write!(f, "{decided} values decided by a strategy; {damaged} damages, {went_back} put back or copied, ")?;
        write!(f, "{anew} enrolled anew")
    }
}

/// How a seed ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What happened, a line per step.
    pub trace: Vec<String>,
    /// What of conflicts was in it, where it came to rest.
    pub lived: Lived,
    /// What was not true.
    pub broken: Option<Broken>,
}

/// Lives through these steps of a seed, then checks everything at rest.
pub fn live(template: &Template, seed: u64, steps: &[Step]) -> Outcome {
    let mut world = World::new(template, seed);
    let (mut trace, mut lived) = (Vec::new(), Lived::default());
    let broken = all(&mut world, steps, (&mut trace, &mut lived)).err();
    if broken.is_some() {
        trace.extend(world.findings());
    }
    Outcome { trace, lived, broken }
}

fn all(world: &mut World, steps: &[Step], (trace, lived): (&mut Vec<String>, &mut Lived)) -> Result<(), Broken> {
    for step in steps {
        trace.push(format!("{step}"));
        let said = world.step(step)?;
        trace.pop();
        trace.push(said);
    }
    world.rest(trace)?;
    let rest = Rest::of(world);
    *lived = conflicts::lived(&rest);
    *lived += world.lived;
    invariants::check(&rest)?;
    world.compare()
}
