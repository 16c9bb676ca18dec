//! The window's contract against its handlers: nothing missing, nothing more, one type for both sides; and what
//! a command answers when it refuses, is unknown, or has no store.

#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::{collections::BTreeMap, path::Path};

use officine_shell::{Shell, handler};
use serde_json::{Value, json};
use tauri::{
    App, WebviewWindow, WebviewWindowBuilder,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets},
    webview::InvokeRequest,
};

const CONTRACT: &str = include_str!("../till/src/views/mod.rs");
const HANDLERS: &str = include_str!("../src/lib.rs");
const COMMANDS: [&str; 9] = [
    include_str!("../src/commands/people.rs"),
    include_str!("../src/commands/selling.rs"),
    include_str!("../src/commands/catalogue.rs"),
    include_str!("../src/commands/expiries.rs"),
    include_str!("../src/commands/sync.rs"),
    include_str!("../src/commands/conflicts.rs"),
    include_str!("../src/commands/settings.rs"),
    include_str!("../src/commands/safety.rs"),
    include_str!("../src/commands/repair.rs"),
];

type Types = BTreeMap<String, (String, String)>;

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

fn declared() -> Types {
    let fields = between(CONTRACT, "pub struct Commands {", "\n}");
    let calls = fields.lines().filter_map(|line| line.trim().split_once(": Call<"));
    let types = calls.map(|(name, call)| {
        let (args, result) = call.strip_suffix(">,").unwrap().split_once(", ").unwrap();
        (name.to_owned(), (args.to_owned(), result.to_owned()))
    });
    types.collect()
}

fn registered() -> Vec<String> {
    let list = between(HANDLERS, "generate_handler![", "]");
    let mut names: Vec<_> = list.split(',').filter_map(|path| path.trim().rsplit("::").next()).collect();
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.into_iter().map(str::to_owned).collect()
}

fn written() -> Types {
    let functions = COMMANDS.iter().flat_map(|source| source.split("#[tauri::command").skip(1));
    let types = functions.map(|function| {
        let name = between(function, "fn ", "(").split('<').next().unwrap().to_owned();
        let (signature, rest) = function.split_once(" -> Answer<").unwrap();
        let args =
            signature.split_once("args: ").map_or("Nothing", |(_, args)| args.trim_end_matches([')', ',', '\n']));
        (name, (args.to_owned(), rest.split_once("> {").unwrap().0.to_owned()))
    });
    types.collect()
}

fn window(folder: &Path) -> (App<MockRuntime>, WebviewWindow<MockRuntime>) {
    let shell = Shell::new(folder, |_| {});
    let app = mock_builder().manage(shell).invoke_handler(handler()).build(mock_context(noop_assets())).unwrap();
    let window = WebviewWindowBuilder::new(&app, "main", Default::default()).build().unwrap();
    (app, window)
}

fn call(window: &WebviewWindow<MockRuntime>, name: &str, args: Value) -> Result<Value, Value> {
    let url = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };
    let request = InvokeRequest {
        cmd: name.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: url.parse().unwrap(),
        body: InvokeBody::Json(json!({ "args": args })),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().unwrap())
}

/// An argument object that every command accepts.
fn any_args() -> Value {
    let mut args = json!({
        "uid": "x", "pin": "0000", "hub": "", "code": "1", "till": "", "name": "", "login": "", "text": "", "limit": 1,
        "offset": 0, "count": 1, "product": "x", "line": 1, "reason": "", "inHand": false, "cart": "x",
        "expectedTotal": 0, "states": [], "unit": 0, "price": 1, "path": "", "rate": "", "seq": 1, "pharmacy": "",
        "address": "", "phone": "", "inHandPerDay": 1, "expiryWarningDays": 1, "language": "fr", "theme": "system",
        "sounds": true, "autoSync": true, "syncOnReconnect": true, "verbose": false, "lockMinutes": 1, "expiryThresholds": [30], "sort": "expiry", "title": "",
        "body": "", "sale": "x", "decision": "kept",
    });
    args["json"] = false.into();
    args["open"] = true.into();
    args["taken"] = "hub".into();
    args["entity"] = "product".into();
    args["winner"] = "x".into();
    args["loser"] = "y".into();
    args["keep"] = 1.into();
    args["automatic"] = true.into();
    args
}

