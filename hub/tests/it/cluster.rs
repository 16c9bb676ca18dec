//! A throw-away PostgreSQL cluster, reached through a socket in a folder of its own: no port, so no other server can be
//! taken for it, and nobody else can reach it. Stopped and gone at the end, even where the test is killed.

use std::{
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use tempfile::TempDir;

/// A running cluster. Its superuser is `hub`; databases belong to `officine_owner` and are served by `officine_serving`.
pub struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
    owner: Option<u32>,
    settings: String,
    guard: Option<Guard>,
}

/// Stops the cluster and removes its folder once this process is gone, however it ended: its end of the pipe is closed.
struct Guard {
    process: Child,
    pipe: Option<ChildStdin>,
}

/// A fresh database, for each role.
pub struct Database {
    /// For the role that owns nothing.
    pub app: String,
    /// For the role that owns the tables.
    pub owner: String,
    /// For the cluster's superuser.
    pub root: String,
}

impl Cluster {
    /// One that forgets a power cut, and is quicker for it.
    pub fn start() -> Self {
        Self::start_with("-c fsync=off")
    }

    /// One with settings of the test's own.
    pub fn start_with(settings: &str) -> Self {
        let binaries = binaries();
        let folder = TempDir::with_prefix("officine-pg-").expect("a folder").keep();
        let root = id(&["-u"]) == Some(0);
        let owner = root.then(|| id(&["-u", "postgres"]).expect("PostgreSQL's own user, postgres, is missing"));
        if let Some(owner) = owner {
            std::os::unix::fs::chown(&folder, Some(owner), None).expect("the folder's owner");
        }
        let settings = settings.to_owned();
        let mut cluster = Self { folder, binaries, owner, settings, guard: None };
        cluster.guard = Some(cluster.guarded());
        let data = cluster.data();
        cluster.run("initdb", &["-D", &data, "-U", "hub", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]);
        cluster.serve();
        for role in ["officine_owner", "officine_serving"] {
            cluster.client("createuser", &[role]);
        }
        cluster
    }

    /// Starts the server on its folder.
    pub fn serve(&self) {
        let (data, folder) = (self.data(), self.folder.display());
        let options = format!("-c listen_addresses= -c unix_socket_directories={folder} {}", self.settings);
        let log = format!("{data}/log");
        let arguments = ["-D", &data, "-w", "-t", "60", "-l", &log, "-o", &options, "start"];
        let status = self.command(&self.binaries.join("pg_ctl")).args(arguments).status().expect("pg_ctl");
        assert!(status.success(), "{}", std::fs::read_to_string(log).unwrap_or_default());
    }

    /// Where its data is.
    pub fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    /// A fresh database.
    pub fn database(&self, name: &str) -> Database {
        self.client("createdb", &["-O", "officine_owner", name]);
        let url = |role| self.url(role, name);
        Database { app: url("officine_serving"), owner: url("officine_owner"), root: url("hub") }
    }

    /// Lets the planner know its tables, as autovacuum would within minutes.
    pub fn analyse(&self, database: &str) {
        self.order(database, "ANALYZE");
    }

    /// Orders of the superuser's, on that database.
    pub fn order(&self, database: &str, sql: &str) {
        self.client("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-c", sql, database]);
    }

    /// The URL of a database for a role.
    pub fn url(&self, role: &str, name: &str) -> String {
        format!("postgres://{role}@{}/{name}", self.folder.display().to_string().replace('/', "%2F"))
    }

    fn guarded(&self) -> Guard {
        let stop =
            format!("cat; {} -D \"$1/data\" -m immediate stop; rm -rf \"$1\"", self.binaries.join("pg_ctl").display());
        let mut command = self.command(Path::new("setsid"));
        command.args(["sh", "-c", &stop, "guard"]).arg(&self.folder).stdin(Stdio::piped());
        let mut process = command.spawn().expect("a guard");
        let pipe = process.stdin.take();
        Guard { process, pipe }
    }

    fn command(&self, program: &Path) -> Command {
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
        let status = self.command(&self.binaries.join(program)).args(arguments).status().expect("a program");
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }

    fn client(&self, program: &str, arguments: &[&str]) {
        let folder = self.folder.display().to_string();
        self.run(program, &[&["-h", &folder, "-U", "hub"], arguments].concat());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.pipe.take());
            let _ = guard.process.wait();
        }
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
