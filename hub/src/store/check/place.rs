//! The parts in which books are checked, each in a transaction of its own: what is looked for, and of which entity.

use std::sync::LazyLock;

use officine_protocol::{
    entities::{entity, in_order},
    messages::{CHECKED, CheckPlace},
    schema::{Entity, Kind, Twin},
};

/// A part of the books.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// What is looked for, by its place in [`CHECKED`].
    pub(super) step: usize,
    /// In the rows of this entity; in those of all of them where absent.
    pub(super) entity: Option<&'static Entity>,
}

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let of = |(step, kind): (usize, &&str)| match sought(kind) {
        None => vec![Place { step, entity: None }],
        Some(among) => {
            let entities = in_order().iter().copied().filter(|entity| among(entity));
            entities.map(|entity| Place { step, entity: Some(entity) }).collect()
        }
    };
    CHECKED.iter().enumerate().flat_map(of).collect()
});

/// Which entities a kind is looked for in, where it is entity by entity.
fn sought(kind: &str) -> Option<fn(&Entity) -> bool> {
    match kind {
        "fold" => Some(|entity| entity.columns.iter().any(|column| column.fold_of.is_some())),
        "twin" => Some(|entity| entity.natural.is_some_and(|natural| natural.twin != Twin::Never)),
        "dangling" => Some(|entity| {
            let parts = entity.parts.iter().flat_map(|part| part.columns);
            entity.columns.iter().chain(parts).any(|column| matches!(column.kind, Kind::Ref(_)))
        }),
        _ => None,
    }
}

impl Place {
    /// As it was asked for, if there is such a part.
    pub fn read(asked: &CheckPlace) -> Option<Self> {
        let step = CHECKED.iter().position(|kind| *kind == asked.kind)?;
        let mut places = PLACES.iter().filter(|place| place.step == step);
        match &asked.entity {
            None => places.next().copied(),
            Some(name) => {
                let wanted = entity(name)?;
                places.find(|place| place.entity.is_some_and(|entity| entity.name == wanted.name)).copied()
            }
        }
    }

    /// As it is told.
    pub fn told(self) -> CheckPlace {
        let kind = CHECKED.get(self.step).copied().unwrap_or_default().to_owned();
        CheckPlace { kind, entity: self.entity.map(|entity| entity.name.to_owned()) }
    }

    /// Every entity that it looks at, parents first.
    pub(super) fn entities(self) -> Vec<&'static Entity> {
        self.entity.map_or_else(|| in_order().to_vec(), |entity| vec![entity])
    }

    /// The part after it.
    pub(super) fn next(self) -> Option<Self> {
        let name = |place: Self| (place.step, place.entity.map(|entity| entity.name));
        let here = PLACES.iter().position(|place| name(*place) == name(self))?;
        PLACES.get(here + 1).copied()
    }
}
