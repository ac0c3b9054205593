//! The layers as tables of values, and how one is laid over another.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::Config;

/// What every environment variable that is a setting starts with.
const PREFIX: &str = "SOVEREIGN_";

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The settings file cannot be read.
    #[error("cannot read the settings file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The settings file is no TOML, or holds a setting that is unknown or ill-typed.
    #[error("the settings file {path} is wrong: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// A flag or environment variable is unknown or ill-typed.
    #[error("{origin} is wrong: {reason}")]
    Setting {
        /// The flag or variable.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value is outside of its bounds.
    #[error("the setting {key} is out of bounds: it must be {bounds}")]
    Bounds {
        /// Section and key.
        key: String,
        /// What is allowed.
        bounds: &'static str,
    },
}

impl ConfigError {
    pub(super) fn bounds(key: &str, bounds: &'static str) -> Self {
        Self::Bounds { key: key.to_owned(), bounds }
    }

    fn setting(origin: &str, reason: impl ToString) -> Self {
        Self::Setting { origin: origin.to_owned(), reason: reason.to_string() }
    }
}

/// The table of the settings file, empty without one.
pub(super) fn file(path: Option<&Path>) -> Result<Table, ConfigError> {
    let Some(path) = path else { return Ok(Table::new()) };
    let wrong = |e: toml::de::Error| ConfigError::File {
        path: path.to_owned(),
        reason: e.to_string().trim_end().to_owned(),
    };
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    toml::from_str::<Config>(&text).map_err(wrong)?;
    toml::from_str(&text).map_err(wrong)
}

/// Lays `SOVEREIGN_SECTION__KEY` variables over `table`.
pub(super) fn environment(
    table: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        let rest = rest.to_ascii_lowercase();
        match rest.split_once("__") {
            Some((section, key)) => put_checked(table, &name, section, key, value(&text))?,
            None => refuse_bare_setting(&name, &rest)?,
        }
    }
    Ok(())
}

/// `SOVEREIGN_PORT` looks like a setting and would do nothing: say so.
fn refuse_bare_setting(name: &str, key: &str) -> Result<(), ConfigError> {
    let defaults = Table::try_from(Config::default())
        .map_err(|e| ConfigError::setting("the built-in defaults", e))?;
    let owner =
        defaults.iter().find(|(_, t)| t.as_table().is_some_and(|table| table.contains_key(key)));
    match owner {
        None => Ok(()),
        Some((section, _)) => {
            let full = format!("{PREFIX}{section}__{key}").to_ascii_uppercase();
            Err(ConfigError::setting(name, format!("its section is missing: call it {full}")))
        }
    }
}

/// Lays one `section.key=value` over `table`.
pub(super) fn assign(table: &mut Table, assignment: &str) -> Result<(), ConfigError> {
    let origin = format!("--set {assignment}");
    let parts = assignment
        .split_once('=')
        .and_then(|(name, text)| name.split_once('.').map(|(section, key)| (section, key, text)));
    let Some((section, key, text)) = parts else {
        return Err(ConfigError::setting(&origin, "write it as section.key=value"));
    };
    put_checked(table, &origin, section.trim(), key.trim(), value(text.trim()))
}

/// A typed value where the text is one (`80`, `true`, `["a"]`), else the text itself.
fn value(text: &str) -> Value {
    toml::from_str::<Table>(&format!("v = {text}"))
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Puts a value after checking it alone, so that an error names its origin.
fn put_checked(
    table: &mut Table,
    origin: &str,
    section: &str,
    key: &str,
    value: Value,
) -> Result<(), ConfigError> {
    let mut alone = Table::new();
    put_if(&mut alone, section, key, Some(value.clone()))?;
    typed::<Config>(alone).map_err(|e| ConfigError::setting(origin, e))?;
    put_if(table, section, key, Some(value))
}

/// Puts a value where there is one.
pub(super) fn put_if(
    table: &mut Table,
    section: &str,
    key: &str,
    value: Option<Value>,
) -> Result<(), ConfigError> {
    let Some(value) = value else { return Ok(()) };
    let entry = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    let Some(section) = entry.as_table_mut() else {
        return Err(ConfigError::setting(section, "it is a section, not a value"));
    };
    section.insert(key.to_owned(), value);
    Ok(())
}

/// The merged table as the typed settings.
pub(super) fn typed<T: DeserializeOwned>(table: Table) -> Result<T, ConfigError> {
    table.try_into().map_err(|e: toml::de::Error| {
        ConfigError::setting("a setting", e.to_string().trim_end().to_owned())
    })
}
