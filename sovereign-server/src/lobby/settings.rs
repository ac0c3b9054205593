//! What the maker of a game chooses.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sovereign_core::{Game, Rules, Seed, bot};

use super::Maps;
use crate::config::Limits;
use crate::error::ApiError;
use crate::room::{Chat, Watching};
use crate::telemetry::metrics;

/// A wish for a game, as sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewGame {
    /// Name of a map.
    pub map: Option<String>,
    /// Name of a preset, or rules as TOML.
    pub rules: Option<String>,
    /// The bots that fill the last seats.
    #[serde(default)]
    pub bots: Vec<String>,
    /// Seats in all, bots included; enough for one person and the bots if not said.
    pub seats: Option<u16>,
    /// Whether only those with the code find it.
    #[serde(default)]
    pub private: bool,
    /// What players may say to each other.
    #[serde(default)]
    pub chat: Chat,
    /// How others may watch.
    pub watching: Option<Watching>,
    /// The team of each seat, from 1; 0, or no entry: dealt out.
    #[serde(default)]
    pub teams: Vec<u8>,
    /// Whether to begin at once.
    #[serde(default)]
    pub start: bool,
}

/// What a host changes before the game begins; what is not said stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// Name of a map.
    map: Option<String>,
    /// Name of a preset, or rules as TOML.
    rules: Option<String>,
    /// The bots that fill the last seats.
    bots: Option<Vec<String>>,
    /// Seats in all; if not said, people keep as many as they have.
    seats: Option<u16>,
    /// Whether only those with the code find it.
    private: Option<bool>,
    /// What players may say to each other.
    chat: Option<Chat>,
    /// How others may watch.
    watching: Option<Watching>,
    /// The team of each seat.
    teams: Option<Vec<u8>>,
}

/// A wish that has been checked, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Name of the map.
    pub map: String,
    /// Name of a preset, or rules as TOML.
    pub rules: String,
    /// The bots in the last seats.
    pub bots: Vec<String>,
    /// Seats in all.
    pub seats: u16,
    /// Whether only those with the code find it.
    pub private: bool,
    /// What players may say to each other.
    #[serde(default)]
    pub chat: Chat,
    /// How others may watch, with the delay that it has.
    #[serde(default)]
    pub watching: Option<Watching>,
    /// The team of each seat, from 1; 0, or no entry: dealt out.
    #[serde(default)]
    pub teams: Vec<u8>,
    /// The ladder by which it counts, if it does.
    #[serde(default)]
    pub ladder: Option<String>,
    /// How many teams the rules have; 0: everybody plays alone.
    #[serde(skip)]
    pub sides: u8,
}

impl Changes {
    /// Whether nothing is said of teams.
    pub(super) const fn keeps_teams(&self) -> bool {
        self.teams.is_none()
    }
}

impl NewGame {
    /// Checks the wish.
    ///
    /// # Errors
    /// 400 names what is wrong and what is known.
    pub(super) fn check(self, maps: &Maps, limits: &Limits) -> Result<Settings, ApiError> {
        if let Some(unknown) = self.bots.iter().find(|name| !bot::NAMES.contains(&name.as_str())) {
            let known = bot::NAMES.join(", ");
            let message = format!("there is no bot '{unknown}', only: {known}");
            return Err(ApiError::bad_request(message));
        }
        let seats = self.checked_seats(limits.seats_per_room)?;
        let wish = self.watching;
        let mut settings = Settings {
            watching: None,
            map: self.map.unwrap_or_else(|| "world".to_owned()),
            rules: self.rules.unwrap_or_else(|| "classic".to_owned()),
            bots: self.bots,
            seats,
            private: self.private,
            chat: self.chat,
            teams: self.teams,
            ladder: None,
            sides: 0,
        };
        settings.sides = settings.trial(maps)?;
        settings.check_teams()?;
        let fog = settings.rules()?.fog.radius > 0;
        settings.watching = Some(watching(wish, fog, limits)?);
        Ok(settings)
    }

    fn checked_seats(&self, most: u64) -> Result<u16, ApiError> {
        let bots = self.bots.len() as u64;
        let seats = self.seats.map_or_else(|| (bots + 1).max(2), u64::from);
        match u16::try_from(seats) {
            Ok(fits) if (2..=most).contains(&seats) && seats > bots => Ok(fits),
            _ => {
                if seats > most {
                    metrics::limit_hit("seats_per_room");
                }
                let message = format!("{seats} seats for {bots} bots: 2 to {most}, more than bots");
                Err(ApiError::bad_request(message))
            }
        }
    }
}

impl Settings {
    /// From the form in which they are stored.
    ///
    /// # Errors
    /// When they are no settings of this version.
    pub(super) fn stored(json: &str) -> Result<Self, ApiError> {
        let mut settings: Self = serde_json::from_str(json).map_err(|e| ApiError::internal(&e))?;
        // Rules of an older version can be looked at, if not played.
        settings.sides = settings.rules().map_or(0, |rules| rules.seats.teams);
        Ok(settings)
    }

