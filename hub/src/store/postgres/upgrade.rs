//! Bringing the tables up to date: by their owner alone, one hub at a time, and never under a hub from before the roles,
//! whose rows would vanish before its eyes.

use deadpool_postgres::Object;

use super::{
    super::migrate,
    failure::failure,
    roles::{self, text},
};
use crate::StoreError;

/// Holds off other hubs while the tables are brought up to date.
const MIGRATION_LOCK: i64 = 0x0ff1_c14e;

/// Tables there are, of a hub that knew no roles.
const UNBOUND: &str = "SELECT relname::text FROM pg_class WHERE oid = to_regclass('pharmacy') AND NOT relrowsecurity";

/// Who is connected as the owner and is no hub that knows the roles: those call themselves officine-hub.
const OTHERS: &str = "SELECT string_agg(format('%s %s', pid, application_name), ', ') FROM pg_stat_activity \
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() \
    AND usename IN (current_user, session_user) AND coalesce(application_name, '') NOT LIKE 'officine-hub%'";

/// The version of the tables; 0 where there are none.
pub(super) async fn version(client: &Object) -> Result<i64, StoreError> {
    let known = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
    if !client.query_one(known, &[]).await.map_err(failure)?.get::<_, bool>(0) {
        return Ok(0);
    }
    let sql = "SELECT coalesce(max(version), 0)::bigint FROM refinery_schema_history";
    Ok(client.query_one(sql, &[]).await.map_err(failure)?.get(0))
}

/// Brings the tables up to date and binds them to their pharmacies. What speaks against it is found before anything is
/// changed.
pub(super) async fn upgrade(client: &mut Object, serving: &str) -> Result<(), StoreError> {
    client.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0").await.map_err(failure)?;
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.map_err(failure)?;
    let runner = migrate::postgres::migrations::runner();
    let found = version(client).await?;
    migrate::check_version(found, &runner)?;
    roles::owns(client).await?;
    if text(client, UNBOUND).await?.is_some()
        && let Some(others) = text(client, OTHERS).await?
    {
        return Err(StoreError::HubRunning(others));
    }
    if found < migrate::newest(&runner) {
        roles::unbind(client).await?;
        let run = runner.run_async(&mut ***client).await;
        run.map_err(|error| StoreError::Failed(error.to_string()))?;
    }
    roles::bind(client, serving).await
}
