//! Who is at the till: sign-in by PIN, lock-out that survives a restart, roles.

mod contacts;
pub mod customers;
pub mod pin;
pub mod users;

use officine_protocol::{
    Uid,
    entities::USER,
    params,
    record::Record,
    roles::{Permission, Role},
};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    Trigger,
    act::Act,
    engine::Till,
    error::{Error, Result},
    refuse, settings,
    store::rows,
    sync::cursor,
    views::{CreateOwnerArgs, PersonCard, RoleName, SessionView, SignInArgs, Topic},
};

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Identity.
    pub user: Uid,
    /// Full name.
    pub name: String,
    /// Role.
    pub role: Role,
}

impl Session {
    /// As the window sees it.
    pub fn view(&self) -> SessionView {
        let permissions = self.role.permissions().map(str::to_owned).collect();
        SessionView { uid: self.user.to_string(), name: self.name.clone(), role: role_name(self.role), permissions }
    }
}

fn role_name(role: Role) -> RoleName {
    match role {
        Role::Cashier => RoleName::Cashier,
        Role::Pharmacist => RoleName::Pharmacist,
        Role::Manager => RoleName::Manager,
        Role::Owner => RoleName::Owner,
    }
}

/// A user as sign-in needs it.
struct Account {
    id: i64,
    uid: Uid,
    login: String,
    name: String,
    role: Role,
    pin_hash: String,
    locked_until: Option<i64>,
}

