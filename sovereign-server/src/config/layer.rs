//! The layers as tables of values: each is checked alone, so that an error names where
//! the setting came from, and is then laid over the ones before.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::{Config, schema};

/// What every environment variable that is a setting starts with.
const PREFIX: &str = "SOVEREIGN_";
/// What is added to a secret's key to give it as a file.
const FILE: &str = "_file";
/// Bytes of the longest secret in a file.
const SECRET_BYTES: u64 = 16_384;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A settings file cannot be read.
    #[error("cannot read the settings file {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A settings file is no TOML, or holds a setting that is unknown or ill-typed.
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
    /// Others could reach what they must not.
    #[error("the server would be exposed: {0}")]
    Exposed(String),
}

impl ConfigError {
    pub(super) fn bounds(key: &str, bounds: &'static str) -> Self {
        Self::Bounds { key: key.to_owned(), bounds }
    }

    pub(super) fn setting(origin: &str, reason: impl ToString) -> Self {
        Self::Setting { origin: origin.to_owned(), reason: reason.to_string() }
    }
}

/// One layer, and where it came from.
#[derive(Debug, Default)]
pub(super) struct Layer(Table);

impl Layer {
    /// The settings in a file.
    pub(super) fn file(path: &Path) -> Result<Self, ConfigError> {
        let wrong =
            |reason: String| ConfigError::File { path: path.to_owned(), reason: tidy(&reason) };
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let table: Table = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        let mut layer = Self::default();
        for (section, value) in table {
            let Value::Table(settings) = value else {
                return Err(wrong(unknown(&section)));
            };
            for (key, value) in settings {
                let put = layer.put(&section, &key, value);
                put.map_err(|reason| wrong(format!("{section}.{key}: {reason}")))?;
            }
        }
        Ok(layer)
    }

    /// The settings among `SOVEREIGN_SECTION__KEY` variables.
    pub(super) fn environment(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut layer = Self::default();
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let rest = rest.to_ascii_lowercase();
            let put = match rest.split_once("__") {
                Some((section, key)) => layer.put(section, key, value(section, key, &text)),
                None => refuse_bare_setting(&rest),
            };
            put.map_err(|reason| ConfigError::setting(&name, reason))?;
        }
        Ok(layer)
    }

    /// Adds one `section.key=value`.
    pub(super) fn assign(&mut self, assignment: &str) -> Result<(), ConfigError> {
        let (name, text) = assignment.split_once('=').unwrap_or((assignment, ""));
        let parts = name.split_once('.').filter(|_| assignment.contains('='));
        // A secret given this way must not be repeated to the screen.
        let origin = format!("--set {}", name.trim());
        let Some((section, key)) = parts.map(|(s, k)| (s.trim(), k.trim())) else {
            return Err(ConfigError::setting(&origin, "write it as section.key=value"));
        };
        self.put(section, key, value(section, key, text.trim()))
            .map_err(|reason| ConfigError::setting(&origin, reason))
    }

    /// Adds a setting of a known name.
    pub(super) fn put_if(&mut self, section: &str, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.insert(section, key, value);
        }
    }

    fn insert(&mut self, section: &str, key: &str, value: Value) -> Option<Value> {
        let entry = self.0.entry(section).or_insert_with(|| Value::Table(Table::new()));
        entry.as_table_mut()?.insert(key.to_owned(), value)
    }

    /// Adds a setting after checking it alone; why not, if it is wrong.
    fn put(&mut self, section: &str, key: &str, value: Value) -> Result<(), String> {
        let (key, value) = match key.strip_suffix(FILE) {
            Some(secret) if schema::is_secret(section, secret) => (secret, read_secret(&value)?),
            _ => (key, value),
        };
        let full = format!("{section}.{key}");
        if !schema::keys().contains(&full) {
            return Err(unknown(&full));
        }
        let mut alone = Self::default();
        alone.insert(section, key, value.clone());
        typed::<Config>(alone.0).map_err(|reason| tidy(&reason))?;
        match self.insert(section, key, value) {
            Some(_) if schema::is_secret(section, key) => {
                Err(format!("{full} is given twice, as itself and as a file"))
            }
            _ => Ok(()),
        }
    }

    /// This layer over `below`.
    pub(super) fn over(self, mut below: Table) -> Table {
        for (section, value) in self.0 {
            let (Value::Table(new), Some(old)) = (
                value,
                below.entry(section).or_insert_with(|| Value::Table(Table::new())).as_table_mut(),
            ) else {
                continue;
            };
            old.extend(new);
        }
        below
    }
}

fn unknown(name: &str) -> String {
    match schema::nearest(name) {
        Some(known) => format!("there is no setting {name}; did you mean {known}?"),
        None => format!("there is no setting {name}; see docs/operations.md for all of them"),
    }
}

/// `SOVEREIGN_PORT` looks like a setting and would do nothing: say so.
fn refuse_bare_setting(key: &str) -> Result<(), String> {
    let owner = schema::keys().into_iter().find(|name| name.ends_with(&format!(".{key}")));
    match owner {
        None => Ok(()),
        Some(name) => {
            let full = format!("{PREFIX}{}", name.replace('.', "__")).to_ascii_uppercase();
            Err(format!("its section is missing: call it {full}"))
        }
    }
}

fn read_secret(path: &Value) -> Result<Value, String> {
    use std::io::Read as _;
    let path = path.as_str().ok_or("it must be the name of a file")?;
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(SECRET_BYTES).read_to_string(&mut text))
        .map_err(|e| format!("the file {path} cannot be read: {e}"))?;
    match text.trim() {
        "" => Err(format!("the file {path} is empty")),
        secret => Ok(Value::String(secret.to_owned())),
    }
}

/// A typed value where the text is one (`80`, `true`, `["a"]`), else the text itself.
/// A secret is always text, whatever it looks like.
fn value(section: &str, key: &str, text: &str) -> Value {
    let plain = || Value::String(text.to_owned());
    if schema::is_secret(section, key) {
        return plain();
    }
    let table = toml::from_str::<Table>(&format!("v = {text}")).ok();
    table.and_then(|mut table| table.remove("v")).unwrap_or_else(plain)
}

/// The merged table as the typed settings.
pub(super) fn typed<T: DeserializeOwned>(table: Table) -> Result<T, String> {
    table.try_into().map_err(|e: toml::de::Error| e.to_string())
}

fn tidy(reason: &str) -> String {
    reason.trim_end().to_owned()
}
