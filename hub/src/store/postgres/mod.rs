//! PostgreSQL: a pool of connections under a role that owns nothing and sees one pharmacy at a time; the owner's role
//! for the owner's acts alone. Writes of one pharmacy exclude each other by its row lock. A connection whose
//! transaction was not ended in order is thrown away.

pub(crate) mod aside;
mod failure;
mod live;
mod roles;
mod session;
mod target;
mod upgrade;

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use tracing::Instrument;

use self::{
    failure::failure,
    session::{PostgresSession, Sent, binding},
    target::Target,
    upgrade::{upgrade, version},
};
use super::{
    PoolUse,
    ahead::Turns,
    migrate,
    session::{Database, Job, Scope},
    uploads::Uploads,
    wakes::Wakes,
};
use crate::StoreError;

const OWNERS: usize = 2;
const WAIT: std::time::Duration = std::time::Duration::from_secs(10);

/// A database server.
#[derive(Clone)]
pub struct Postgres {
    serving: Pool,
    owner: Option<Pool>,
    uploads: Uploads,
    turns: Turns,
    wakes: Wakes,
    target: Target,
}

impl Postgres {
    /// Connects with the role that serves. With the owner's URL the tables are brought up to date first, and the role
    /// is given what it needs. One URL alone may be the owner's: a role without log-in is then made to serve with.
    /// Refused where the role that serves could see past row-level security.
    pub async fn open(app: &str, owner: Option<&str>) -> Result<Self, StoreError> {
        let target = Target::parse(app)?;
        let opened = match owner {
            Some(owner) => Self::pair(target, &Target::parse(owner)?).await?,
            None => Self::alone(target).await?,
        };
        if let Some(owner) = &opened.owner {
            let mut lease = lease(&opened.serving).await?;
            roles::fit(lease.client()?).await?;
            let role = roles::current(lease.client()?).await?;
            upgrade(self::lease(owner).await?.client()?, &role).await?;
        }
        opened.check().await?;
        Ok(opened)
    }

    fn new(target: Target, owner: Option<Pool>) -> Result<Self, StoreError> {
        let serving = pool(&target)?;
        let (uploads, turns, wakes) = Default::default();
        Ok(Self { serving, owner, uploads, turns, wakes, target })
    }

    /// With two URLs, of one database. Tables are looked for where the owner has them.
    async fn pair(serving: Target, owner: &Target) -> Result<Self, StoreError> {
        let owning = owners(owner)?;
        let (mut owner, mut client) = (lease(&owning).await?, lease(&owners(&serving)?).await?);
        roles::same_database(client.client()?, owner.client()?).await?;
        let schema = roles::schema(owner.client()?).await?;
        Self::new(serving.in_schema(&schema), Some(owning))
    }

    /// With one URL: the owner's, then a role is made; or the serving one, then somebody else brings tables up to date.
    async fn alone(target: Target) -> Result<Self, StoreError> {
        let mut lease = lease(&owners(&target)?).await?;
        let Some(role) = roles::stand_in(lease.client()?).await? else {
            return Self::new(target, None);
        };
        tracing::info!(role, "one URL for both roles: serving with a role of its own, by SET ROLE");
        let schema = roles::schema(lease.client()?).await?;
        let owner = owners(&target)?;
        Self::new(target.in_schema(&schema).serving_as(&role), Some(owner))
    }

    /// What the role that serves finds must be what this hub knows, and must hold it.
    async fn check(&self) -> Result<(), StoreError> {
        let mut lease = lease(&self.serving).await?;
        let client = lease.client()?;
        let found = version(client).await?;
        let runner = migrate::postgres::migrations::runner();
        migrate::check_version(found, &runner)?;
        if found < migrate::newest(&runner) {
            return Err(StoreError::NeedsOwner("bringing the tables up to date"));
        }
        roles::check(client).await?;
        lease.give_back();
        Ok(())
    }

    async fn run<T: Send + 'static>(&self, begin: &str, scope: Scope, job: Job<T>) -> Result<T, StoreError> {
        let begin = match scope {
            Scope::Pharmacy(pharmacy) => format!("{begin}; {}", binding(pharmacy)),
            Scope::Nobody | Scope::Owner => begin.to_owned(),
        };
        let pool = match (scope, &self.owner) {
            (Scope::Owner, None) => return Err(StoreError::NeedsOwner("an act of the owner")),
            (Scope::Owner, Some(owner)) => owner.clone(),
            _ => self.serving.clone(),
        };
        let work = async move {
            let mut lease = lease(&pool).await?;
            let client = lease.client()?;
            let mut beginning = Sent::new(client.batch_execute(&begin));
            beginning.send().await;
            let given = job(&mut PostgresSession(client)).await;
            beginning.answer().await.map_err(failure)?;
            let end = if given.is_ok() { "COMMIT" } else { "ROLLBACK" };
            lease.client()?.batch_execute(end).await.map_err(failure)?;
            if scope != Scope::Owner {
                lease.give_back();
            }
            given
        };
        let joined = tokio::spawn(work.in_current_span()).await;
        joined.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
    }
}

fn pool(target: &Target) -> Result<Pool, StoreError> {
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(target.config.clone(), target.tls.clone(), manager))
        .max_size(target.pool)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .build()
        .map_err(|error| StoreError::Failed(error.to_string()))
}

/// Connections of the owner: few, and none is kept.
fn owners(target: &Target) -> Result<Pool, StoreError> {
    pool(&Target { pool: OWNERS, ..target.clone() })
}

async fn lease(pool: &Pool) -> Result<Lease, StoreError> {
    use deadpool_postgres::PoolError;
    let object = pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) if error.as_db_error().is_some() => failure(error),
        error => StoreError::Busy(error.to_string()),
    })?;
    Ok(Lease(Some(object)))
}

/// A connection that goes back to the pool only if it is given back.
struct Lease(Option<Object>);

impl Lease {
    fn client(&mut self) -> Result<&mut Object, StoreError> {
        self.0.as_mut().ok_or_else(|| StoreError::Busy("no connection".to_owned()))
    }

    fn give_back(&mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

#[async_trait]
impl Database for Postgres {
    fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    fn turns(&self) -> &Turns {
        &self.turns
    }

    fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    async fn listen(&self) {
        live::listen(&self.target, &self.wakes).await;
    }

    async fn write<T: Send + 'static>(&self, scope: Scope, job: Job<T>) -> Result<T, StoreError> {
        self.run("BEGIN", scope, job).await
    }

    async fn read<T: Send + 'static>(&self, scope: Scope, job: Job<T>) -> Result<T, StoreError> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", scope, job).await
    }

    fn pool(&self) -> Option<PoolUse> {
        let now = self.serving.status();
        Some(PoolUse { busy: now.size.saturating_sub(now.available), idle: now.available, waiting: now.waiting })
    }
}