#[test]
fn every_command_of_the_contract_has_its_handler_and_no_handler_is_outside_it() {
    let declared: Vec<_> = declared().into_keys().collect();
    assert!(declared.len() > 30, "the contract was not read: {declared:?}");
    assert_eq!(registered(), declared);
}

#[test]
fn every_command_takes_and_answers_what_the_contract_says() {
    assert_eq!(written(), declared());
}

#[test]
fn a_command_outside_the_contract_fails() {
    let folder = tempfile::tempdir().unwrap();
    let (_app, window) = window(folder.path());
    assert!(call(&window, "drop_everything", Value::Null).is_err());
}

#[test]
fn the_window_starts_on_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (_app, window) = window(folder.path());
    let start = call(&window, "start", Value::Null).unwrap();
    assert_eq!((&start["enrolled"], &start["problem"]), (&json!(false), &Value::Null));
    assert_eq!(call(&window, "sign_out", Value::Null), Ok(Value::Null));
}

#[test]
fn a_refusal_is_a_code_and_what_its_message_names() {
    let folder = tempfile::tempdir().unwrap();
    let (_app, window) = window(folder.path());
    let refusal = json!({ "code": "not_signed_in", "params": {} });
    assert_eq!(call(&window, "cart", Value::Null), Err(refusal.clone()));
    assert_eq!(call(&window, "scan", json!({ "code": "1", "count": 1 })), Err(refusal));
}

#[test]
fn the_desktop_is_told_once_a_day_and_a_desktop_that_hears_nothing_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let (_app, window) = window(folder.path());
    assert_eq!(call(&window, "expiry_summary", Value::Null), Ok(json!({ "due": 0, "news": [] })));
    let words = json!({ "title": "Péremptions", "body": "3 lots périment dans 30 jours" });
    for _ in 0..2 {
        assert_eq!(call(&window, "tell_expiries", words.clone()), Ok(Value::Null));
    }
    let nobody = call(&window, "export_expiries", json!({ "text": "", "sort": "expiry" }));
    assert_eq!(nobody.unwrap_err()["code"], "not_signed_in");
}

#[test]
fn without_a_store_the_window_says_why_and_every_command_refuses_alike() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("officine.db"), "this is no database, and long enough to be read").unwrap();
    let (_app, window) = window(folder.path());
    let start = call(&window, "start", Value::Null).unwrap();
    assert_eq!(start["problem"]["code"], "store_unreadable");
    for name in declared().into_keys().filter(|name| !["start", "salvage"].contains(&name.as_str())) {
        let answer = call(&window, &name, any_args());
        assert_eq!(answer.unwrap_err()["code"], "store_unreadable", "{name}");
    }
}

#[test]
fn what_can_be_saved_of_a_damaged_store_is_and_the_window_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("officine.db"), "this is no database, and long enough to be read").unwrap();
    let (_app, window) = window(folder.path());
    let report = call(&window, "salvage", Value::Null).unwrap();
    assert_eq!((&report["tickets"], &report["readsAgain"]), (&json!(0), &json!(true)));
    assert!(Path::new(report["kept"].as_str().unwrap()).exists());
    assert_eq!(call(&window, "start", Value::Null).unwrap()["problem"], Value::Null);
    assert_eq!(call(&window, "salvage", Value::Null).unwrap_err()["code"], "store_sound");
    assert_eq!(call(&window, "cart", Value::Null).unwrap_err()["code"], "not_signed_in", "it is open again");
}

#[test]
fn a_second_window_on_one_folder_waits_for_the_first_to_close() {
    let folder = tempfile::tempdir().unwrap();
    let first = Shell::new(folder.path(), |_| {});
    let (_app, second) = window(folder.path());
    assert_eq!(call(&second, "start", Value::Null).unwrap()["problem"]["code"], "store_busy");
    drop(first);
    assert_eq!(call(&second, "start", Value::Null).unwrap()["problem"], Value::Null);
}
