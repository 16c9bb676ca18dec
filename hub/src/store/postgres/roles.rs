//! Two roles: the owner migrates and does the owner's acts; the one that serves owns nothing, may do no more than the
//! hub does, and sees the rows of the pharmacy its transaction named. A role that could see more is refused.

use deadpool_postgres::Object;
use officine_protocol::entities::ENTITIES;

use super::{
    super::{join, recast},
    failure::failure,
};
use crate::StoreError;

const BIND: &str = include_str!("bind.sql");

/// What is wrong with the current role, if anything.
const UNFIT: &str = "SELECT CASE \
    WHEN EXISTS (SELECT FROM pg_roles s WHERE s.rolsuper AND pg_has_role(current_user, s.oid, 'MEMBER')) \
        THEN 'is a superuser' \
    WHEN EXISTS (SELECT FROM pg_roles s WHERE s.rolbypassrls AND pg_has_role(current_user, s.oid, 'MEMBER')) \
        THEN 'bypasses row-level security' \
    WHEN EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace \
        AND pg_has_role(current_user, c.relowner, 'MEMBER')) THEN 'owns tables' \
    WHEN EXISTS (SELECT FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a \
        WHERE n.nspname = current_schema() AND a.grantee = 0 AND a.privilege_type = 'CREATE') \
        THEN format('may create tables as anybody may: REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema()) \
    WHEN has_schema_privilege(current_schema(), 'CREATE') THEN 'may create tables' END";

/// Tables of the infrastructure and what the hub does to them. What was done is only ever added to.
const INFRASTRUCTURE: &[(&str, &str)] = &[
    ("refinery_schema_history", "SELECT"),
    ("pharmacy", "SELECT, UPDATE (revision, next_id, next_series, next_device, epoch, epoch_began)"),
    ("device", "SELECT, INSERT, UPDATE"),
    ("enrolment_code", "SELECT, UPDATE (used_at)"),
    ("idempotency", "SELECT, INSERT, DELETE"),
    ("answered", "SELECT, INSERT"),
    ("quarantined_operation", "SELECT, INSERT"),
    ("commit_log", "SELECT, INSERT"),
    ("lost_history", "SELECT, INSERT"),
    ("lost_return", "SELECT, INSERT"),
    ("change_log", "SELECT, INSERT"),
    ("uid_map", "SELECT, INSERT"),
    ("digest_range", "SELECT, INSERT, UPDATE, DELETE"),
];

/// Table and privileges. The parts of a document are never replaced.
fn privileges() -> impl Iterator<Item = (&'static str, &'static str)> {
    let entities = ENTITIES.iter().flat_map(|entity| {
        let parts = if entity.document { "SELECT, INSERT" } else { "SELECT, INSERT, DELETE" };
        let row = std::iter::once((entity.table, "SELECT, INSERT, UPDATE"));
        row.chain(entity.parts.iter().map(move |part| (part.table, parts)))
    });
    INFRASTRUCTURE.iter().copied().chain(entities)
}

/// The hub's tables there are, as the end of a statement on `pg_class c`. Others in the schema are somebody else's.
pub(super) fn ours() -> String {
    let names: Vec<String> = privileges().map(|(table, _)| format!("'{table}'")).collect();
    let names = names.join(", ");
    format!("c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname IN ({names})")
}

/// What a statement answers in its first row.
pub(super) async fn text(client: &Object, sql: &str) -> Result<Option<String>, StoreError> {
    let row = client.query_opt(sql, &[]).await.map_err(failure)?;
    Ok(row.and_then(|row| row.get(0)))
}

/// The role statements run as.
pub(super) async fn current(client: &Object) -> Result<String, StoreError> {
    Ok(text(client, "SELECT current_user::text").await?.unwrap_or_default())
}

/// Refuses a role that could see past row-level security.
pub(super) async fn fit(client: &Object) -> Result<(), StoreError> {
    match text(client, UNFIT).await? {
        Some(why) => Err(StoreError::Role { role: current(client).await?, why }),
        None => Ok(()),
    }
}

/// The schema where the current role has its tables.
pub(super) async fn schema(client: &Object) -> Result<String, StoreError> {
    text(client, "SELECT current_schema()::text").await?.ok_or(StoreError::Unknown("schema"))
}

/// Refuses two connections that do not reach one database.
pub(super) async fn same_database(one: &Object, other: &Object) -> Result<(), StoreError> {
    let sql = "SELECT format('%s %s', oid, extract(epoch FROM pg_postmaster_start_time())) FROM pg_database \
               WHERE datname = current_database()";
    if text(one, sql).await? == text(other, sql).await? { Ok(()) } else { Err(StoreError::TwoDatabases) }
}

