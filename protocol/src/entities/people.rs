//! What the pharmacy has decided, and who works there.

use crate::{
    roles::Permission,
    schema::{Column, Entity, Twin},
};

/// A policy, a threshold, the pharmacy's own particulars: one row per name, its value a JSON document.
pub const SETTING: Entity =
    Entity::new("setting", "setting", &[Column::text("name", 64).immutable(), Column::json("value", 16_384)])
        .known_by(&["name"], Twin::Merge)
        .allowed(Permission::Settings, Permission::Settings);

/// Somebody who signs in.
pub const USER: Entity = Entity::new(
    "user",
    "user",
    &[
        Column::text("login", 32),
        Column::text("name", 80),
        Column::text("role", 16),
        Column::text("pin_hash", 256).secret(),
        Column::int("failed_pins", 0, 1_000_000).local(),
        Column::instant("locked_until").nullable().local(),
    ],
)
.known_by(&["login"], Twin::Propose)
.allowed(Permission::ManageUsers, Permission::ManageUsers);
