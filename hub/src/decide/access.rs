//! Who may push what. The till's engine enforces roles; the hub checks again wherever an operation names its user.
//! An operation without a user is the device's own (enrolment, import, demo load): an enrolled device is trusted.

use officine_protocol::{
    entities::{PRODUCT, SALE, SETTING, STOCK_ADJUSTMENT, USER},
    messages::Missing,
    params,
    roles::{Permission, Role},
};

use super::{Stop, WorkingSet};
use crate::operation::{Body, Content};

/// Refuses what the acting user's role does not allow; defers where that user is not known yet.
pub(crate) fn check(working: &WorkingSet, body: &Body) -> Result<(), Stop> {
    let Some(user) = body.user else { return Ok(()) };
    let own_birth = body.uid == user && matches!(body.content, Content::Create { .. });
    if own_birth && body.entity.name == USER.name {
        return Ok(());
    }
    let row = working.id_of(USER.name, user).and_then(|id| working.row(USER.name, id));
    let Some(row) = row else {
        return Err(Stop::Missing(vec![Missing { entity: USER.name.to_owned(), uid: user }]));
    };
    let role = row.get(&USER, "role").text().and_then(Role::parse);
    match permission(body) {
        Some(permission) if !role.is_some_and(|role| role.may(permission)) => {
            Err(Stop::refuse("not_permitted", params! { permission: permission.name() }))
        }
        _ => Ok(()),
    }
}

fn permission(body: &Body) -> Option<Permission> {
    let name = body.entity.name;
    match &body.content {
        _ if name == SALE.name => Some(Permission::Sell),
        _ if name == SETTING.name || name == USER.name => Some(Permission::Settings),
        Content::Create { .. } if name == PRODUCT.name => Some(Permission::Import),
        Content::Create { values, .. } if name == STOCK_ADJUSTMENT.name => {
            let kind = STOCK_ADJUSTMENT.column("kind").and_then(|place| values.get(place));
            (kind.and_then(|kind| kind.text()) == Some("opening")).then_some(Permission::Import)
        }
        Content::Update { changes, parts } if name == PRODUCT.name => {
            let touches = |part| parts.iter().any(|(place, _)| PRODUCT.part(part) == Some(*place));
            let codes_alone = changes.is_empty() && touches("codes") && !touches("units");
            Some(if codes_alone { Permission::AttachCode } else { Permission::SetPrice })
        }
        Content::Delete if name == PRODUCT.name => Some(Permission::SetPrice),
        _ => None,
    }
}
