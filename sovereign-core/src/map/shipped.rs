//! The maps that come with the engine.

use super::Map;

/// Name and file of each shipped map.
const FILES: [(&str, &str); 3] = [
    ("classic", include_str!("../../../maps/classic.json")),
    ("world", include_str!("../../../maps/world.json")),
    ("us-counties", include_str!("../../../maps/us-counties.json")),
];

impl Map {
    /// The names that [`Map::shipped`] knows.
    pub const SHIPPED: &[&str] = &["classic", "world", "us-counties"];

    /// The file of a map that comes with the engine, as clients are sent it.
    #[must_use]
    pub fn shipped_file(name: &str) -> Option<&'static str> {
        FILES.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
    }

    /// A map that comes with the engine, by its name. Read from its file at each call: a
    /// few milliseconds, tens for the largest, so keep it.
    #[must_use]
    pub fn shipped(name: &str) -> Option<Self> {
        let (_, text) = FILES.iter().find(|(shipped, _)| *shipped == name)?;
        Some(Self::from_json(text).expect("a test reads every shipped map"))
    }
}
