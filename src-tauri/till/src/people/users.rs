//! Who works here: created, edited and archived by those above them; PINs changed by their owner or by a manager.

use officine_protocol::{
    Uid,
    entities::USER,
    record::Record,
    roles::{Permission, Role},
};
use rusqlite::Connection;
use serde_json::Value as Json;

use super::{Account, Session, account, accounts, pin};
use crate::{
    act::Act,
    editing::{self, Fields, Values},
    engine::Till,
    error::{Error, Result},
    refuse,
    views::Topic,
};

/// Somebody to be added.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    /// Typed at sign-in on a command line; lower case.
    pub login: &'a str,
    /// Full name.
    pub name: &'a str,
    /// At most the role of whoever adds them.
    pub role: &'a str,
    /// 4 to 8 digits.
    pub pin: &'a str,
}

impl Till {
    /// Adds somebody.
    pub fn create_user(&self, new: &NewUser<'_>) -> Result<Json> {
        let role = role_of(new.role)?;
        self.on_user(|act, session| {
            below(act.tx, session, role)?;
            super::add_user(self, act, new.login, new.name, role, new.pin)
        })
    }

    /// Another name, login or role. `last_owner` where nobody would be left who owns the pharmacy.
    pub fn edit_user(&self, uid: &str, fields: &Fields) -> Result<Json> {
        self.on_user(|act, session| {
            let before = subject(act, session, uid)?;
            let values = read(fields)?;
            for (_, role) in values.iter().filter(|(name, _)| *name == "role") {
                let role = role_of(role.text().unwrap_or_default())?;
                below(act.tx, session, role)?;
                if before.role == Role::Owner && role != Role::Owner {
                    another_owner(act.tx, before.uid)?;
                }
            }
            act.update(&USER, before.uid, values, vec![])?;
            check(act, before.uid)
        })
    }

    /// Archives somebody: they sign in no more, and what they did bears their name.
    pub fn archive_user(&self, uid: &str) -> Result<Json> {
        self.on_user(|act, session| {
            let account = subject(act, session, uid)?;
            if account.role == Role::Owner {
                another_owner(act.tx, account.uid)?;
            }
            act.archive(&USER, account.uid).map(|_| account.uid)
        })
    }

    /// One's own PIN, by the old one. Who is signed in stays so: the new one counts from the next time. A wrong old one
    /// is counted as at sign-in.
    pub fn change_pin(&self, old: &str, new: &str) -> Result<()> {
        let (session, secret) = (self.session()?, self.device()?.pin_secret);
        let account = self.store.read(|connection| account(connection, &session.user.to_string()))?;
        self.verify_pin(&account, old)?;
        let hash = pin::hash(new, &secret, self.entropy.as_ref())?;
        self.act(Some(session.user), |act| act.update(&USER, account.uid, vec![("pin_hash", hash.into())], vec![]))?;
        self.changed(&[Topic::People, Topic::Sync]);
        Ok(())
    }

    /// Another's PIN, by who may manage them. They are not locked any more.
    pub fn reset_pin(&self, uid: &str, new: &str) -> Result<Json> {
        self.allow(Permission::ManageUsers)?;
        let hash = pin::hash(new, &self.device()?.pin_secret, self.entropy.as_ref())?;
        self.on_user(|act, session| {
            let account = subject(act, session, uid)?;
            act.update(&USER, account.uid, vec![("pin_hash", hash.into())], vec![])?;
            act.tx.execute("UPDATE \"user\" SET failed_pins = 0, locked_until = NULL WHERE id = ?1", [account.id])?;
            Ok(account.uid)
        })
    }

    fn on_user(&self, act: impl FnOnce(&mut Act<'_>, &Session) -> Result<Uid>) -> Result<Json> {
        self.act_on(Permission::ManageUsers, &USER, Topic::People, act)
    }
}

fn role_of(name: &str) -> Result<Role> {
    let unknown = || Error::refused("field_invalid", officine_protocol::params! { field: "role" });
    Role::parse(name).ok_or_else(unknown)
}

/// Nobody gives a role above their own, nor touches somebody who has one.
fn below(connection: &Connection, session: &Session, role: Role) -> Result<()> {
    match super::role_now(connection, session.user)? {
        Some(own) if own >= role => Ok(()),
        _ => refuse!("role_above", role: role.name()),
    }
}

fn subject(act: &Act<'_>, session: &Session, uid: &str) -> Result<Account> {
    let account = account(act.tx, uid)?;
    below(act.tx, session, account.role).map(|()| account)
}

fn another_owner(connection: &Connection, leaving: Uid) -> Result<()> {
    let owners = accounts(connection)?;
    match owners.iter().any(|account| account.role == Role::Owner && account.uid != leaving) {
        true => Ok(()),
        false => refuse!("last_owner"),
    }
}

fn read(fields: &Fields) -> Result<Values> {
    let mut values = editing::read(&USER, fields, &[])?;
    for (_, login) in values.iter_mut().filter(|(name, _)| *name == "login") {
        *login = login.text().unwrap_or_default().to_lowercase().into();
    }
    Ok(values)
}

/// Refuses somebody without a name or a login, and a login that is another's.
pub(super) fn check(act: &Act<'_>, uid: Uid) -> Result<Uid> {
    let user = act.living(&USER, uid)?;
    let text = |record: &Record, name| record.get(&USER, name).text().unwrap_or_default().to_owned();
    if text(&user, "login").is_empty() || text(&user, "name").is_empty() {
        return refuse!("name_missing");
    }
    match editing::twin(act.tx, &USER, uid)? {
        Some(twin) => refuse!("login_taken", login: text(&twin, "login")),
        None => Ok(uid),
    }
}

/// Refuses another role, login or name for somebody that whoever is signed in could not give them by an edit.
pub(crate) fn check_given(connection: &Connection, session: &Session, before: &Record, after: &Record) -> Result<()> {
    let role = |record: &Record| role_of(record.get(&USER, "role").text().unwrap_or_default());
    let (old, new) = (role(before)?, role(after)?);
    below(connection, session, old)?;
    below(connection, session, new)?;
    if old == Role::Owner && new != Role::Owner {
        another_owner(connection, before.uid)?;
    }
    match [after.get(&USER, "login"), after.get(&USER, "name")].iter().any(|text| text.text() == Some("")) {
        true => refuse!("name_missing"),
        false => Ok(()),
    }
}
