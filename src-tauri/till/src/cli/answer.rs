//! How answers are shown: JSON as it is, or lines a person reads.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks on its standard streams")]

use std::{io::Write, path::Path, process::ExitCode};

use officine_till::views::Problem;
use serde_json::Value as Json;

/// Prints an answer. A closed pipe is no trouble.
pub fn print(answer: &Json, json: bool) -> ExitCode {
    let text = if json { answer.to_string() } else { readable(answer, 0) };
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    ExitCode::SUCCESS
}

/// Prints why not.
pub fn print_problem(problem: &Problem, json: bool) {
    if json {
        println!("{}", serde_json::json!({ "problem": problem }));
        return;
    }
    let params: Vec<_> = problem.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    eprintln!("officine-till: {} {}", problem.code, params.join(" "));
}

/// What to do about a database that cannot be opened.
pub fn offer_salvage(data: &Path) {
    let data = data.display();
    eprintln!(
        "officine-till: `officine-till --data {data} salvage` saves what the hub does not have; the file is kept"
    );
}

fn readable(value: &Json, depth: usize) -> String {
    match value {
        Json::Object(fields) => {
            let lines = fields.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| match value {
                Json::Object(_) | Json::Array(_) => {
                    format!("{}{name}:\n{}", "  ".repeat(depth), readable(value, depth + 1))
                }
                _ => format!("{}{name}: {}\n", "  ".repeat(depth), scalar(value)),
            });
            lines.collect()
        }
        Json::Array(items) => items.iter().map(|item| row(item, depth)).collect(),
        _ => format!("{}{}\n", "  ".repeat(depth), scalar(value)),
    }
}

fn row(item: &Json, depth: usize) -> String {
    let Json::Object(fields) = item else { return format!("{}{}\n", "  ".repeat(depth), scalar(item)) };
    let cells: Vec<_> =
        fields.iter().filter(|(_, value)| !value.is_null() && !value.is_object() && !value.is_array()).collect();
    let line: Vec<_> = cells.into_iter().map(|(name, value)| format!("{name}={}", scalar(value))).collect();
    format!("{}{}\n", "  ".repeat(depth), line.join("  "))
}

fn scalar(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
