//! One seed lived through, from its first step to rest.

use crate::{
    Template,
    invariants::{self, Rest},
    step::Step,
    world::{Broken, World},
};

/// How a seed ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What happened, a line per step.
    pub trace: Vec<String>,
    /// What was not true.
    pub broken: Option<Broken>,
}

/// Lives through these steps of a seed, then checks everything at rest.
pub fn live(template: &Template, seed: u64, steps: &[Step]) -> Outcome {
    let mut world = World::new(template, seed);
    let mut trace = Vec::new();
    let broken = all(&mut world, steps, &mut trace).err();
    Outcome { trace, broken }
}

fn all(world: &mut World, steps: &[Step], trace: &mut Vec<String>) -> Result<(), Broken> {
    for step in steps {
        trace.push(format!("{step}"));
        let said = world.step(step)?;
        trace.pop();
        trace.push(said);
    }
    world.rest(trace)?;
    invariants::check(&Rest::of(world))?;
    world.compare()
}
