//! What a study plays: a cell for each combination of rules, and for each restriction.

use std::fmt::Write;

use serde::Serialize;
use sha2::{Digest, Sha256};
use sovereign_core::quantity::Tick;
use sovereign_core::rules::RULES_VERSION;
use sovereign_core::{Rules, Seed};

use super::StudyArgs;
use super::line::GameLine;
use crate::arena::{Arena, Contender, Restriction};
use crate::error::CliError;
use crate::source;

/// The most combinations of a study.
const CELLS_MAX: usize = 10_000;

/// What a study plays.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The games of each cell.
    pub(crate) games: u64,
    /// The cells: first those of the rules, then those of restrictions.
    pub(crate) cells: Vec<Cell>,
}

/// A rule and a value of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Setting {
    /// Its place in the rules file, such as `growth.decay`.
    pub(crate) rule: String,
    /// The value, as the rules file has it.
    pub(crate) value: String,
}

/// A combination of rules, and who plays by them.
#[derive(Debug)]
pub(crate) struct Cell {
    /// What its results are known by: a hash of all that decides them.
    pub(crate) key: String,
    /// What differs from the rules that were named.
    pub(crate) settings: Vec<Setting>,
    /// What every other bot does without.
    pub(crate) restriction: Option<Restriction>,
    /// Where it is played.
    pub(crate) arena: Arena,
    /// Who plays, before they move on from game to game.
    pub(crate) contenders: Vec<Contender>,
}

impl Plan {
    /// Every combination of the values, and the rules as they are with each restriction;
    /// before them, if asked for, the rules as they are.
    pub(crate) fn new(args: &StudyArgs, as_they_are: bool) -> Result<Self, CliError> {
        let text = source::rules(&args.rules)?.to_toml();
        let contenders = Contender::parse_all(&args.bots)?.into_iter();
        let contenders: Vec<_> = contenders.map(|bot| bot.within(args.deadline())).collect();
        let mut cells = Vec::new();
        if as_they_are && !args.sets.is_empty() {
            cells.push(Cell::new(args, &text, Vec::new(), None, contenders.clone())?);
        }
        for settings in combinations(&args.sets)? {
            cells.push(Cell::new(args, &text, settings, None, contenders.clone())?);
        }
        for name in &args.restrict {
            let restriction = restriction(name)?;
            let halved = halved(&contenders, restriction);
            cells.push(Cell::new(args, &text, Vec::new(), Some(restriction), halved)?);
        }
        cells[0].arena.check(&contenders)?;
        Ok(Self { games: args.games, cells })
    }
}

fn restriction(name: &str) -> Result<Restriction, CliError> {
    Restriction::by_name(name).ok_or_else(|| {
        let names = Restriction::ALL.map(Restriction::name).join(", ");
        CliError::input(format!("--restrict: there is no '{name}'; there are {names}"))
    })
}

/// Every other bot does without.
fn halved(contenders: &[Contender], restriction: Restriction) -> Vec<Contender> {
    let half = |(seat, contender): (usize, &Contender)| {
        if seat % 2 == 0 { contender.clone() } else { contender.without(restriction) }
    };
    contenders.iter().enumerate().map(half).collect()
}

