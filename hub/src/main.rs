//! The hub's command line. Exit status 1: it could not be done; 2: what was asked or set makes no sense; 3: a hub serves the
//! database that was to be replaced.

mod args;
mod keeping;

use std::{io::Write, process::ExitCode};

use anyhow::{Context, Result, bail};
use officine_hub::{
    App, ServeError, admin,
    backup::BackupError,
    coverage, metering, migrate, open, serve,
    server::Door,
    settings::{Given, LogFormat, Settings, SettingsError},
    store::{DeviceLine, Narrow, StockFilter, StockLine},
};
use officine_protocol::{
    Uid,
    limits::SCHEMA,
    messages::{Digest, DigestResponse, Finding},
};
use serde_json::json;

use crate::args::{Args, Command, DeviceCommand};

const NONSENSE: u8 = 2;
const IN_USE: u8 = 3;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::heard();
    let json = args.json;
    let Err(error) = done(args).await else { return ExitCode::SUCCESS };
    let said = if json { json!({ "error": format!("{error:#}") }).to_string() } else { format!("Error: {error:#}") };
    let _ = writeln!(std::io::stderr(), "{said}");
    let nonsense = error.is::<SettingsError>() || matches!(error.downcast_ref(), Some(ServeError::Insecure(_)));
    let in_use = matches!(error.downcast_ref(), Some(BackupError::Serving(_)));
    ExitCode::from(if nonsense {
        NONSENSE
    } else if in_use {
        IN_USE
    } else {
        1
    })
}

async fn done(args: Args) -> Result<()> {
    let file = args.config.as_deref().map(Given::read).transpose()?;
    let settings = args.given.settle(file.unwrap_or_default())?;
    log(&settings)?;
    match args.command {
        Command::Config => show(args.json, &json!(settings), settings.explained().trim_end()),
        Command::Migrate => {
            migrate(&settings.place()?).await?;
            show(args.json, &json!({ "migrated": true }), "the tables are up to date")
        }
        Command::Backup { to, keep } => keeping::backup(&settings, &to, keep, args.json).await,
        Command::Restore { from } => keeping::restore(&settings, &from, args.json).await,
        Command::Serve { ready_file } => run(settings, ready_file).await,
        command => ask(&App::new(open(&settings.place()?).await?), command, args.json).await,
    }
}

/// What the owner asks or orders beside a hub that may be running.
async fn ask(app: &App, command: Command, json: bool) -> Result<()> {
    match command {
        Command::Config
        | Command::Migrate
        | Command::Serve { .. }
        | Command::Backup { .. }
        | Command::Restore { .. } => Ok(()),
        Command::Quarantine { command } => keeping::quarantine(app, command, json).await,
        Command::CreatePharmacy { name } => {
            let uid = admin::create_pharmacy(app, &name).await?;
            show(json, &json!({ "pharmacy": uid, "name": name }), &uid.to_string())
        }
        Command::Pharmacies => {
            let known = app.store.pharmacies().await?;
            let listed: Vec<_> = known.iter().map(|(uid, name)| json!({ "pharmacy": uid, "name": name })).collect();
            show(json, &json!(listed), &lines(&known, |(uid, name)| format!("{uid}\t{name}")))
        }
        Command::EnrolmentCode { pharmacy } => {
            let pharmacy = only_pharmacy(app, pharmacy).await?;
            let code = admin::enrolment_code(app, pharmacy).await?;
            show(json, &json!({ "pharmacy": pharmacy, "code": code }), &code)
        }
        Command::Devices { command: DeviceCommand::List { pharmacy } } => {
            let devices = admin::devices(app, pharmacy).await?;
            show(json, &json!(devices), &lines(&devices, device_line))
        }
        Command::Devices { command: DeviceCommand::Revoke { device } } => {
            app.store.revoke(device, app.clock.now()).await?;
            show(json, &json!({ "revoked": device }), &format!("revoked {device}"))
        }
        Command::Coverage => {
            let report = coverage::coverage(&app.store.columns().await?);
            show(json, &json!(report), &report.told())?;
            if report.is_whole() { Ok(()) } else { bail!("the tables are not what is declared") }
        }
        Command::Digest { pharmacy } => {
            let pharmacy = only_pharmacy(app, pharmacy).await?;
            let digests = app.store.digest_of(pharmacy, Narrow::whole(SCHEMA)).await?;
            show(json, &json!(digests), &digest_lines(&digests))
        }
        Command::Check { pharmacy } => {
            let pharmacy = only_pharmacy(app, pharmacy).await?;
            let told = admin::check(app, pharmacy).await?;
            let said = json!({
                "pharmacy": pharmacy, "epoch": told.epoch, "revision": told.revision, "rows": told.rows,
                "findings": told.findings, "more": told.more,
            });
            show(json, &said, &lines(&told.findings, finding_line))
        }
        Command::Stock { pharmacy, product_uid, code } => {
            let stock = app.store.stock(StockFilter { pharmacy, product: product_uid, code }).await?;
            show(json, &json!(stock), &lines(&stock, stock_line))
        }
    }
}

