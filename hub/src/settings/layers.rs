//! Where settings come from, and which of them wins.

use std::path::{Path, PathBuf};

use clap::{ArgMatches, FromArgMatches, parser::ValueSource};

use super::declared::{Given, Settings};
use crate::Place;

/// How the variables begin.
pub const VARIABLES: &str = "OFFICINE_HUB_";

/// Why settings are not taken.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file.
    #[error("cannot read the settings in {0}: {1}")]
    File(PathBuf, std::io::Error),
    /// What stands in it: the line and what is wrong, but never the line itself, which may hold a secret.
    #[error("{0}, line {1}: {2}")]
    Malformed(PathBuf, usize, String),
    /// Two places for the data.
    #[error("data and database_url exclude each other")]
    TwoPlaces,
    /// No place for the data.
    #[error("say where the data is: --data DIR or --database-url URL (or by file, or by variable)")]
    NoPlace,
    /// One without the other.
    #[error("tls_cert and tls_key go together")]
    HalfTls,
}

/// The command line with every setting's variable.
pub fn with_variables(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| match Given::KEYS.iter().find(|(key, _)| arg.get_id() == *key) {
        Some((key, _)) => arg.env(format!("{VARIABLES}{}", key.to_uppercase())),
        None => arg,
    })
}

impl Given {
    /// What a file says.
    pub fn read(file: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(file).map_err(|error| SettingsError::File(file.to_owned(), error))?;
        toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            SettingsError::Malformed(file.to_owned(), before.matches('\n').count() + 1, error.message().to_owned())
        })
    }

    /// What flags and variables say. A place named by a flag replaces the one of a variable, and its owner.
    pub fn heard(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Self::from_arg_matches(matches)?;
        let by_flag = |key| matches.value_source(key) == Some(ValueSource::CommandLine);
        if by_flag("data") || by_flag("database_url") {
            given.data = given.data.filter(|_| by_flag("data"));
            given.database_url = given.database_url.filter(|_| by_flag("database_url"));
            given.owner_url = given.owner_url.filter(|_| by_flag("owner_url"));
            given.backup_url = given.backup_url.filter(|_| by_flag("backup_url"));
        }
        Ok(given)
    }

    /// Settings in force: these, and below them what the file says.
    pub fn settle(self, mut file: Self) -> Result<Settings, SettingsError> {
        for one in [&self, &file] {
            if one.data.is_some() && one.database_url.is_some() {
                return Err(SettingsError::TwoPlaces);
            }
        }
        if self.data.is_some() || self.database_url.is_some() {
            (file.data, file.database_url) = (None, None);
            (file.owner_url, file.backup_url) = (None, None);
        }
        let settings = Settings::from(self.or(file));
        if settings.tls_cert.is_some() != settings.tls_key.is_some() {
            return Err(SettingsError::HalfTls);
        }
        Ok(settings)
    }
}

impl Settings {
    /// Where the data is.
    pub fn place(&self) -> Result<Place, SettingsError> {
        match (&self.data, &self.database_url) {
            (Some(folder), _) => Ok(Place::Folder(folder.clone())),
            (None, Some(app)) => {
                Ok(Place::Url { app: app.0.clone(), owner: self.owner_url.as_ref().map(|url| url.0.clone()) })
            }
            (None, None) => Err(SettingsError::NoPlace),
        }
    }

    /// As a file would say it, every key with what is said of it. Secrets are hidden.
    pub fn explained(&self) -> String {
        let table = toml::Table::try_from(self).unwrap_or_default();
        let key = |(key, said): &(&str, &str)| {
            let said: String = said.lines().map(|line| format!("#{line}\n")).collect();
            match table.get(*key) {
                Some(value) => format!("{said}{key} = {value}\n"),
                None => format!("{said}# {key} = \"\"\n"),
            }
        };
        Given::KEYS.iter().map(key).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::*;

    fn file(text: &str) -> Result<Given, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hub.toml");
        std::fs::write(&file, text).unwrap();
        Given::read(&file)
    }

    fn flags(words: &[&str]) -> Given {
        let command = Given::augment_args(clap::Command::new("hub").no_binary_name(true));
        Given::from_arg_matches(&command.get_matches_from(words)).unwrap()
    }

    #[test]
    fn the_documented_file_says_every_default() {
        let documented = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hub.toml");
        let settings = Given::default().settle(Given::read(&documented).unwrap()).unwrap();
        assert_eq!(settings, Settings::default());
        let text = std::fs::read_to_string(documented).unwrap();
        let explained = Settings::default().explained();
        assert!(text.ends_with(&explained), "docs/hub.toml should end with:\n{explained}");
    }

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let below = file("data = '/a'\nmax_requests = 7\ndevice_rate = 5\n").unwrap();
        let settings = flags(&["--device-rate", "9", "--insecure-plain-http"]).settle(below).unwrap();
        assert_eq!((settings.max_requests.get(), settings.device_rate, settings.stranger_rate), (7, 9, 60));
        assert!(settings.insecure_plain_http);
        assert!(matches!(settings.place().unwrap(), Place::Folder(folder) if folder == Path::new("/a")));
    }

    #[test]
    fn a_place_named_by_flag_replaces_the_files() {
        let below = file("database_url = 'postgres://secret@x/y'").unwrap();
        assert!(matches!(flags(&["--data", "/b"]).settle(below).unwrap().place(), Ok(Place::Folder(_))));
        let both = file("data = '/a'\ndatabase_url = 'postgres://x/y'").unwrap();
        assert!(matches!(flags(&[]).settle(both), Err(SettingsError::TwoPlaces)));
        assert!(matches!(Settings::default().place(), Err(SettingsError::NoPlace)));
    }

    /// The owner of one database must never migrate with the serving role of another.
    #[test]
    fn a_database_named_by_flag_is_not_paired_with_the_files_owner() {
        let below = || file("database_url = 'postgres://a@x/y'\nowner_url = 'postgres://o@x/y'").unwrap();
        let settings = flags(&["--database-url", "postgres://a@x/z"]).settle(below()).unwrap();
        assert!(matches!(settings.place(), Ok(Place::Url { app, owner: None }) if app.ends_with("/z")));
        let settings = flags(&["--owner-url", "postgres://p@x/y"]).settle(below()).unwrap();
        assert!(matches!(settings.place(), Ok(Place::Url { owner: Some(owner), .. }) if owner.contains("p@")));
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named_without_its_secrets() {
        for (text, line, names) in [
            ("\ndatabaseurl = 'postgres://hub:secret@x/y'", "line 2", "`databaseurl`"),
            ("max_requests = 0", "line 1", "nonzero"),
            ("database_url = 'secret", "line 1", ""),
            ("log_format = 'loud'", "line 1", "`loud`"),
        ] {
            let said = file(text).unwrap_err().to_string();
            assert!(said.contains(line) && said.contains(names) && !said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn secrets_are_hidden_among_the_settings() {
        let settings = flags(&["--database-url", "postgres://hub:secret@x/y"]).settle(Given::default()).unwrap();
        let shown = format!("{}{settings:?}", settings.explained());
        assert!(shown.contains("(hidden)") && !shown.contains("secret"));
    }
}
