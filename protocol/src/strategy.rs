//! Who wins where two tills wrote one field at once: five strategies, chosen by the pharmacy for all entities or for one.

use std::sync::LazyLock;

use crate::{
    entities::ENTITIES,
    schema::{Entity, Rule},
};

/// What decides between the hub's value and the one sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// The hub's value stays.
    Server,
    /// The value sent is written.
    Client,
    /// The later in hybrid time; on a tie the hub's.
    LastWrite,
    /// What each column declares: a person, or the later.
    Merge,
    /// A person; until then the hub's value.
    Manual,
}

/// The words of the settings, in the order of [`Strategy`].
pub const STRATEGIES: &[&str] = &["server", "client", "lastWrite", "merge", "manual"];

/// The setting that holds where an entity has no choice of its own.
pub const DEFAULT: &str = "conflict.default";

/// Names of the settings, `conflict.default` first, then one for each entity that can be edited.
static SETTINGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let entities = ENTITIES.iter().filter(|entity| chosen_for(entity)).map(|entity| setting_of(entity.name));
    std::iter::once(DEFAULT.to_owned()).chain(entities).collect()
});

/// Whether rows of it are edited, so that edits may meet.
pub fn chosen_for(entity: &Entity) -> bool {
    !entity.document && !entity.hub_born
}

/// The setting that holds the choice for an entity.
pub fn setting_of(entity: &str) -> String {
    format!("conflict.{entity}")
}

/// The settings that hold choices.
pub fn settings() -> &'static [String] {
    &SETTINGS
}

impl Strategy {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::LastWrite => "lastWrite",
            Self::Merge => "merge",
            Self::Manual => "manual",
        }
    }

    /// The strategy of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Server, Self::Client, Self::LastWrite, Self::Merge, Self::Manual]
            .into_iter()
            .find(|strategy| strategy.name() == word)
    }

    /// What a setting holds, if it is a choice: a JSON word.
    pub fn of_setting(json: &str) -> Option<Self> {
        serde_json::from_str::<String>(json).ok().and_then(|word| Self::parse(&word))
    }
}

/// What decides for a field: the entity's own choice, else a person where the column asks for one, else the choice for
/// all, else the later write. Never [`Strategy::Merge`].
pub fn effective(rule: Rule, entity: Option<Strategy>, default: Option<Strategy>) -> Strategy {
    match (entity, rule, default) {
        (Some(Strategy::Merge) | None, Rule::Manual, _) => Strategy::Manual,
        (Some(Strategy::Merge), ..) | (None, _, Some(Strategy::Merge) | None) => Strategy::LastWrite,
        (Some(chosen), ..) | (None, _, Some(chosen)) => chosen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entitys_choice_goes_before_its_columns_and_these_before_the_choice_for_all() {
        use Strategy::*;
        let cases = [
            (Rule::Policy, None, None, LastWrite),
            (Rule::Manual, None, None, Manual),
            (Rule::Manual, None, Some(Server), Manual),
            (Rule::Policy, None, Some(Server), Server),
            (Rule::Policy, None, Some(Merge), LastWrite),
            (Rule::Manual, Some(Client), Some(Server), Client),
            (Rule::Manual, Some(LastWrite), None, LastWrite),
            (Rule::Manual, Some(Merge), Some(Client), Manual),
            (Rule::Policy, Some(Merge), Some(Client), LastWrite),
            (Rule::Policy, Some(Manual), None, Manual),
        ];
        for (rule, entity, default, expected) in cases {
            assert_eq!(effective(rule, entity, default), expected, "{rule:?} {entity:?} {default:?}");
        }
    }

    #[test]
    fn every_strategy_has_its_word_and_every_edited_entity_its_setting() {
        assert!(STRATEGIES.iter().all(|word| Strategy::parse(word).is_some_and(|strategy| strategy.name() == *word)));
        assert_eq!(Strategy::of_setting("\"manual\""), Some(Strategy::Manual));
        assert_eq!(Strategy::of_setting("null").or(Strategy::of_setting("\"chance\"")), None);
        let has = |name: &str| settings().iter().any(|setting| setting == name);
        assert!(has(DEFAULT) && has("conflict.product") && has("conflict.setting"));
        assert!(!has("conflict.sale") && !has("conflict.conflict"));
    }
}
