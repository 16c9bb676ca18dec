//! Who may push what, by the declaration. The till's engine enforces roles; the hub checks again wherever an operation
//! names its user. An operation without a user is the device's own (enrolment, import, demo load): it is trusted, but
//! gives nobody the run of a pharmacy that has an owner, nor takes its last owner away.

use officine_protocol::{
    entities::{CUSTOMER, PRODUCT, SALE_RETURN, SALE_SETTLEMENT, STOCK_ADJUSTMENT, USER},
    messages::Missing,
    params,
    record::Record,
    roles::{Permission, Role},
    value::Value,
};

use super::{Stop, WorkingSet};
use crate::operation::{Body, Content};

/// Refuses what the acting user's role does not allow, and what would leave the pharmacy without an owner; defers where
/// that user is not known yet.
pub(crate) fn check(working: &WorkingSet, body: &Body) -> Result<(), Stop> {
    last_owner(working, body)?;
    let own = body.entity.name == USER.name && body.user == Some(body.uid);
    let born = matches!(body.content, Content::Create(_)) && working.id_of(USER.name, body.uid).is_none();
    let Some(user) = body.user.filter(|_| !(own && born)) else { return by_nobody(working, body) };
    if own && (matches!(body.content, Content::Create(_)) || touches_only(body, "pin_hash")) {
        return Ok(());
    }
    let row = working.id_of(USER.name, user).and_then(|id| working.row(USER.name, id));
    let Some(row) = row else {
        return Err(Stop::Missing(vec![Missing { entity: USER.name.to_owned(), uid: user }]));
    };
    let role = role_of(row);
    let needed = [declared(body), more(body)];
    let lacking = needed.into_iter().flatten().find(|permission| !role.is_some_and(|role| role.may(*permission)));
    let above = people_touched(working, body).into_iter().flatten().any(|touched| role < Some(touched));
    match lacking.or(above.then_some(Permission::ManageUsers)) {
        Some(permission) => Err(Stop::refuse("not_permitted", params! { permission: permission.name() })),
        None => Ok(()),
    }
}

/// Nobody gives the right to manage people where somebody owns the pharmacy.
fn by_nobody(working: &WorkingSet, body: &Body) -> Result<(), Stop> {
    let [_, given] = people_touched(working, body);
    let above = given.is_some_and(|role| role.may(Permission::ManageUsers));
    let known = working.id_of(USER.name, body.uid).is_some() && matches!(body.content, Content::Create(_));
    match above && !known && owners(working).next().is_some() {
        true => Err(Stop::refuse("not_permitted", params! { permission: Permission::ManageUsers.name() })),
        false => Ok(()),
    }
}

/// Somebody always owns a pharmacy that somebody owned: two tills may each have taken the other's owner away.
fn last_owner(working: &WorkingSet, body: &Body) -> Result<(), Stop> {
    let leaves = match (&body.content, people_touched(working, body)) {
        (Content::Create(_), _) => false,
        (Content::Delete, [known, _]) => known == Some(Role::Owner),
        (Content::Update { .. }, [known, given]) => {
            known == Some(Role::Owner) && given.is_some_and(|role| role != Role::Owner)
        }
    };
    let id = working.id_of(USER.name, body.uid);
    let (mut all, mut others) = (owners(working), owners(working).filter(|owner| Some(*owner) != id));
    match leaves && all.any(|owner| Some(owner) == id) && others.next().is_none() {
        true => Err(Stop::refuse("last_owner", params! {})),
        false => Ok(()),
    }
}

pub(crate) fn owners(working: &WorkingSet) -> impl Iterator<Item = i64> {
    let owns = |(_, row): &(i64, &Record)| row.archived_at.is_none() && role_of(row) == Some(Role::Owner);
    working.rows(USER.name).filter(owns).map(|(id, _)| id)
}

/// What the entity asks for, or the special case that stands in for it.
fn declared(body: &Body) -> Option<Permission> {
    let name = body.entity.name;
    match &body.content {
        Content::Create(record) if name == STOCK_ADJUSTMENT.name => match record.get(body.entity, "kind").text() {
            Some("opening") => Some(Permission::Import),
            Some("receipt") => Some(Permission::Receive),
            _ => body.entity.create,
        },
        Content::Create(record) if name == SALE_RETURN.name => {
            let cancels = record.get(body.entity, "kind").text() == Some("cancellation");
            Some(if cancels { Permission::CancelTicket } else { Permission::ReturnSale })
        }
        Content::Create(record) if name == SALE_SETTLEMENT.name => {
            let withdraws = record.get(body.entity, "decision").text() == Some("withdrawn");
            if withdraws { Some(Permission::Sell) } else { body.entity.create }
        }
        Content::Create(_) => body.entity.create,
        Content::Update { changes, parts } if name == PRODUCT.name => {
            let codes_alone =
                changes.is_empty() && parts.iter().all(|(place, _)| PRODUCT.part("codes") == Some(*place));
            if codes_alone { Some(Permission::AttachCode) } else { body.entity.edit }
        }
        Content::Update { .. } | Content::Delete => body.entity.edit,
    }
}

/// What some fields ask for beside.
fn more(body: &Body) -> Option<Permission> {
    let ceiling = CUSTOMER.column("credit_ceiling").filter(|_| body.entity.name == CUSTOMER.name)?;
    let set = match &body.content {
        Content::Create(record) => record.values.get(ceiling) != Some(&Value::Int(0)),
        Content::Update { changes, .. } => changes.iter().any(|(place, _)| *place == ceiling),
        Content::Delete => false,
    };
    set.then_some(Permission::SetCeiling)
}

/// The roles that an operation on a user makes or takes away.
fn people_touched(working: &WorkingSet, body: &Body) -> [Option<Role>; 2] {
    if body.entity.name != USER.name {
        return [None, None];
    }
    let known = working.id_of(USER.name, body.uid).and_then(|id| working.row(USER.name, id)).and_then(role_of);
    let place = USER.column("role");
    let given = match &body.content {
        Content::Create(record) => role_of(record),
        Content::Update { changes, .. } => {
            let role = changes.iter().find(|(column, _)| Some(*column) == place);
            role.and_then(|(_, value)| value.text()).and_then(Role::parse)
        }
        Content::Delete => None,
    };
    [known, given]
}

/// Whether who sends an operation may do that too.
pub(crate) fn may(working: &WorkingSet, body: &Body, permission: Permission) -> bool {
    let user = body.user.and_then(|user| working.id_of(USER.name, user)).and_then(|id| working.row(USER.name, id));
    user.and_then(role_of).is_some_and(|role| role.may(permission))
}

fn role_of(user: &Record) -> Option<Role> {
    user.get(&USER, "role").text().and_then(Role::parse)
}

fn touches_only(body: &Body, name: &str) -> bool {
    let Content::Update { changes, parts } = &body.content else { return false };
    parts.is_empty() && changes.iter().all(|(place, _)| body.entity.column(name) == Some(*place))
}
