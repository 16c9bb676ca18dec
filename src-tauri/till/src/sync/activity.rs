//! The journal of runs, and what the last 24 hours of it come to.

use rusqlite::{Connection, Row};

use crate::{
    engine::Till,
    error::Result,
    views::{ActivityHour, SyncActivity, SyncRun},
};

const HOUR: i64 = 3_600_000;
const HOURS: i64 = 24;

impl Till {
    /// The last 24 hours of the sync, by hour.
    pub fn sync_activity(&self) -> Result<SyncActivity> {
        let first = first_hour(self.clock.now());
        let runs = self.store.read(|connection| {
            let sql = "SELECT started_at, \"trigger\", report FROM sync_run WHERE started_at >= ?1 AND started_at < ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([first, first + HOURS * HOUR], told)?;
            rows.map(|row| parsed(row?)).collect::<Result<Vec<_>>>()
        })?;
        Ok(activity(first, &runs))
    }
}

/// The last runs, newest first.
pub fn runs(connection: &Connection, limit: u32) -> Result<Vec<SyncRun>> {
    let sql = "SELECT started_at, \"trigger\", report FROM sync_run ORDER BY id DESC LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([limit], told)?;
    rows.map(|row| parsed(row?)).collect()
}

type Told = (i64, String, String);

fn told(row: &Row<'_>) -> rusqlite::Result<Told> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn parsed((started_at, trigger, report): Told) -> Result<SyncRun> {
    Ok(SyncRun { started_at, trigger, report: serde_json::from_str(&report)? })
}

fn first_hour(now: i64) -> i64 {
    (now.div_euclid(HOUR) - HOURS + 1) * HOUR
}

/// What runs come to, by hour from `first` on. Runs of other hours are left out.
fn activity(first: i64, runs: &[SyncRun]) -> SyncActivity {
    let hour = |index| ActivityHour { from: first + index * HOUR, ..ActivityHour::default() };
    let mut hours: Vec<_> = (0..HOURS).map(hour).collect();
    let mut total = hour(0);
    for run in runs {
        let index = usize::try_from((run.started_at - first).div_euclid(HOUR)).ok();
        let Some(hour) = index.and_then(|index| hours.get_mut(index)) else { continue };
        add(hour, run);
        add(&mut total, run);
    }
    let mut well: Vec<_> = runs.iter().filter(|run| run.report.problem.is_none()).collect();
    well.sort_unstable_by_key(|run| run.report.duration_ms);
    SyncActivity {
        hours,
        total,
        median_ms: well.get(well.len() / 2).map(|run| run.report.duration_ms),
        longest_ms: runs.iter().map(|run| run.report.duration_ms).max(),
    }
}

fn add(hour: &mut ActivityHour, run: &SyncRun) {
    let report = &run.report;
    hour.runs += 1;
    hour.failed += u32::from(report.problem.is_some());
    hour.up += report.processed;
    hour.down += report.pulled;
    hour.refused += report.rejected + report.conflict;
    hour.bytes_up += report.bytes_up;
    hour.bytes_down += report.bytes_down;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::{Problem, SyncReport};

    const NOW: i64 = 1_000_000 * HOUR + 20 * 60_000;

    fn run(started_at: i64, duration_ms: i64, failed: bool) -> SyncRun {
        let problem = failed.then(|| Problem { code: "hub_unreachable".to_owned(), params: serde_json::Map::new() });
        let report = SyncReport {
            processed: 3,
            rejected: 1,
            pulled: 5,
            bytes_up: 900,
            bytes_down: 70,
            duration_ms,
            problem,
            ..SyncReport::default()
        };
        SyncRun { started_at, trigger: "sale".to_owned(), report }
    }

    #[test]
    fn each_run_counts_in_the_hour_it_began_in_and_older_and_later_ones_in_none() {
        let first = first_hour(NOW);
        let runs = [
            run(first, 100, false),
            run(first + HOUR - 1, 300, false),
            run(NOW, 30_000, true),
            run(first - 1, 1, false),
            run(first + HOURS * HOUR, 1, false),
        ];
        let day = activity(first, &runs[..3]);
        assert_eq!(activity(first, &runs).hours, day.hours);
        assert_eq!((day.hours.len(), day.hours[23].from), (24, 1_000_000 * HOUR));
        assert_eq!((day.hours[0].runs, day.hours[0].up, day.hours[0].refused, day.hours[0].failed), (2, 6, 2, 0));
        assert_eq!((day.hours[23].runs, day.hours[23].failed), (1, 1));
        assert!(day.hours[1..23].iter().all(|hour| hour.runs == 0));
        assert_eq!((day.total.runs, day.total.down, day.total.bytes_up), (3, 15, 2_700));
        assert_eq!((day.median_ms, day.longest_ms), (Some(300), Some(30_000)));
    }

    #[test]
    fn a_till_that_never_ran_has_a_day_of_zeros_and_no_median() {
        let day = activity(first_hour(NOW), &[]);
        assert_eq!((day.hours.len(), day.total.runs, day.median_ms, day.longest_ms), (24, 0, None, None));
    }
}
