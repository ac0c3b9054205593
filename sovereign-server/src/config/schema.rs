//! What is known of every setting, in one place: the source of the documentation, of the
//! check for unknown keys, and of what a reload can change.

use toml::{Table, Value};

use super::{Config, Limits};

/// When a changed setting takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// At the next reload (SIGHUP).
    Reload,
    /// At the next start.
    Restart,
}

/// One setting outside of section `limits`, for documentation.
#[derive(Clone, Copy, Debug)]
pub struct SettingDoc {
    /// Its section.
    pub section: &'static str,
    /// Its key within the section; a suffix is its unit.
    pub key: &'static str,
    /// When a change takes effect.
    pub effect: Effect,
    /// Whether it is never shown, and may be given as a file by `KEY_file`.
    pub secret: bool,
    /// What it means.
    pub meaning: &'static str,
}

/// Declares a section: a struct with defaults, and the documentation of its settings.
macro_rules! section {
    (@secret secret) => { true };
    (@secret) => { false };
    (@take $old:ident $new:ident $taken:ident $name:expr, $key:ident secret) => {
        if $old.$key != $new.$key {
            $old.$key = $new.$key.clone();
            $taken.push($name.to_owned());
        }
    };
    (@take $old:ident $new:ident $taken:ident $name:expr, $key:ident) => {};
    ($(#[doc = $about:literal])+ $name:ident in $section:literal {
        $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr
            => $effect:ident $($secret:ident)?,)+
    }) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $key: $type,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $name {
            /// All settings of this section, in order of declaration.
            pub const DOCS: &'static [$crate::config::SettingDoc] = &[
                $($crate::config::SettingDoc {
                    section: $section,
                    key: stringify!($key),
                    effect: $crate::config::Effect::$effect,
                    secret: section!(@secret $($secret)?),
                    meaning: concat!($($doc),+),
                },)+
            ];

            /// Takes over the secrets of `new`, and names those that differ.
            #[allow(unused_mut, unused_variables, reason = "most sections hold no secret")]
            pub(super) fn take_secrets(&mut self, new: &Self) -> Vec<String> {
                let (old, mut taken) = (self, Vec::new());
                $(section!(@take old new taken concat!($section, ".", stringify!($key)),
                    $key $($secret)?);)+
                taken
            }
        }
    };
}
pub(super) use section;

/// Every key, as `section.key`.
pub(super) fn keys() -> Vec<String> {
    let settings = Config::docs().map(|doc| format!("{}.{}", doc.section, doc.key));
    let limits = Limits::DOCS.iter().map(|doc| format!("limits.{}", doc.name));
    settings.chain(limits).collect()
}

/// Whether this key holds a secret.
pub(super) fn is_secret(section: &str, key: &str) -> bool {
    Config::docs().any(|doc| doc.secret && doc.section == section && doc.key == key)
}

/// The known key that is most like an unknown one, if one is alike.
pub(super) fn nearest(unknown: &str) -> Option<String> {
    let likeness = |key: &String| strsim::jaro_winkler(unknown, key);
    let best = keys().into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) > 0.85).then_some(best)
}

/// When a change of `section.key` takes effect.
#[must_use]
pub(super) fn effect(section: &str, key: &str) -> Effect {
    if section == "limits" {
        return Limits::effect(key);
    }
    let known = Config::docs().find(|doc| doc.section == section && doc.key == key);
    known.map_or(Effect::Restart, |doc| doc.effect)
}

/// The keys whose values differ, as pairs of section and key. A table tells no secret, so
/// these are left out.
pub(super) fn differing(old: &Table, new: &Table) -> Vec<(String, String)> {
    let value = |table: &Table, section: &str, key: &str| -> Option<Value> {
        table.get(section)?.as_table()?.get(key).cloned()
    };
    let split = |name: &String| name.split_once('.').map(|(s, k)| (s.to_owned(), k.to_owned()));
    let keys = keys();
    let pairs = keys.iter().filter_map(split).filter(|(s, k)| !is_secret(s, k));
    pairs.filter(|(s, k)| value(old, s, k) != value(new, s, k)).collect()
}

/// The unit in a key's suffix.
#[must_use]
pub(super) fn unit(key: &str) -> &'static str {
    const UNITS: [(&str, &str); 9] = [
        ("_per_second", "per second"),
        ("_per_minute", "per minute"),
        ("_points", "points"),
        ("_bytes", "bytes"),
        ("_ticks", "ticks of 50 ms"),
        ("_permille", "thousandths"),
        ("_days", "days"),
        ("_ms", "milliseconds"),
        ("_s", "seconds"),
    ];
    UNITS.iter().find(|(suffix, _)| key.ends_with(suffix)).map_or("", |(_, unit)| unit)
}