/// Refuses a role as the owner where another owns a table of the hub, though it might do whatever the owner may: what it
/// made would be its own, and the owner's functions would no longer see it.
pub(super) async fn owns(client: &Object) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT format('%s belongs to « %s »', c.relname, r.rolname) FROM pg_class c JOIN pg_roles r \
         ON r.oid = c.relowner WHERE {} AND r.rolname <> current_user ORDER BY c.relname <> 'pharmacy' LIMIT 1",
        ours()
    );
    match text(client, &sql).await? {
        Some(table) => Err(StoreError::NotOwner { role: current(client).await?, table }),
        None => Ok(()),
    }
}

/// Refuses a role that is not held by row-level security in every table.
pub(super) async fn check(client: &Object) -> Result<(), StoreError> {
    fit(client).await?;
    let unbound = format!(
        "SELECT c.relname::text FROM pg_class c WHERE {} AND c.relname <> 'refinery_schema_history' \
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity) LIMIT 1",
        ours()
    );
    match text(client, &unbound).await? {
        Some(table) => {
            let why = format!("finds table {table} without row-level security");
            Err(StoreError::Role { role: current(client).await?, why })
        }
        None => Ok(()),
    }
}

/// The role to serve with where the one connected, the tables' owner, may not: without log-in, of this database alone.
pub(super) async fn stand_in(client: &Object) -> Result<Option<String>, StoreError> {
    let Some(why) = text(client, UNFIT).await? else { return Ok(None) };
    owns(client).await?;
    let name = "SELECT 'officine_serving_' || oid FROM pg_database WHERE datname = current_database()";
    let role = text(client, name).await?.ok_or_else(|| StoreError::shape("database"))?;
    let known = format!("SELECT rolname::text FROM pg_roles WHERE rolname = '{role}'");
    if text(client, &known).await?.is_none() {
        let made = client.batch_execute(&format!("CREATE ROLE {role} NOLOGIN; GRANT {role} TO CURRENT_USER")).await;
        if made.is_err() && text(client, &known).await?.is_none() {
            let why = format!("{why}, and may not make a role to serve with");
            return Err(StoreError::Role { role: current(client).await?, why });
        }
    }
    Ok(Some(role))
}

/// Lets the owner see all rows, while a migration may rewrite them.
pub(super) async fn unbind(client: &Object) -> Result<(), StoreError> {
    let forced = format!(
        "SELECT format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', c.relname) FROM pg_class c \
         WHERE {} AND c.relforcerowsecurity",
        ours()
    );
    for row in client.query(&forced, &[]).await.map_err(failure)? {
        client.batch_execute(row.get(0)).await.map_err(failure)?;
    }
    Ok(())
}

/// Says which tables beside the hub's own are left alone.
async fn warn_of_others(client: &Object) -> Result<(), StoreError> {
    let others = format!(
        "SELECT string_agg(c.relname, ', ') FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace \
         AND c.relkind IN ('r', 'p') AND NOT ({})",
        ours()
    );
    if let Some(tables) = text(client, &others).await? {
        tracing::warn!(tables, "not the hub's, though in its schema: bound to no pharmacy");
    }
    Ok(())
}

/// Binds every table of the hub to its pharmacy, and gives the role that serves what it needs, in one transaction.
pub(super) async fn bind(client: &mut Object, serving: &str) -> Result<(), StoreError> {
    warn_of_others(client).await?;
    let tables: Vec<&str> = privileges().map(|(table, _)| table).collect();
    let work = client.transaction().await.map_err(failure)?;
    let told = "SELECT set_config('officine.serving', $1, true), set_config('officine.tables', $2, true)";
    work.execute(told, &[&serving, &tables.join(",")]).await.map_err(failure)?;
    work.batch_execute(BIND).await.map_err(failure)?;
    let quoted = "SELECT quote_ident($1), quote_ident(current_schema())";
    let row = work.query_one(quoted, &[&serving]).await.map_err(failure)?;
    let (quoted, here): (String, String) = (row.get(0), row.get(1));
    let grant = |(table, what): (&str, &str)| format!("GRANT {what} ON \"{table}\" TO {quoted};");
    work.batch_execute(&privileges().map(grant).collect::<String>()).await.map_err(failure)?;
    let functions = [join::functions(&here, &quoted), recast::functions(&here, &quoted)].concat();
    work.batch_execute(&functions).await.map_err(failure)?;
    work.commit().await.map_err(failure)
}
