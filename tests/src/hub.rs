//! A hub in a process of its own, on its embedded database or on PostgreSQL.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    cluster::Database,
    programs::{Said, program},
};

const READY_WITHIN: Duration = Duration::from_secs(20);

/// A running hub. Dropped, it is killed.
pub struct Hub {
    folder: PathBuf,
    place: Vec<OsString>,
    address: String,
    child: Child,
}

impl Hub {
    /// Starts a hub with its data in `folder`, on a free port.
    pub fn start(folder: &Path) -> Self {
        Self::start_at(folder, vec!["--data".into(), folder.join("data").into()])
    }

    /// Starts a hub on a database of PostgreSQL; only its log is in `folder`.
    pub fn start_on(folder: &Path, database: &Database) -> Self {
        let [app, owner] = [&database.app, &database.owner].map(OsString::from);
        Self::start_at(folder, vec!["--database-url".into(), app, "--owner-url".into(), owner])
    }

    /// Starts a hub that speaks HTTPS with this certificate and key.
    pub fn start_with_tls(folder: &Path, certificate: &Path, key: &Path) -> Self {
        let tls = ["--tls-cert".into(), certificate.into(), "--tls-key".into(), key.into()];
        Self::start_at(folder, [vec!["--data".into(), folder.join("data").into()], tls.to_vec()].concat())
    }

    fn start_at(folder: &Path, place: Vec<OsString>) -> Self {
        std::fs::create_dir_all(folder).expect("the hub's folder");
        let (child, address) = serve(folder, &place, "127.0.0.1:0");
        Self { folder: folder.to_owned(), place, address, child }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where tills find it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes its power away.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again where it was.
    pub fn restart(&mut self) {
        self.kill();
        (self.child, self.address) = serve(&self.folder, &self.place, &self.address);
    }

    /// An answer of its command line.
    pub fn ask<S: AsRef<OsStr>>(&self, args: &[S]) -> Value {
        self.tell(args).done()
    }

    /// What its command line says, whatever it is.
    pub fn tell<S: AsRef<OsStr>>(&self, args: &[S]) -> Said {
        let mut command = Command::new(program("officine-hub"));
        let output = command.arg("--json").args(&self.place).args(args).output();
        Said::of(&output.expect("officine-hub"))
    }

    /// Creates a pharmacy; its uid.
    pub fn pharmacy(&self, name: &str) -> String {
        self.ask(&["create-pharmacy", "--name", name])["pharmacy"].as_str().expect("a uid").to_owned()
    }

    /// A one-time code of a pharmacy.
    pub fn code(&self, pharmacy: &str) -> String {
        self.ask(&["enrolment-code", "--pharmacy", pharmacy])["code"].as_str().expect("a code").to_owned()
    }

    /// Quantity by lot, empty lots left out.
    pub fn stock(&self, pharmacy: &str) -> BTreeMap<String, i64> {
        crate::till::quantities(&self.ask(&["stock", "--pharmacy", pharmacy]))
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.kill();
    }
}

fn serve(folder: &Path, place: &[OsString], address: &str) -> (Child, String) {
    let ready = folder.join("ready");
    let _ = std::fs::remove_file(&ready);
    let log = File::options().create(true).append(true).open(folder.join("log")).expect("the hub's log");
    let mut child = Command::new(program("officine-hub"))
        .args(place)
        .args(["serve", "--listen", address, "--ready-file"])
        .arg(&ready)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("the hub's log"))
        .stderr(log)
        .spawn()
        .expect("officine-hub");
    let end = Instant::now() + READY_WITHIN;
    loop {
        if let Ok(address) = std::fs::read_to_string(&ready) {
            return (child, address.trim().to_owned());
        }
        assert!(Instant::now() < end, "the hub does not listen");
        assert!(child.try_wait().expect("the hub").is_none(), "the hub ended: {}", folder.join("log").display());
        sleep(Duration::from_millis(20));
    }
}