    /// To be stored.
    pub(super) fn to_json(&self) -> Result<String, ApiError> {
        serde_json::to_string(self).map_err(|e| ApiError::internal(&e))
    }

    /// What the host wants instead.
    pub(super) fn with(&self, changes: Changes) -> NewGame {
        let bots = changes.bots.unwrap_or_else(|| self.bots.clone());
        let same_room = || (usize::from(self.people()) + bots.len()).try_into().ok();
        let seats = changes.seats.or_else(same_room);
        NewGame {
            map: Some(changes.map.unwrap_or_else(|| self.map.clone())),
            rules: Some(changes.rules.unwrap_or_else(|| self.rules.clone())),
            bots,
            // More than fit any table if they do not fit a number.
            seats: Some(seats.unwrap_or(u16::MAX)),
            private: changes.private.unwrap_or(self.private),
            chat: changes.chat.unwrap_or(self.chat),
            watching: changes.watching.or(self.watching),
            teams: changes.teams.unwrap_or_default(),
            start: false,
        }
    }

    fn check_teams(&self) -> Result<(), ApiError> {
        let sides = self.sides;
        if self.teams.len() > usize::from(self.seats) || self.teams.iter().any(|t| *t > sides) {
            let message =
                format!("these rules have {sides} teams: name one of 0 to {sides} for each seat");
            return Err(ApiError::bad_request(message));
        }
        Ok(())
    }

    /// The team that was chosen for a seat; 0 if none was.
    pub(super) fn team_of(&self, seat: u16) -> u8 {
        self.teams.get(usize::from(seat)).copied().unwrap_or(0)
    }

    /// Chooses the team of a seat.
    pub(super) fn put_in_team(&mut self, seat: u16, team: u8) {
        self.teams.resize(usize::from(self.seats), 0);
        self.teams[usize::from(seat)] = team;
    }

    /// The teams of these seats: the chosen ones, all others are dealt out to the team that
    /// has the fewest.
    pub(super) fn deal(&self, seats: &[u16]) -> Vec<u8> {
        let mut teams: Vec<u8> = seats.iter().map(|seat| self.team_of(*seat)).collect();
        for at in 0..teams.len() {
            if teams[at] == 0 && self.sides > 0 {
                let count = |team: &u8| teams.iter().filter(|other| *other == team).count();
                teams[at] = (1..=self.sides).min_by_key(count).unwrap_or(0);
            }
        }
        teams
    }

    /// Seats for people: the first ones.
    #[must_use]
    pub fn people(&self) -> u16 {
        // Fewer bots than seats: checked when the settings were made.
        self.seats.saturating_sub(self.bots.len() as u16)
    }

    /// Kind and name of the bot at a seat, if one sits there.
    pub(super) fn bot_at(&self, seat: u16) -> Option<(&str, String)> {
        let at = usize::from(seat.checked_sub(self.people())?);
        let bot = self.bots.get(at)?;
        Some((bot, format!("{} {}", capitalised(bot), at + 1)))
    }

    /// The same game once more.
    pub(super) fn again(self) -> NewGame {
        NewGame {
            map: Some(self.map),
            rules: Some(self.rules),
            bots: self.bots,
            seats: Some(self.seats),
            private: self.private,
            chat: self.chat,
            watching: self.watching,
            teams: Vec::new(),
            start: false,
        }
    }

    /// The rules by name for lists; of one's own making, only that they are.
    #[must_use]
    pub fn rules_name(&self) -> &str {
        if Rules::PRESETS.contains(&self.rules.as_str()) { &self.rules } else { "custom" }
    }

    /// The rules.
    ///
    /// # Errors
    /// 400 with all that is wrong.
    pub fn rules(&self) -> Result<Rules, ApiError> {
        if let Some(rules) = Rules::preset(&self.rules) {
            return Ok(rules);
        }
        let known = Rules::PRESETS.join(", ");
        Rules::from_toml(&self.rules).map_err(|error| {
            let message = format!("the rules are neither a preset ({known}) nor valid: {error}");
            ApiError::bad_request(message)
        })
    }

    /// Whether there can be such a game; how many teams it has.
    fn trial(&self, maps: &Maps) -> Result<u8, ApiError> {
        let Some(entry) = maps.get(&self.map) else {
            let message = format!("there is no map '{}'; see GET /v1/maps", self.map);
            return Err(ApiError::bad_request(message));
        };
        let rules = Arc::new(self.rules()?);
        let sides = rules.seats.teams;
        let trial = Game::new(Arc::clone(&entry.map), rules, Seed([0; 16]), self.seats);
        trial.map(|_| sides).map_err(|error| ApiError::bad_request(error.to_string()))
    }
}