fn accounts(connection: &Connection) -> Result<Vec<Account>> {
    let sql = "SELECT id, uid, login, name, role, pin_hash, locked_until FROM \"user\" \
               WHERE archived_at IS NULL ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let role: String = row.get(4)?;
        Ok(Account {
            id: row.get(0)?,
            uid: rows::read_uid(row, 1)?,
            login: row.get(2)?,
            name: row.get(3)?,
            role: Role::parse(&role).unwrap_or(Role::Cashier),
            pin_hash: row.get(5)?,
            locked_until: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn account(connection: &Connection, uid: &str) -> Result<Account> {
    let wanted = accounts(connection)?.into_iter().find(|account| account.uid.to_string() == uid);
    wanted.ok_or_else(|| Error::refused("user_unknown", params!()))
}

/// The role a person has now; nobody archived has one.
pub fn role_now(connection: &Connection, user: Uid) -> Result<Option<Role>> {
    let sql = "SELECT role FROM \"user\" WHERE uid = ?1 AND archived_at IS NULL";
    let uid = rows::canonical(connection, &USER, user)?;
    let role: Option<String> =
        connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
    Ok(role.map(|role| Role::parse(&role).unwrap_or(Role::Cashier)))
}

impl Till {
    /// Everybody who may sign in.
    pub fn people(&self) -> Result<Vec<PersonCard>> {
        let now = self.clock.now();
        self.store.read(|connection| {
            let pins = settings::demo_pins(connection)?;
            let lines = "SELECT count(*) FROM cart_line l JOIN cart c ON c.id = l.cart_id WHERE c.user_id = ?1 AND c.held_at IS NULL";
            accounts(connection)?
                .into_iter()
                .map(|account| {
                    Ok(PersonCard {
                        kept_lines: connection.prepare_cached(lines)?.query_row([account.id], |row| row.get(0))?,
                        demo_pin: pins.get(&account.login).cloned(),
                        uid: account.uid.to_string(),
                        role: role_name(account.role),
                        locked_until: pin::locked(account.locked_until, now),
                        name: account.name,
                        login: account.login,
                    })
                })
                .collect()
        })
    }

    /// Signs somebody in. A wrong PIN is counted on disk before it is answered.
    pub fn sign_in(&self, args: &SignInArgs) -> Result<SessionView> {
        let account = self.store.read(|connection| account(connection, &args.uid))?;
        self.verify_pin(&account, &args.pin)?;
        let session = Session { user: account.uid, name: account.name, role: account.role };
        let view = session.view();
        self.set_session(Some(session));
        Ok(view)
    }

    /// Whether a PIN is somebody's: each is counted as a wrong one, on disk, before it is looked at, and a right one wipes
    /// the slate. Of those tried at once, no more are looked at than of those tried one by one.
    fn verify_pin(&self, account: &Account, pin: &str) -> Result<()> {
        let secret = self.device()?.pin_secret;
        let failed = self.count_try(account.id, self.clock.now())?;
        if pin::verify(pin, &secret, &account.pin_hash)? {
            return self.forget_wrong_pins(account.id);
        }
        match pin::lock_minutes(failed) {
            Some(minutes) => refuse!("pin_locked", minutes: minutes),
            None => refuse!("pin_wrong", left: pin::TRIES - failed),
        }
    }

    /// Gives how many there were in a row, this one included; refused while they lock.
    fn count_try(&self, user: i64, now: i64) -> Result<i64> {
        self.store.write(|tx| {
            let until = tx.query_row("SELECT locked_until FROM \"user\" WHERE id = ?1", [user], |row| row.get(0))?;
            if let Some(until) = pin::locked(until, now) {
                return refuse!("pin_locked", minutes: minutes(until - now));
            }
            let sql = "UPDATE \"user\" SET failed_pins = failed_pins + 1 WHERE id = ?1 RETURNING failed_pins";
            let failed = tx.query_row(sql, [user], |row| row.get(0))?;
            let locked_until = pin::lock_minutes(failed).map(|minutes| now + minutes * 60_000);
            tx.execute("UPDATE \"user\" SET locked_until = ?2 WHERE id = ?1", (user, locked_until))?;
            Ok(failed)
        })
    }

    fn forget_wrong_pins(&self, user: i64) -> Result<()> {
        self.store.write(|tx| {
            tx.execute("UPDATE \"user\" SET failed_pins = 0, locked_until = NULL WHERE id = ?1", [user])?;
            Ok(())
        })
    }

    /// Signs out. The open cart stays for whoever opened it.
    pub fn sign_out(&self) {
        self.set_session(None);
    }

    /// Lets a locked person try again.
    pub fn unlock_user(&self, uid: &str) -> Result<()> {
        self.allow(Permission::UnlockUser)?;
        let account = self.store.read(|connection| account(connection, uid))?;
        self.forget_wrong_pins(account.id)?;
        self.changed(&[Topic::People]);
        Ok(())
    }

    /// The first user of a pharmacy that has none, as the hub has said: this till has read all there is, now if it never had.
    pub fn create_owner(&self, args: &CreateOwnerArgs) -> Result<()> {
        self.read_once()?;
        self.act(None, |act| {
            if !accounts(act.tx)?.is_empty() {
                return refuse!("forbidden", permission: "create_owner");
            }
            add_user(self, act, &args.login, &args.name, Role::Owner, &args.pin)?;
            Ok(())
        })?;
        self.changed(&[Topic::People]);
        Ok(())
    }
}

impl Till {
    /// Reads what the hub has, if this till never has: before that, nobody here is not nobody at all.
    pub(crate) fn read_once(&self) -> Result<()> {
        self.device()?;
        if self.store.read(cursor::load)?.last_success.is_some() {
            return Ok(());
        }
        match self.sync_now(Trigger::Manual)?.problem {
            Some(problem) => Err(Error::hub(&problem.code, problem.params)),
            None => Ok(()),
        }
    }
}

/// Adds a user.
pub fn add_user(till: &Till, act: &mut Act<'_>, login: &str, name: &str, role: Role, pin: &str) -> Result<Uid> {
    let hash = pin::hash(pin, &till.device()?.pin_secret, till.entropy.as_ref())?;
    let mut user = Record::new(&USER, act.mint(), act.now);
    user.set(&USER, "login", login.trim().to_lowercase()).set(&USER, "name", name.trim());
    user.set(&USER, "role", role.name()).set(&USER, "pin_hash", hash);
    act.create(&USER, &mut user)?;
    users::check(act, user.uid)
}

fn minutes(millis: i64) -> i64 {
    (millis + 59_999) / 60_000
}
