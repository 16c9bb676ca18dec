//! The hub's command line.

mod args;

use std::io::Write;

use anyhow::{Context, Result, bail};
use clap::Parser;
use officine_hub::{
    App, Place, admin, open, serve,
    server::listen,
    store::{DeviceLine, StockFilter, StockLine},
};
use officine_protocol::Uid;
use serde_json::json;

use crate::args::{Args, Command, DeviceCommand, Serve};

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    log(args.log_json);
    let place = match (args.data, args.database_url) {
        (_, Some(app)) => Place::Url { app, owner: args.owner_url },
        (Some(folder), None) => Place::Folder(folder),
        (None, None) => bail!("say where the data is: --data DIR or --database-url URL"),
    };
    let app = App::new(open(&place).await?);
    match args.command {
        Command::Serve(options) => run(app, options).await,
        Command::CreatePharmacy { name } => {
            let uid = admin::create_pharmacy(&app, &name).await?;
            show(args.json, &json!({ "pharmacy": uid, "name": name }), &uid.to_string())
        }
        Command::EnrolmentCode { pharmacy } => {
            let pharmacy = only_pharmacy(&app, pharmacy).await?;
            let code = admin::enrolment_code(&app, pharmacy).await?;
            show(args.json, &json!({ "pharmacy": pharmacy, "code": code }), &code)
        }
        Command::Devices { command: DeviceCommand::List } => {
            let devices = app.store.devices().await?;
            show(args.json, &json!(devices), &lines(&devices, device_line))
        }
        Command::Devices { command: DeviceCommand::Revoke { device } } => {
            app.store.revoke(device, app.clock.now()).await?;
            show(args.json, &json!({ "revoked": device }), &format!("revoked {device}"))
        }
        Command::Stock { pharmacy, product_uid, code } => {
            let stock = app.store.stock(StockFilter { pharmacy, product: product_uid, code }).await?;
            show(args.json, &json!(stock), &lines(&stock, stock_line))
        }
    }
}

fn log(json: bool) {
    let filter =
        tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info,refinery_core=warn".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}

async fn run(app: App, options: Serve) -> Result<()> {
    let listener = listen(options.listen, options.insecure_plain_http).await?;
    let address = listener.local_addr()?;
    if let Some(file) = options.ready_file {
        let partial = file.with_extension("partial");
        std::fs::write(&partial, address.to_string())
            .and_then(|()| std::fs::rename(&partial, &file))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    tracing::info!(%address, "listening");
    serve(app, listener, signalled()).await?;
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
    let state = if device.revoked_at.is_some() { "revoked" } else { "active" };
    format!("{}\t{}\tseries {}\t{state}", device.uid, device.name, device.series)
}

fn stock_line(lot: &StockLine) -> String {
    let (code, recount) = (lot.code.as_deref().unwrap_or("-"), if lot.recount_open { "\trecount" } else { "" });
    format!("{code}\t{}\t{}\t{}{recount}", lot.name, lot.lot_number, lot.quantity)
}
