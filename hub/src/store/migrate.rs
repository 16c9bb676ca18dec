//! Migrations, and the whole contract over any database that runs jobs.

use async_trait::async_trait;
use officine_protocol::{
    Uid,
    messages::{DigestResponse, DigestRowsResponse, LogRequest, LogResponse},
};

use super::{
    Ahead, Ask, Batch, Bearer, CheckAsk, Checked, Database, DeviceLine, Enrolled, Enrolment, Given, Hashed, History,
    HistoryAsk, KeptOperation, Lineage, Narrow, NewPharmacy, Offer, Page, PoolUse, Pushed, Renewed, Standing,
    StockFilter, StockLine, Store, TakenBack, Wakes, Walk, WalkAsk, Wanted, admin, ahead, check, devices, digest,
    history, lineage, log, offer, pull, quarantine, rows, session::Scope, uploads, walk,
};
use crate::{
    StoreError,
    decide::{Decide, Device},
    secrets::Hash,
};

pub(crate) mod sqlite {
    refinery::embed_migrations!("migrations/sqlite");
}

pub(crate) mod postgres {
    refinery::embed_migrations!("migrations/postgres");
}

/// The version the tables have once they are up to date.
pub(crate) fn newest(runner: &refinery::Runner) -> i64 {
    runner.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
}

/// Refuses a database written by a newer hub.
pub(crate) fn check_version(found: i64, runner: &refinery::Runner) -> Result<(), StoreError> {
    let known = newest(runner);
    if found > known { Err(StoreError::SchemaNewer { found, known }) } else { Ok(()) }
}

#[async_trait]
impl<D: Database> Store for D {
    async fn transact(&self, batch: Batch, decide: Decide) -> Result<Pushed, StoreError> {
        uploads::transact(self, batch, decide).await
    }

    async fn page(&self, device: &Device, ask: Ask) -> Result<Page, StoreError> {
        let pharmacy = device.pharmacy;
        self.read(
            Scope::Pharmacy(pharmacy),
            Box::new(move |s| Box::pin(async move { pull::page(s, pharmacy, &ask).await })),
        )
        .await
    }

    fn wakes(&self) -> &Wakes {
        Database::wakes(self)
    }

    async fn listen(&self) {
        Database::listen(self).await;
    }

    async fn history(&self, device: &Device, ask: HistoryAsk) -> Result<History, StoreError> {
        let (pharmacy, who) = (device.pharmacy, (device.pharmacy, device.id));
        let found = self
            .write(
                Scope::Pharmacy(pharmacy),
                Box::new(move |s| Box::pin(async move { history::history(s, who, &ask).await })),
            )
            .await?;
        if found.began {
            Database::wakes(self).moved(pharmacy, found.revision);
        }
        Ok(found)
    }

