//! What was overwritten, by whom, when and where: the hub's log where it answers, for it has all tills; else this till's
//! own. What was changed here and not answered yet is shown too.

mod export;
mod lines;
mod own;

use officine_protocol::{
    Uid,
    messages::{LogRequest, LogResponse},
    params,
    roles::Permission,
};

use crate::{
    engine::Till,
    error::{Error, Result},
    views::{ChangeLogArgs, LogLine, LogPage, LogSource, Problem, RowHistoryArgs},
};

const PAGE: u32 = 500;
/// Pages of the hub that are looked through for a text, at most.
const LOOKED_THROUGH: u32 = 40;

impl Till {
    /// A row's history, newest first.
    pub fn row_history(&self, args: &RowHistoryArgs) -> Result<LogPage> {
        self.change_log(&ChangeLogArgs {
            entity: Some(args.entity.clone()),
            uid: Some(args.uid.clone()),
            after: args.after,
            limit: args.limit,
            ..ChangeLogArgs::default()
        })
    }

    /// The log of changes, newest first.
    pub fn change_log(&self, args: &ChangeLogArgs) -> Result<LogPage> {
        self.allow(Permission::SeeSync)?;
        let request = request(args)?;
        match self.of_hub(args, request.clone()) {
            Ok(page) => Ok(page),
            Err(error @ Error::Hub { .. }) => self.own_page(args, &request, error.problem()),
            Err(error) => Err(error),
        }
    }

    /// Lines of the hub's log. A text is looked for here.
    fn of_hub(&self, args: &ChangeLogArgs, mut request: LogRequest) -> Result<LogPage> {
        let device = self.device()?;
        let transport = self.transport();
        let mut lines = match args.after {
            None => self.store.read(|connection| own::pending(connection, &request, &device))?,
            Some(_) => Vec::new(),
        };
        lines.retain(|line| matches(line, args.text.as_deref()));
        let mut next = None;
        for _ in 0..LOOKED_THROUGH {
            let answer: LogResponse = transport.log(&device, &request)?;
            let told = self.store.read(|connection| lines::of_hub(connection, &answer.lines))?;
            lines.extend(told.into_iter().filter(|line| matches(line, args.text.as_deref())));
            (request.after, next) = (answer.next, answer.next);
            if next.is_none() || lines.len() >= request.limit as usize {
                break;
            }
        }
        Ok(LogPage { source: LogSource::Hub, problem: None, lines, next })
    }

    fn own_page(&self, args: &ChangeLogArgs, request: &LogRequest, problem: Problem) -> Result<LogPage> {
        let device = self.device()?;
        let (mut lines, next) = self.store.read(|connection| own::page(connection, request, &device))?;
        lines.retain(|line| matches(line, args.text.as_deref()));
        Ok(LogPage { source: LogSource::Till, problem: Some(problem), lines, next })
    }
}

fn request(args: &ChangeLogArgs) -> Result<LogRequest> {
    let uid = |field: &str, text: &Option<String>| {
        let invalid = |_| Error::refused("field_invalid", params! { field: field });
        text.as_deref().map(|text| Uid::try_parse(text).map_err(invalid)).transpose()
    };
    Ok(LogRequest {
        entity: args.entity.clone(),
        uid: uid("uid", &args.uid)?,
        kinds: args.kinds.clone(),
        user: uid("user", &args.user)?,
        device: uid("device", &args.device)?,
        since: args.since,
        until: args.until,
        after: args.after,
        limit: args.limit.clamp(1, PAGE),
    })
}

/// Whether every word typed occurs in what the line says.
fn matches(line: &LogLine, text: Option<&str>) -> bool {
    let fold = officine_protocol::fold::fold;
    let Some(text) = text.map(fold).filter(|text| !text.is_empty()) else { return true };
    let told = [&line.label, &line.field, &line.shown_old, &line.shown_new, &line.user_name, &line.device_name];
    let told = fold(&told.map(String::as_str).join(" "));
    text.split(' ').all(|word| told.contains(word))
}
