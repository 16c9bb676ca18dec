//! The certificate: « caisse et serveur identiques à la révision N, k opérations en attente ». Every row of both is in it;
//! two tills that are equal bear the same seal.

use officine_protocol::{roles::Permission, value::hex};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest as _, Sha256};

use super::{Repair, compare::Standing, narrow::folded};
use crate::{
    engine::Till,
    error::{Error, Result},
    sync::{pull, push, shared::Trigger},
    views::{CertificateView, Topic},
};

/// Certificates that are kept, newest first.
const KEPT: i64 = 100;
/// Bytes of the seal that are shown.
const SHOWN: usize = 8;

impl Till {
    /// Lays both books side by side and says how they stand. Nothing is mended.
    pub fn certify(&self) -> Result<CertificateView> {
        self.allow(Permission::SeeSync)?;
        self.certify_as("manual")
    }

    /// The same, for the device itself.
    pub fn certify_as(&self, trigger: &'static str) -> Result<CertificateView> {
        let (device, mut told) = (self.device()?, None);
        let ran = self.alone(device, Trigger::Manual, |run| {
            let mut repair = Repair::begin(run, trigger, false);
            let standing = repair.standing();
            let certificate = repair.certificate(trigger, standing)?;
            self.store.write(|tx| keep(tx, &certificate))?;
            told = Some(certificate);
            Ok(())
        })?;
        self.changed(&[Topic::Sync]);
        told.ok_or_else(|| match ran.problem {
            Some(problem) => Error::Hub { code: problem.code, params: problem.params },
            None => Error::refused("sync_cancelled", Default::default()),
        })
    }

    /// Lays both books side by side, mends the rows that differ and nothing else, and says how they stand then: seconds, where
    /// a look at everything takes as long as there are rows.
    pub fn certify_mended(&self) -> Result<CertificateView> {
        let first = self.certify_as("manual")?;
        if first.equal || first.problem.is_some() {
            return Ok(first);
        }
        self.alone(self.device()?, Trigger::Manual, |run| {
            let mut repair = Repair::begin(run, "manual", false);
            let outcome = repair.reconcile().map(drop);
            repair.end(outcome).map(drop)
        })?;
        self.certify_as("manual")
    }

    /// The certificates that are kept, newest first.
    pub fn list_certificates(&self) -> Result<Vec<CertificateView>> {
        self.allow(Permission::SeeSync)?;
        self.store.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT body FROM certificate ORDER BY id DESC")?;
            let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
            bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
        })
    }
}

impl Repair<'_, '_> {
    /// Both books, once what waits has gone and what is new has come.
    fn standing(&mut self) -> Result<Standing> {
        push::push(self.run)?;
        pull::pull(self.run)?;
        self.compare()
    }

    /// What a comparison certifies. One that could not be made is certified as that.
    fn certificate(&self, trigger: &str, standing: Result<Standing>) -> Result<CertificateView> {
        let (standing, problem) = match standing {
            Ok(standing) => (standing, None),
            Err(error @ (Error::Store(_) | Error::File(_))) => return Err(error),
            Err(error) => (Standing::default(), Some(error.problem())),
        };
        let report = &self.run.report;
        let (began, now) = (self.journal.report.started_at, self.run.till.clock.now());
        Ok(CertificateView {
            at: now,
            trigger: trigger.to_owned(),
            equal: problem.is_none() && standing.equal(),
            revision: standing.revision,
            epoch: standing.epoch,
            pending: standing.pending,
            rows: standing.rows,
            rows_read: standing.read,
            bytes: report.bytes_up + report.bytes_down,
            duration_ms: now - began,
            differing: standing.differing.iter().map(|entity| entity.name.to_owned()).collect(),
            seal: if problem.is_some() { String::new() } else { seal(&standing) },
            problem,
        })
    }
}

/// SHA-256 over the digests of every entity, by name: count, sum and names, big-endian.
fn seal(standing: &Standing) -> String {
    let mut hash = Sha256::new();
    for (entity, fine) in &standing.fine {
        hash.update(entity.as_bytes());
        for digest in folded(fine, 1) {
            hash.update(digest.count.to_be_bytes());
            hash.update(digest.sum.to_be_bytes());
            hash.update(digest.names.to_be_bytes());
        }
    }
    let whole: [u8; 32] = hash.finalize().into();
    hex(&whole[..SHOWN])
}

fn keep(connection: &Connection, certificate: &CertificateView) -> Result<()> {
    let sql = "INSERT INTO certificate (at, \"trigger\", body) VALUES (?1, ?2, ?3)";
    connection.execute(sql, (certificate.at, &certificate.trigger, serde_json::to_string(certificate)?))?;
    connection.execute("DELETE FROM certificate WHERE id <= ?1", [connection.last_insert_rowid() - KEPT])?;
    Ok(())
}

/// The last one.
pub fn last(connection: &Connection) -> Result<Option<CertificateView>> {
    let sql = "SELECT body FROM certificate ORDER BY id DESC LIMIT 1";
    let body: Option<String> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
}
