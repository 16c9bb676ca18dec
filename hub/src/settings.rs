//! What the hub's owner may set. Every setting is declared once below; from it follow its key in the file, its variable
//! (`OFFICINE_HUB_` and the key in capitals), its flag, and `docs/hub.toml`. A flag wins over a variable, a variable
//! over the file, the file over the default.

mod declared;
mod layers;

pub use self::{
    declared::{Given, LogFormat, Secret, Settings},
    layers::{SettingsError, VARIABLES, with_variables},
};
