//! Where backups go: beside the till's data, to a folder that somebody chose, or to a stick that is plugged in.

use std::path::{Path, PathBuf};

use crate::{error::Result, refuse};

/// Where a desktop mounts what is plugged in.
const REMOVABLE: [&str; 2] = ["/media", "/run/media"];

/// Folders of the sticks that are plugged in.
#[cfg(unix)]
pub fn sticks() -> Vec<String> {
    let mut found: Vec<String> =
        mounted().into_iter().filter(|place| is_removable(place)).map(|place| place.display().to_string()).collect();
    found.sort();
    found.dedup();
    found
}

/// Every drive but the machine's own: what Windows calls removable is not asked.
#[cfg(not(unix))]
pub fn sticks() -> Vec<String> {
    ('D'..='Z').map(|letter| format!("{letter}:\\")).filter(|drive| Path::new(drive).is_dir()).collect()
}

fn is_removable(place: &Path) -> bool {
    REMOVABLE.iter().any(|root| place.starts_with(root) && place != Path::new(root))
}

fn mounted() -> Vec<PathBuf> {
    std::fs::read_to_string("/proc/self/mounts").map(|text| mount_points(&text)).unwrap_or_default()
}

/// The second word of each line; blanks and the like are octal in it.
fn mount_points(mounts: &str) -> Vec<PathBuf> {
    mounts.lines().filter_map(|line| line.split(' ').nth(1)).map(|place| PathBuf::from(unescaped(place))).collect()
}

fn unescaped(place: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(place.to_owned(), |text, (code, meant)| text.replace(code, meant))
}

/// Refused is a folder that is not there, or was on a stick that is not plugged in any more: the empty folder under
/// which it was mounted is none.
pub fn check(folder: &Path) -> Result<()> {
    let pulled_out =
        is_removable(folder) && !mounted().iter().any(|place| is_removable(place) && folder.starts_with(place));
    if pulled_out || !folder.is_dir() {
        return refuse!("backup_folder_missing", path: folder.display().to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stick_is_what_is_mounted_where_desktops_mount() {
        let mounts =
            "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /media/awa/USB\\040DISK vfat rw 0 0\ntmpfs /run tmpfs rw 0 0\n";
        let places = mount_points(mounts);
        let sticks: Vec<_> = places.iter().filter(|place| is_removable(place)).collect();
        assert_eq!(sticks, [Path::new("/media/awa/USB DISK")]);
    }

    #[test]
    fn a_stick_that_was_pulled_out_is_said() {
        assert_eq!(check(Path::new("/media/nobody/none")).unwrap_err().code(), "backup_folder_missing");
    }
}
