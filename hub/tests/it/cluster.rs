//! A throw-away PostgreSQL cluster: started on a free port in a folder of its own, stopped at the end, even on panic.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

pub struct Cluster {
    folder: TempDir,
    binaries: PathBuf,
    port: u16,
    owner: Option<u32>,
}

impl Cluster {
    /// One that forgets a power cut, and is quicker for it.
    pub fn start() -> Self {
        Self::start_with("off")
    }

    /// One that keeps what it acknowledged.
    pub fn durable() -> Self {
        Self::start_with("on")
    }

    fn start_with(fsync: &str) -> Self {
        let binaries = binaries();
        let folder = TempDir::with_prefix("officine-pg-").unwrap();
        let root = id(&["-u"]) == Some(0);
        let owner = root.then(|| id(&["-u", "postgres"]).expect("PostgreSQL's own user, postgres, is missing"));
        if let Some(owner) = owner {
            std::os::unix::fs::chown(folder.path(), Some(owner), None).unwrap();
        }
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, binaries, port, owner };
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "hub", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]);
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync={fsync}");
        let log = format!("{data}/log");
        cluster.run("pg_ctl", &["-D", &data, "-w", "-t", "60", "-l", &log, "-o", &options, "start"]);
        cluster
    }

    /// A fresh database.
    pub fn database(&self, name: &str) -> String {
        let port = self.port.to_string();
        self.run("createdb", &["-h", "127.0.0.1", "-p", &port, "-U", "hub", name]);
        format!("postgres://hub@127.0.0.1:{port}/{name}")
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        let mut command = match self.owner {
            Some(owner) => {
                let mut command = Command::new("setpriv");
                command.arg(format!("--reuid={owner}")).args(["--regid=postgres", "--clear-groups"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.command(program).args(arguments).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self.command("pg_ctl").args(["-D", &data, "-m", "immediate", "stop"]).status();
    }
}

fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        versions.map(|entry| entry.path().join("bin")).filter(|path| is_complete(path)).collect();
    found.sort();
    found.pop().expect("PostgreSQL is not installed: apt-get install postgresql")
}

fn is_complete(path: &Path) -> bool {
    path.join("initdb").exists() && path.join("pg_ctl").exists()
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