/// How others may watch: as usual unless something is said, with fog never live.
fn watching(wish: Option<Watching>, fog: bool, limits: &Limits) -> Result<Watching, ApiError> {
    let (least, most) = (limits.spectator_delay_least_s, limits.spectator_delay_most_s);
    let watching = wish.unwrap_or_else(|| Watching::usual(fog)).fitting(fog, least);
    if wish.is_some_and(|wish| u64::from(wish.delay_s) > most) {
        metrics::limit_hit("spectator_delay_most_s");
        let message = format!("those who watch can see it at most {most} seconds later");
        return Err(ApiError::bad_request(message));
    }
    Ok(watching)
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::room::WatchView;

    fn check(json: &str) -> Result<Settings, ApiError> {
        let wish: NewGame = serde_json::from_str(json).unwrap();
        wish.check(&Maps::load(None).unwrap(), &Limits::default())
    }

    #[test]
    fn nothing_said_is_the_world_for_two() {
        let settings = check("{}").unwrap();
        assert_eq!((settings.map.as_str(), settings.seats, settings.people()), ("world", 2, 2));
        let with_bots = check(r#"{"bots": ["expander", "random", "random"]}"#).unwrap();
        assert_eq!((with_bots.seats, with_bots.people()), (4, 1));
    }

    #[test]
    fn impossible_games_are_refused_in_words() {
        for (json, word) in [
            (r#"{"map": "atlantis"}"#, "atlantis"),
            (r#"{"bots": ["hal"]}"#, "hal"),
            (r#"{"seats": 1}"#, "seats"),
            (r#"{"seats": 65}"#, "seats"),
            (r#"{"seats": 2, "bots": ["random", "random"]}"#, "seats"),
            (r#"{"map": "classic", "seats": 50}"#, "territories"),
            (r#"{"rules": "version = 1"}"#, "rules"),
        ] {
            let error = check(json).unwrap_err();
            assert_eq!(error.status, http::StatusCode::BAD_REQUEST);
            assert!(error.message.contains(word), "{json}: {}", error.message);
        }
    }

    #[test]
    fn a_game_with_fog_is_never_watched_live() {
        let watching = |json: &str| check(json).unwrap().watching.unwrap();
        assert_eq!(watching("{}"), Watching { delay_s: 0, view: WatchView::All });
        assert_eq!(watching(r#"{"rules": "fog"}"#).view, WatchView::None);
        let asked = watching(r#"{"rules": "fog", "watching": {"view": "side", "delay_s": 5}}"#);
        assert_eq!(asked, Watching { delay_s: 60, view: WatchView::Side });
        let asked = watching(r#"{"watching": {"delay_s": 30}}"#);
        assert_eq!(asked, Watching { delay_s: 30, view: WatchView::All });
        assert!(check(r#"{"watching": {"delay_s": 301}}"#).unwrap_err().message.contains("300"));
    }

    #[test]
    fn a_host_changes_what_he_names() {
        let before = check(r#"{"rules": "teams", "bots": ["random"], "seats": 4}"#).unwrap();
        let changed = |json: &str| {
            let wish = before.with(serde_json::from_str(json).unwrap());
            wish.check(&Maps::load(None).unwrap(), &Limits::default())
        };
        let fewer = changed(r#"{"bots": [], "map": "classic"}"#).unwrap();
        assert_eq!((fewer.seats, fewer.people(), fewer.map.as_str()), (3, 3, "classic"));
        assert_eq!(changed("{}").unwrap(), before);
        for refused in [r#"{"seats": 1}"#, r#"{"teams": [3]}"#, r#"{"teams": [1, 1, 1, 1, 1]}"#] {
            assert!(changed(refused).is_err(), "{refused}");
        }
        assert_eq!(changed(r#"{"teams": [2, 2]}"#).unwrap().deal(&[0, 1, 2, 3]), [2, 2, 1, 1]);
    }

    #[test]
    fn where_nothing_is_chosen_teams_are_dealt_out_in_turn() {
        let settings = check(r#"{"rules": "teams", "seats": 6}"#).unwrap();
        assert_eq!(settings.deal(&[0, 2, 5]), [1, 2, 1]);
        let alone = check(r#"{"seats": 3}"#).unwrap();
        assert_eq!(alone.deal(&[0, 1, 2]), [0, 0, 0]);
    }

    #[test]
    fn edited_rules_are_accepted() {
        let text = Rules::preset("classic").unwrap().to_toml();
        let settings = check(&serde_json::json!({ "rules": text }).to_string()).unwrap();
        assert_eq!(settings.rules_name(), "custom");
        assert_eq!(settings.rules().unwrap().hash(), Rules::preset("classic").unwrap().hash());
    }
}
