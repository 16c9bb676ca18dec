//! What two tills wrote at once and a person is to settle: rows born on the hub, which every till reads.

use crate::{
    limits::{CONFLICT_BYTES, LARGEST},
    roles::Permission,
    schema::{Column, Entity, Index},
};

/// Values that met, of one row. Its uid is the key of the operation that came second. `fields` lists
/// `{ field, base, till, hub }`: a column by its wire name, a cell as `units/0/price`, a whole row of a part as `units/3`,
/// or `archivedAt`; references are uids. While it is open the hub's value is in force. `resolution`:
/// `{ entity, row, strategy, fields }`, the values chosen by path; the first to arrive stands.
pub const CONFLICT: Entity = Entity::new(
    "conflict",
    "conflict",
    &[
        Column::text("entity", 64).immutable(),
        Column::text("row", 36).immutable(),
        Column::one_of("kind", &["edit", "delete", "twin"]).immutable(),
        Column::json("fields", CONFLICT_BYTES).hub_only(),
        Column::int("base_rev", 0, LARGEST).immutable(),
        Column::text("device", 80).immutable(),
        Column::refers("edited_by", "user").nullable().immutable(),
        Column::instant("edited_at").immutable(),
        Column::refers("hub_by", "user").nullable().hub_only(),
        Column::instant("hub_at").nullable().hub_only(),
        Column::text("hub_device", 80).hub_only(),
        Column::instant("resolved_at").nullable(),
        Column::refers("resolved_by", "user").nullable(),
        Column::json("resolution", CONFLICT_BYTES).nullable(),
    ],
)
.closed_by("resolved_at", "conflict_settled")
.hub_born()
.indexes(&[Index::on(&["entity", "row"]), Index::on(&["resolved_at"])])
.since(2)
.allowed(Permission::ResolveConflicts, Permission::ResolveConflicts);
