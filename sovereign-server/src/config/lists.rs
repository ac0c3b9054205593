//! What settings hold several of.

use serde::{Deserialize, Serialize};

/// Somebody else whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// `iss` of its tokens.
    pub issuer: String,
    /// `aud` of its tokens that are meant for this server.
    pub audience: String,
    /// Its JSON Web Key Set: a file, an https address, or an http one of this machine alone.
    pub keys: String,
    /// `typ` of its access tokens.
    #[serde(default = "access_type")]
    pub typ: String,
}

/// A kind of ranked game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderConfig {
    /// Names it, with a-z, 0-9 and dashes.
    pub name: String,
    /// Name of a map.
    pub map: String,
    /// Name of a preset of rules.
    pub rules: String,
    /// People of a game.
    pub players: u16,
}

impl LadderConfig {
    pub(super) fn shipped() -> Vec<Self> {
        let ladder = |(name, map, rules, players): (&str, &str, &str, u16)| Self {
            name: name.to_owned(),
            map: map.to_owned(),
            rules: rules.to_owned(),
            players,
        };
        [
            ("duel", "classic", "blitz", 2),
            ("four", "world", "classic", 4),
            ("teams", "world", "teams", 4),
        ]
        .map(ladder)
        .to_vec()
    }
}

fn access_type() -> String {
    "at+jwt".to_owned()
}
