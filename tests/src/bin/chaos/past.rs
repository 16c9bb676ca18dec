//! What goes back in time, and what is there twice: the hub is restored from its backup by its own command, and a till's whole
//! disk is copied, so that both sell. Nothing that anybody was told is recorded is lost by either.

use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use officine_tests::{till, work::Journal};
use officine_till::{
    Trigger,
    views::{IdentityState, ReenrolArgs},
};

use crate::director::{Counter, Director};

/// So long a database may still believe that a hub which was killed serves it.
const LEFT_ALONE_WITHIN: Duration = Duration::from_secs(20);
/// What stops a till that is not the one the hub knows.
const ENROLS_ANEW: [&str; 3] = ["till_restored", "till_copied", "device_revoked"];

impl Director {
    /// Backs the hub up while it serves; once that was done, restores it: what was sold since only tills know.
    pub fn back_up_or_restore(&mut self) {
        let file = self.shop.path().join("backup");
        let place = file.display().to_string();
        let root = self.shop.cluster.as_ref().map(|cluster| cluster.url("hub", "hub"));
        let with = |what: &[&str]| {
            let url = root.iter().flat_map(|root| ["--backup-url", root]);
            what.iter().copied().chain(url).map(str::to_owned).collect::<Vec<_>>()
        };
        if !file.exists() {
            self.shop.hub.ask(&with(&["backup", "--to", &place]));
            self.kills.backups += 1;
        } else if self.kills.restores == 0 {
            self.shop.hub.kill();
            let (words, end) = (with(&["restore", "--from", &place]), Instant::now() + LEFT_ALONE_WITHIN);
            while self.shop.hub.tell(&words).code != Some(0) {
                assert!(Instant::now() < end, "the hub is not restored: {:?}", self.shop.hub.tell(&words));
                sleep(Duration::from_millis(200));
            }
            self.kills.restores += 1;
            self.shop.hub.restart();
        } else {
            self.kill_the_hub();
        }
    }

    /// A till's power goes, its disk is copied, and both go on.
    pub fn copy_a_disk(&mut self) {
        if self.kills.clones > 0 {
            return self.kill_a_till();
        }
        let number = self.chance.below(self.tills.len() as u64) as usize;
        let Some(till) = self.tills.get_mut(number) else { return };
        till.kill();
        let (data, journal) = (self.shop.data("copied"), self.shop.data("copied.journal"));
        copied(&till.data, &data);
        self.tills.push(Counter { data, journal, child: None });
        self.kills.clones += 1;
        self.start(number);
        self.start(self.tills.len() - 1);
    }

    /// Whoever the hub does not know as the one it was is enrolled anew; nobody else is.
    pub fn enrol_anew(&mut self) {
        let mut all_known = false;
        while !all_known {
            all_known = true;
            for counter in &self.tills {
                let till = till::open(&counter.data);
                let problem = till.sync_now(Trigger::Manual).expect("a run").problem;
                if !problem.is_some_and(|problem| ENROLS_ANEW.contains(&problem.code.as_str())) {
                    continue;
                }
                assert!(self.kills.clones > 0, "taken for a copy, and no disk was copied");
                let code = self.shop.hub.code(&self.shop.pharmacy);
                let view = till.reenrol(&ReenrolArgs { code }).expect("enrolled anew");
                assert_eq!(view.state, IdentityState::Known);
                (all_known, self.kills.anew) = (false, self.kills.anew + 1);
            }
        }
    }

    /// Every ticket that somebody was told is recorded.
    pub fn acknowledged(&self) -> std::collections::BTreeSet<String> {
        self.tills.iter().flat_map(|till| Journal::read(&till.journal)).collect()
    }
}

/// The whole folder, whatever says who the till is with it.
fn copied(from: &Path, to: &PathBuf) {
    fs::create_dir_all(to).expect("a disk");
    for entry in fs::read_dir(from).expect("a disk").flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copied disk");
    }
}
