//! `conflicts` and `log`: what two tills wrote in one place, who wins, and what was overwritten.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use officine_protocol::params;
use officine_till::{
    Error, Result, Till,
    conflicts::paths,
    views::{
        ChangeLogArgs, ConflictArgs, ListConflictsArgs, MergeArgs, ResolveAllArgs, ResolveConflictArgs, TakenName,
    },
};
use serde_json::Value as Json;

use super::Arguments;

/// Whose value is taken.
#[derive(Clone, Copy, ValueEnum)]
pub enum Take {
    /// The hub's.
    Hub,
    /// That of the till which came second.
    Till,
    /// The later one.
    LastWrite,
    /// The two rows are two things.
    Distinct,
}

/// What to do with conflicts.
#[derive(Subcommand)]
pub enum Command {
    /// Those that wait, newest first.
    List {
        /// Only about rows of this entity.
        #[arg(long)]
        entity: Option<String>,
        /// Resolved ones too.
        #[arg(long)]
        all: bool,
        /// `next` of the page before.
        #[arg(long)]
        after: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One, field by field.
    Show {
        /// Its uid.
        uid: String,
    },
    /// Resolve one: as somebody has it, or with values typed, `--set units/0/price=650`. A field not named keeps the hub's.
    Resolve {
        /// Its uid.
        uid: String,
        /// Whose values.
        #[arg(long, required_unless_present = "set", conflicts_with = "set")]
        take: Option<Take>,
        /// A value by its path. May be given several times; empty is none.
        #[arg(long = "set", value_name = "PATH=VALUE")]
        set: Vec<String>,
    },
    /// Resolve all, or those of an entity, alike.
    ResolveAll {
        /// Only about rows of this entity.
        #[arg(long)]
        entity: Option<String>,
        /// Whose values.
        #[arg(long)]
        take: Take,
    },
    /// Make one of twins: whatever names the one names the other.
    Merge {
        /// Uid of the conflict that asks about them.
        uid: String,
        /// The row that stays.
        #[arg(long)]
        keep: String,
        /// The row that becomes another name of it.
        #[arg(long)]
        drop: String,
        /// Only say what would move.
        #[arg(long)]
        preview: bool,
    },
    /// Take a resolution back, by a new edit.
    Undo {
        /// Its uid.
        uid: String,
    },
}

/// Which lines of the log.
#[derive(Args)]
pub struct Log {
    /// Only this row: entity and uid.
    #[arg(long, num_args = 2, value_names = ["ENTITY", "UID"])]
    row: Vec<String>,
    /// Only this entity.
    #[arg(long)]
    entity: Option<String>,
    /// Only this kind. May be given several times.
    #[arg(long)]
    kind: Vec<String>,
    /// Only lines in which these words occur.
    #[arg(long)]
    text: Option<String>,
    /// Only by the person of this uid.
    #[arg(long)]
    by: Option<String>,
    /// From then on, Unix milliseconds.
    #[arg(long)]
    since: Option<i64>,
    /// Before then.
    #[arg(long)]
    until: Option<i64>,
    /// `next` of the page before.
    #[arg(long)]
    after: Option<i64>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Write them all to this file, for a spreadsheet.
    #[arg(long)]
    export: Option<PathBuf>,
}

impl Take {
    fn name(self) -> TakenName {
        match self {
            Self::Hub => TakenName::Hub,
            Self::Till => TakenName::Till,
            Self::LastWrite => TakenName::LastWrite,
            Self::Distinct => TakenName::Distinct,
        }
    }
}

/// Runs the command.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        Command::List { entity, all, after, limit } => {
            let (entity, after) = (entity.clone(), after.clone());
            let args = ListConflictsArgs { entity, open: !all, after, limit: *limit };
            Ok(serde_json::to_value(till.list_conflicts(&args)?)?)
        }
        Command::Show { uid } => Ok(serde_json::to_value(till.read_conflict(&ConflictArgs { uid: uid.clone() })?)?),
        Command::Resolve { uid, take, set } => {
            let taken = take.map_or(TakenName::Picked, Take::name);
            let fields = typed(till, uid, set)?;
            let args = ResolveConflictArgs { uid: uid.clone(), taken, fields };
            Ok(serde_json::to_value(till.resolve_conflict(&args)?)?)
        }
        Command::ResolveAll { entity, take } => {
            let args = ResolveAllArgs { entity: entity.clone(), taken: take.name() };
            Ok(serde_json::to_value(till.resolve_conflicts(&args)?)?)
        }
        Command::Merge { uid, keep, drop, preview } => {
            let args = MergeArgs { uid: uid.clone(), winner: keep.clone(), loser: drop.clone() };
            match preview {
                true => Ok(serde_json::to_value(till.preview_merge(&args)?)?),
                false => Ok(serde_json::to_value(till.merge_twins(&args)?)?),
            }
        }
        Command::Undo { uid } => Ok(serde_json::to_value(till.undo_resolution(&ConflictArgs { uid: uid.clone() })?)?),
    }
}

/// Values as somebody types them, read by the declaration.
fn typed(till: &Till, uid: &str, set: &[String]) -> Result<BTreeMap<String, Json>> {
    let malformed = |text: &str| Error::refused("field_invalid", params! { field: text });
    if set.is_empty() {
        return Ok(BTreeMap::new());
    }
    let conflict = till.read_conflict(&ConflictArgs { uid: uid.to_owned() })?;
    let entity = officine_protocol::entities::entity(&conflict.summary.entity);
    let pair = |text: &String| {
        let (path, value) = text.split_once('=').ok_or_else(|| malformed(text))?;
        let column =
            entity.and_then(|entity| paths::open(entity, path).and_then(|place| place.column(entity).copied()));
        let json = match column {
            Some(column) => officine_till::editing::typed_for(&column, value),
            None => serde_json::from_str(value).unwrap_or(Json::Null),
        };
        Ok((path.to_owned(), json))
    };
    set.iter().map(pair).collect()
}

/// The log, or its file.
pub fn log(till: &Till, arguments: &Arguments, wanted: &Log) -> Result<Json> {
    arguments.sign_in(till)?;
    let args = ChangeLogArgs {
        kinds: wanted.kind.clone(),
        entity: wanted.row.first().cloned().or_else(|| wanted.entity.clone()),
        uid: wanted.row.get(1).cloned(),
        user: wanted.by.clone(),
        device: None,
        since: wanted.since,
        until: wanted.until,
        text: wanted.text.clone(),
        after: wanted.after,
        limit: wanted.limit,
    };
    match &wanted.export {
        Some(path) => Ok(serde_json::to_value(till.export_change_log(&args, path)?)?),
        None => Ok(serde_json::to_value(till.change_log(&args)?)?),
    }
}
