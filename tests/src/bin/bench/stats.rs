//! Durations, and what is quoted of them.

use std::time::{Duration, Instant};

/// A series of durations in milliseconds.
pub struct Series {
    name: &'static str,
    values: Vec<f64>,
}

impl Series {
    /// An empty series.
    pub fn new(name: &'static str) -> Self {
        Self { name, values: Vec::new() }
    }

    /// Adds what has passed since.
    pub fn push(&mut self, since: Instant) {
        self.took(since.elapsed());
    }

    /// Adds a duration.
    pub fn took(&mut self, time: Duration) {
        self.values.push(time.as_secs_f64() * 1e3);
    }

    /// The longest of them.
    pub fn longest(&self) -> f64 {
        self.quantile(1.0)
    }

    fn quantile(&self, q: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(((sorted.len().max(1) - 1) as f64 * q) as usize).copied().unwrap_or(0.0)
    }

    /// Median and p99, and both as multiples of the limit's median.
    pub fn print(&self, limit: Option<&Self>) {
        let (p50, p95, p99) = (self.quantile(0.5), self.quantile(0.95), self.quantile(0.99));
        let ratio = limit.map(|limit| limit.quantile(0.5)).filter(|p| *p > 0.0);
        let ratio = ratio.map(|p| format!("   {:.2} P, p99 {:.2} P", p50 / p, p99 / p)).unwrap_or_default();
        println!("{:<38} n={:<6} p50 {p50:.3} ms  p95 {p95:.3}  p99 {p99:.3}{ratio}", self.name, self.values.len());
    }
}
