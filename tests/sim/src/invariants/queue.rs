//! I5 and I12: the queue.

use super::Rest;

const BLOCKED: i64 = 3;
const REJECTED: i64 = 4;
/// What a window says of every code.
const WORDS: &str = include_str!("../../../../ui/messages/fr.json");

fn code(problem: Option<&str>) -> Option<String> {
    let problem: serde_json::Value = serde_json::from_str(problem?).ok()?;
    Some(problem["code"].as_str()?.to_owned())
}

/// I12: what is not done with is blocked or refused, and says why in a person's words.
pub fn drained(rest: &Rest) -> Result<(), String> {
    for till in &rest.tills {
        for queued in &till.open {
            let shown =
                code(queued.problem.as_deref()).is_some_and(|code| WORDS.contains(&format!("\"problem_{code}\"")));
            if !matches!(queued.state, BLOCKED | REJECTED) || !shown {
                let (name, seq, state) = (&till.name, queued.seq, queued.state);
                return Err(format!(
                    "{name}: operation {seq} on {} is in state {state}: {:?}",
                    queued.entity, queued.problem
                ));
            }
        }
    }
    Ok(())
}

/// I5: nothing waits behind a refused operation without a reason of its own.
pub fn rejections_block_nothing(rest: &Rest) -> Result<(), String> {
    for till in &rest.tills {
        let Some(refused) = till.open.iter().find(|queued| queued.state == REJECTED) else { continue };
        if let Some(waits) = till.open.iter().find(|queued| queued.seq > refused.seq && queued.state < BLOCKED) {
            return Err(format!(
                "{}: operation {} on {} waits in state {} behind refused {}",
                till.name, waits.seq, waits.entity, waits.state, refused.seq
            ));
        }
    }
    Ok(())
}
