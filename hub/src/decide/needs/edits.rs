//! What edits, archivals and resolutions touch: what others wrote since, the conflicts they may answer, and the rows that a
//! resolution writes or makes one.

use officine_protocol::{
    Uid,
    entities::{CONFLICT, ENTITIES, SETTING, USER, entity},
    merge::Path,
    messages::Resolution,
    schema::Entity,
    strategy,
    value::Value,
};

use super::Gather;
use crate::{
    decide::join::keyed_by,
    operation::{Body, Content},
};

impl Gather<'_> {
    /// What others may have written of a row since its editor saw it, and who wins then.
    pub(super) fn edited(&mut self, body: &Body) {
        if body.entity.document {
            return;
        }
        self.needs.told.insert(body.entity.name);
        self.needs.devices = true;
        if let (Some(base), Content::Update { .. } | Content::Delete) = (body.base(), &body.content) {
            self.about(body.entity, body.uid);
            self.since(body.entity, body.uid, base);
            let names = [strategy::DEFAULT.to_owned(), strategy::setting_of(body.entity.name)];
            self.of(SETTING.name).keys.extend(names.map(Value::from));
        }
    }

    /// What was written of a row since a revision.
    fn since(&mut self, entity: &'static Entity, uid: Uid, base: i64) {
        let rows = self.needs.edited.entry(entity.name).or_default();
        let earliest = rows.entry(uid).or_insert(base);
        *earliest = base.min(*earliest);
    }

    /// The conflicts about a row that wait for a person.
    fn about(&mut self, entity: &'static Entity, uid: Uid) {
        if !entity.hub_born {
            self.of(CONFLICT.name);
            self.needs.told.insert(CONFLICT.name);
            self.needs.about.entry(entity.name).or_default().insert(uid);
        }
    }

    /// The row that a conflict is about, and what the values chosen for it name.
    pub(super) fn resolved(&mut self, body: &Body) {
        let Content::Update { changes, .. } = &body.content else { return };
        if body.entity.name != CONFLICT.name {
            return;
        }
        let place = CONFLICT.column("resolution");
        let said = changes.iter().find(|(column, _)| Some(*column) == place).and_then(|(_, value)| value.text());
        let said = said.and_then(|text| serde_json::from_str::<Resolution>(text).ok());
        let Some((said, target)) = said.and_then(|said| entity(&said.entity).map(|target| (said, target))) else {
            return;
        };
        self.row(target.name, said.row);
        self.about(target, said.row);
        self.since(target, said.row, body.base().unwrap_or(0));
        self.needs.told.insert(target.name);
        let need = self.of(target.name);
        (need.parts, need.owners) = (true, target.name == USER.name);
        for uid in said.winner.into_iter().chain(said.loser) {
            self.twin(target, uid);
            self.about(target, uid);
        }
        for (name, json) in &said.fields {
            let named = Path::parse(target, name).map(|path| path.references(target, json)).unwrap_or_default();
            named.into_iter().for_each(|(target, uid)| self.row(target, uid));
        }
    }

    /// A row that is to be one with another: with whatever may be one with something of the other then.
    fn twin(&mut self, target: &'static Entity, uid: Uid) {
        self.row(target.name, uid);
        for entity in ENTITIES {
            if let Some(column) = keyed_by(entity, target.name).and_then(|place| entity.columns.get(place)) {
                self.rows_of(entity.name, column.name, uid);
                self.of(entity.name).parts = true;
                self.needs.told.insert(entity.name);
            }
        }
    }
}