/// Every combination of the values of each rule; one with no settings if there are none.
fn combinations(sets: &[String]) -> Result<Vec<Vec<Setting>>, CliError> {
    let mut all = vec![Vec::new()];
    for set in sets {
        let (rule, values) = set.split_once('=').ok_or_else(|| {
            CliError::input(format!("--set {set}: write RULE=VALUE,VALUE as in growth.decay=1,2"))
        })?;
        let values: Vec<_> = values.split(',').map(str::trim).collect();
        let setting =
            |value: &str| Setting { rule: rule.trim().to_owned(), value: value.to_owned() };
        let with = |known: &Vec<Setting>, value: &&str| {
            known.iter().cloned().chain([setting(value)]).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(|known| values.iter().map(|v| with(known, v))).collect();
        if all.len() > CELLS_MAX {
            return Err(CliError::input(format!("more than {CELLS_MAX} combinations")));
        }
    }
    Ok(all)
}

impl Cell {
    fn new(
        args: &StudyArgs,
        text: &str,
        settings: Vec<Setting>,
        restriction: Option<Restriction>,
        contenders: Vec<Contender>,
    ) -> Result<Self, CliError> {
        let (map, rules) = (source::map(&args.map)?, changed(text, &settings)?);
        let arena = Arena::new(map, rules.into(), contenders.len(), Tick(args.ticks_max));
        let key = key(args, &arena, &contenders);
        Ok(Self { key, settings, restriction, arena, contenders })
    }

    /// Plays a game of the cell.
    pub(super) fn play(&self, game: u64, seed: u64) -> Result<GameLine, CliError> {
        let played = self.arena.play(Seed::from(seed).child(game), &self.seating(game))?;
        Ok(GameLine::new(&self.key, game, &played))
    }

    /// Who sits where in a game: everybody moves on by one seat from game to game.
    pub(crate) fn seating(&self, game: u64) -> Vec<&Contender> {
        let mut lineup: Vec<_> = self.contenders.iter().collect();
        let turns = game % lineup.len().max(1) as u64;
        lineup.rotate_right(turns as usize);
        lineup
    }

    /// What the cell varies, in words.
    pub(crate) fn name(&self) -> String {
        let mut words: Vec<_> =
            self.settings.iter().map(|Setting { rule, value }| format!("{rule}={value}")).collect();
        words.extend(self.restriction.map(|without| format!("without {without}")));
        if words.is_empty() { "as they are".to_owned() } else { words.join(" ") }
    }
}

/// The rules after some values were set.
fn changed(text: &str, settings: &[Setting]) -> Result<Rules, CliError> {
    let mut table: toml::Table =
        toml::from_str(text).map_err(|error| CliError::input(error.to_string()))?;
    for setting in settings {
        setting.apply(&mut table)?;
    }
    let text = toml::to_string(&table).map_err(CliError::input)?;
    let named = || settings.iter().map(|s| format!("{}={}", s.rule, s.value)).collect::<Vec<_>>();
    Rules::from_toml(&text)
        .map_err(|e| CliError::input(format!("--set {}: {e}", named().join(" "))))
}

impl Setting {
    fn apply(&self, table: &mut toml::Table) -> Result<(), CliError> {
        let (path, last) = self.rule.rsplit_once('.').unwrap_or(("", &self.rule));
        let mut inner = table;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let next = inner.get_mut(part).and_then(toml::Value::as_table_mut);
            inner = next
                .ok_or_else(|| CliError::input(format!("--set: there is no section '{path}'")))?;
        }
        if !inner.contains_key(last) {
            let known: Vec<_> = inner.keys().map(String::as_str).collect();
            let (rule, known) = (&self.rule, known.join(", "));
            return Err(CliError::input(format!(
                "--set: there is no rule '{rule}'; there are {known}"
            )));
        }
        inner.insert(last.to_owned(), self.parsed());
        Ok(())
    }

    /// As TOML reads it; a bare word is a string.
    fn parsed(&self) -> toml::Value {
        let document = format!("value = {}", self.value);
        let table: Option<toml::Table> = toml::from_str(&document).ok();
        let value = table.and_then(|mut table| table.remove("value"));
        value.unwrap_or_else(|| toml::Value::String(self.value.clone()))
    }
}

/// A hash of all that decides a cell's games.
fn key(args: &StudyArgs, arena: &Arena, contenders: &[Contender]) -> String {
    let mut text = String::new();
    let engine = env!("CARGO_PKG_VERSION");
    let _ = writeln!(text, "{engine} {RULES_VERSION} {} {}", arena.map.hash(), arena.rules.hash());
    let _ = writeln!(text, "{} {}", args.seed, args.ticks_max);
    for contender in contenders {
        let _ = writeln!(text, "{contender}");
    }
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_combined_each_with_each() {
        let sets = ["a.b=1,2".to_owned(), "c=x,y,z".to_owned()];
        let all = combinations(&sets).expect("well written");
        assert_eq!(all.len(), 6);
        assert_eq!(all[4][0].value, "2");
        assert_eq!((all[4][1].rule.as_str(), all[4][1].value.as_str()), ("c", "y"));
        assert_eq!(combinations(&[]).expect("nothing is well written"), [Vec::new()]);
        assert!(combinations(&["a.b".to_owned()]).is_err());
    }

    #[test]
    fn values_are_set_by_their_place() {
        let text = Rules::preset("classic").expect("shipped").to_toml();
        let setting =
            |rule: &str, value: &str| [Setting { rule: rule.into(), value: value.into() }];
        let rules = changed(&text, &setting("terrain.plains.cap", "77")).expect("a rule");
        assert_eq!(rules.terrain.plains.cap, 77);
        for (rule, value, said) in [
            ("growth.dekay", "1", "decay"),
            ("grown.decay", "1", "grown"),
            ("growth.decay", "0", "growth.decay"),
            ("growth.decay", "much", "growth.decay"),
        ] {
            let error = changed(&text, &setting(rule, value)).expect_err("no rule").to_string();
            assert!(error.contains(said), "{rule}={value}: {error}");
        }
    }
}
