//! Ladders: the kinds of games that are ranked, each with ratings of its own.

use std::sync::Arc;

use serde::Serialize;
use sovereign_core::{Game, Rules, Seed};

use super::matching::Shape;
use crate::config::LadderConfig;
use crate::lobby::{Maps, Settings};
use crate::room::Chat;

/// Most people of a ranked game: what finding a fair one costs grows fast with them.
const PLAYERS_MAX: u16 = 8;
/// Most ladders.
const LADDERS_MAX: usize = 8;
/// Characters of a ladder's name.
const NAME_CHARS: usize = 24;

/// A kind of ranked game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ladder {
    /// Names it in addresses.
    pub name: String,
    /// Name of the map.
    pub map: String,
    /// Name of the preset of rules.
    pub rules: String,
    /// People of a game.
    pub players: u16,
    /// How many teams there are; 0: everybody plays alone.
    pub teams: u8,
}

/// Why a ladder of the settings cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ranked.ladders: '{name}' {reason}")]
pub struct LadderError {
    name: String,
    reason: String,
}

/// All ladders; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ladders(Arc<Vec<Ladder>>);

impl Ladder {
    /// What its games need.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let players = usize::from(self.players);
        match usize::from(self.teams) {
            0 => Shape { sides: players, size: 1 },
            teams => Shape { sides: teams, size: players / teams },
        }
    }

    /// The settings of its next game, with this team for each seat.
    #[must_use]
    pub fn settings(&self, teams: Vec<u8>) -> Settings {
        Settings {
            map: self.map.clone(),
            rules: self.rules.clone(),
            bots: Vec::new(),
            seats: self.players,
            // Whoever plays for a rating is not watched by people who were told of the game.
            private: true,
            chat: Chat::default(),
            watching: None,
            teams,
            ladder: Some(self.name.clone()),
            sides: self.teams,
        }
    }

    fn check(config: &LadderConfig, maps: &Maps) -> Result<Self, LadderError> {
        let fault = |reason: String| LadderError { name: config.name.clone(), reason };
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if config.name.is_empty()
            || config.name.len() > NAME_CHARS
            || !config.name.chars().all(fits)
        {
            return Err(fault(format!("is no name: 1 to {NAME_CHARS} of a-z, 0-9 and -")));
        }
        let map =
            maps.get(&config.map).ok_or_else(|| fault(format!("has no map {}", config.map)))?;
        let known = || fault(format!("needs one of the rules {}", Rules::PRESETS.join(", ")));
        let rules = Rules::preset(&config.rules).ok_or_else(known)?;
        let (players, teams) = (config.players, rules.seats.teams);
        let even = teams == 0 || players.is_multiple_of(u16::from(teams));
        if !(2..=PLAYERS_MAX).contains(&players) || !even {
            let what =
                format!("needs 2 to {PLAYERS_MAX} players, as many in each of {teams} teams");
            return Err(fault(what));
        }
        let trial = Game::new(Arc::clone(&map.map), Arc::new(rules), Seed([0; 16]), players);
        trial.map_err(|error| fault(format!("cannot be played: {error}")))?;
        let LadderConfig { name, map, rules, .. } = config.clone();
        Ok(Self { name, map, rules, players, teams })
    }
}

impl Ladders {
    /// The ladders of the settings.
    ///
    /// # Errors
    /// The first one that cannot be played, and why.
    pub fn open(configs: &[LadderConfig], maps: &Maps) -> Result<Self, LadderError> {
        let mut ladders: Vec<Ladder> = Vec::new();
        for config in configs {
            let fault =
                |reason: &str| LadderError { name: config.name.clone(), reason: reason.into() };
            if ladders.iter().any(|other| other.name == config.name) {
                return Err(fault("is there twice"));
            }
            if ladders.len() == LADDERS_MAX {
                return Err(fault("is one too many: there can be 8"));
            }
            ladders.push(Ladder::check(config, maps)?);
        }
        Ok(Self(Arc::new(ladders)))
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Ladder] {
        &self.0
    }

    /// One by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Ladder> {
        self.0.iter().find(|ladder| ladder.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RankedConfig;

    fn open(ladders: &str) -> Result<Ladders, LadderError> {
        let config: RankedConfig = toml::from_str(&format!("ladders = {ladders}")).unwrap();
        Ladders::open(&config.ladders, &Maps::load(None).unwrap())
    }

    #[test]
    fn the_shipped_ladders_can_be_played() {
        let shipped = RankedConfig::default().ladders;
        let ladders = Ladders::open(&shipped, &Maps::load(None).unwrap()).unwrap();
        assert_eq!(ladders.get("duel").unwrap().shape(), Shape { sides: 2, size: 1 });
        assert_eq!(ladders.get("teams").unwrap().shape(), Shape { sides: 2, size: 2 });
    }

    #[test]
    fn impossible_ladders_are_named() {
        let one =
            |rest: &str| format!("[{{name = 'x', map = 'classic', rules = 'classic', {rest}}}]");
        assert!(open(&one("players = 2")).is_ok());
        let twice = one("players = 2}, {name = 'x', map = 'world', rules = 'blitz', players = 2");
        for (wrong, word) in [
            (one("players = 1"), "players"),
            (one("players = 9"), "players"),
            (one("players = 2").replace("'classic', rules", "'atlantis', rules"), "atlantis"),
            (one("players = 2").replace("rules = 'classic'", "rules = 'chess'"), "blitz"),
            (one("players = 3").replace("rules = 'classic'", "rules = 'teams'"), "teams"),
            (one("players = 2").replace("'x'", "'Ex!'"), "name"),
            (twice, "twice"),
        ] {
            let error = open(&wrong).unwrap_err().to_string();
            assert!(error.contains(word), "{wrong}: {error}");
        }
    }
}
