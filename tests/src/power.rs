//! Power cuts of PostgreSQL: its processes are killed at once, by their ids, and it starts again on the same folder.

use std::{fs, path::Path, process::Command, thread::sleep, time::Duration};

use crate::Cluster;

/// Kills the server and everything it started. What it told anybody was committed is on its disk.
pub fn cut(cluster: &Cluster) {
    let file = format!("{}/postmaster.pid", cluster.data());
    let text = fs::read_to_string(&file).expect("the server runs");
    let server: u32 = text.lines().next().and_then(|line| line.trim().parse().ok()).expect("its process");
    // Held still, it starts no other while these are found.
    signal("-STOP", &[server.to_string()]);
    let processes: Vec<String> = children(server).into_iter().chain([server]).map(|id| id.to_string()).collect();
    signal("-KILL", &processes);
    while processes.iter().any(|id| alive(id)) {
        sleep(Duration::from_millis(10));
    }
    // A dead process that nobody has noticed yet would be taken for a server that runs.
    let lock = Path::new(&cluster.data()).with_file_name(".s.PGSQL.5432.lock");
    let _ = [file.as_ref(), lock.as_path()].map(fs::remove_file);
}

fn signal(which: &str, processes: &[String]) {
    let _ = Command::new("kill").arg(which).args(processes).output();
}

/// Starts it again.
pub fn restore(cluster: &Cluster) {
    cluster.serve();
}

fn children(server: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| parent(&id.to_string()) == Some(server)).collect()
}

/// The fields of `/proc/ID/stat` after the name, which is in brackets: state, parent …
fn stat(id: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, after) = text.rsplit_once(')')?;
    Some(after.split_whitespace().map(str::to_owned).collect())
}

fn parent(id: &str) -> Option<u32> {
    stat(id)?.get(1)?.parse().ok()
}

/// There, and not just waiting to be noticed.
fn alive(id: &str) -> bool {
    stat(id).is_some_and(|fields| fields.first().is_some_and(|state| state != "Z"))
}