    async fn quarantined(&self, device: Option<Uid>) -> Result<Vec<KeptOperation>, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(quarantine::list(s, device)))).await
    }

    async fn lineage(&self) -> Result<Lineage, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(lineage::lineage(s)))).await
    }

    async fn heritage(&self) -> Result<Lineage, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(lineage::heritage(s)))).await
    }

    async fn renew(&self, replaced: Option<Lineage>, now: i64, commits: Vec<Uid>) -> Result<Vec<Renewed>, StoreError> {
        self.write(Scope::Owner, Box::new(move |s| Box::pin(lineage::renew(s, replaced, now, commits)))).await
    }

    async fn backed_up(&self, reached: Vec<(Uid, i64)>, now: i64) -> Result<(), StoreError> {
        self.write(Scope::Owner, Box::new(move |s| Box::pin(async move { lineage::backed_up(s, &reached, now).await })))
            .await
    }

    async fn walk(&self, device: &Device, ask: WalkAsk) -> Result<Walk, StoreError> {
        let pharmacy = device.pharmacy;
        self.read(
            Scope::Pharmacy(pharmacy),
            Box::new(move |s| Box::pin(async move { walk::page(s, pharmacy, &ask).await })),
        )
        .await
    }

    async fn log(&self, device: &Device, asked: LogRequest) -> Result<LogResponse, StoreError> {
        let pharmacy = device.pharmacy;
        self.read(
            Scope::Pharmacy(pharmacy),
            Box::new(move |s| Box::pin(async move { log::page(s, pharmacy, &asked).await })),
        )
        .await
    }

    async fn standing(&self, pharmacy: i64) -> Result<Standing, StoreError> {
        self.read(Scope::Pharmacy(pharmacy), Box::new(move |s| Box::pin(admin::standing(s, pharmacy)))).await
    }

    async fn hash_ahead(&self, pharmacy: i64, ahead: Ahead) -> Result<Hashed, StoreError> {
        ahead::ahead(self, pharmacy, ahead).await
    }

    async fn digest(&self, pharmacy: i64, narrow: Narrow) -> Result<DigestResponse, StoreError> {
        self.read(Scope::Pharmacy(pharmacy), Box::new(move |s| Box::pin(digest::digest(s, pharmacy, narrow)))).await
    }

    async fn digest_rows(&self, pharmacy: i64, narrow: Narrow) -> Result<Option<DigestRowsResponse>, StoreError> {
        self.read(Scope::Pharmacy(pharmacy), Box::new(move |s| Box::pin(digest::rows(s, pharmacy, narrow)))).await
    }

    async fn rows(&self, device: &Device, wanted: Wanted) -> Result<Given, StoreError> {
        let pharmacy = device.pharmacy;
        self.read(
            Scope::Pharmacy(pharmacy),
            Box::new(move |s| Box::pin(async move { rows::given(s, pharmacy, &wanted).await })),
        )
        .await
    }

    async fn offer(&self, offer: Offer) -> Result<TakenBack, StoreError> {
        offer::offer(self, offer).await
    }

    async fn check(&self, ask: CheckAsk) -> Result<Checked, StoreError> {
        check::check(self, ask).await
    }

    async fn pharmacy(&self, uid: Uid) -> Result<i64, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(admin::pharmacy(s, uid)))).await
    }

    async fn enrol(&self, enrolment: Enrolment) -> Result<Enrolled, StoreError> {
        self.write(Scope::Nobody, Box::new(move |s| Box::pin(async move { devices::enrol(s, &enrolment).await }))).await
    }

    async fn bearer(&self, token: Hash) -> Result<Option<Bearer>, StoreError> {
        self.read(Scope::Nobody, Box::new(move |s| Box::pin(devices::bearer(s, token)))).await
    }

    async fn ready(&self) -> Result<bool, StoreError> {
        self.read(Scope::Nobody, Box::new(move |s| Box::pin(admin::current(s)))).await
    }

    async fn columns(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(Scope::Nobody, Box::new(move |s| Box::pin(admin::columns(s)))).await
    }

    fn pool(&self) -> Option<PoolUse> {
        Database::pool(self)
    }

    async fn create_pharmacy(&self, pharmacy: NewPharmacy) -> Result<(), StoreError> {
        self.write(Scope::Owner, Box::new(move |s| Box::pin(async move { admin::create_pharmacy(s, &pharmacy).await })))
            .await
    }

    async fn pharmacies(&self) -> Result<Vec<(Uid, String)>, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(admin::pharmacies(s)))).await
    }

    async fn create_code(&self, pharmacy: Uid, code: Hash, expires_at: i64) -> Result<(), StoreError> {
        self.write(Scope::Owner, Box::new(move |s| Box::pin(admin::create_code(s, pharmacy, code, expires_at)))).await
    }

    async fn devices(&self) -> Result<Vec<DeviceLine>, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(devices::list(s)))).await
    }

    async fn revoke(&self, device: Uid, now: i64) -> Result<(), StoreError> {
        self.write(Scope::Owner, Box::new(move |s| Box::pin(devices::revoke(s, device, now)))).await?;
        Database::wakes(self).everyone();
        Ok(())
    }

    async fn stock(&self, filter: StockFilter) -> Result<Vec<StockLine>, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(async move { admin::stock(s, &filter).await }))).await
    }

    async fn digest_of(&self, pharmacy: Uid, narrow: Narrow) -> Result<DigestResponse, StoreError> {
        self.read(Scope::Owner, Box::new(move |s| Box::pin(digest::digest_of(s, pharmacy, narrow)))).await
    }

    async fn prune(&self, decided_before: i64) -> Result<u64, StoreError> {
        self.write(Scope::Nobody, Box::new(move |s| Box::pin(devices::prune(s, decided_before)))).await
    }
}