fn log(settings: &Settings) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log);
    let filter = filter.with_context(|| format!("log = {:?} cannot be understood", settings.log))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.init(),
    }
    Ok(())
}

async fn run(settings: Settings, ready_file: Option<std::path::PathBuf>) -> Result<()> {
    let app = App::with(open(&settings.place()?).await?, &settings);
    let door = Door::open(&settings).await?;
    metering::start(&app, settings.metrics_listen).await;
    let address = door.address()?;
    if let Some(file) = ready_file {
        let partial = file.with_extension("partial");
        std::fs::write(&partial, address.to_string())
            .and_then(|()| std::fs::rename(&partial, &file))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    tracing::info!(%address, tls = settings.tls_cert.is_some(), "listening");
    serve(app, door, signalled()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Resolves when the process is asked to end.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = signal(SignalKind::terminate()).ok();
    let terminated = async {
        match asked.as_mut() {
            Some(asked) => {
                asked.recv().await;
            }
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// The pharmacy named, or the only one.
fn finding_line(finding: &Finding) -> String {
    let Finding { kind, entity, uid, done, params } = finding;
    format!("{done}\t{kind}\t{entity}\t{uid}\t{}", json!(params))
}

async fn only_pharmacy(app: &App, named: Option<Uid>) -> Result<Uid> {
    if let Some(uid) = named {
        return Ok(uid);
    }
    match app.store.pharmacies().await?.as_slice() {
        [(uid, _)] => Ok(*uid),
        [] => bail!("there is no pharmacy yet: create-pharmacy --name NAME"),
        _ => bail!("there are several pharmacies: say which with --pharmacy UID"),
    }
}

fn show(json: bool, value: &serde_json::Value, text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{value}")?;
    } else {
        writeln!(out, "{text}")?;
    }
    Ok(())
}

fn lines<T>(rows: &[T], line: impl Fn(&T) -> String) -> String {
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn device_line(device: &DeviceLine) -> String {
    let state = match device {
        DeviceLine { replaced_by: Some(_), .. } => "replaced",
        DeviceLine { revoked_at: Some(_), .. } => "revoked",
        DeviceLine { quarantined_at: Some(_), .. } => "quarantined",
        _ => "active",
    };
    format!("{}\t{}\tseries {}\t{state}", device.uid, device.name, device.series)
}

/// The revision, then a line per entity and bucket.
fn digest_lines(digests: &DigestResponse) -> String {
    let told = digests.entities.iter().flat_map(|(name, buckets)| buckets.iter().map(move |digest| (name, digest)));
    let line = |(name, digest): (&String, &Digest)| format!("{name}\t{}\t{:032x}", digest.count, digest.sum);
    let lines: Vec<_> = std::iter::once(format!("revision\t{}", digests.revision)).chain(told.map(line)).collect();
    lines.join("\n")
}

fn stock_line(lot: &StockLine) -> String {
    let (code, recount) = (lot.code.as_deref().unwrap_or("-"), if lot.recount_open { "\trecount" } else { "" });
    format!("{code}\t{}\t{}\t{}{recount}", lot.name, lot.lot_number, lot.quantity)
}
