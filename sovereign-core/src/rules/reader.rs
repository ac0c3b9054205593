//! Reads a rules file, and tells all that is wrong with it at once, and where.
//!
//! The file is walked beside a shipped one, which has every key. What is wrong is noted and
//! mended from there, so that the rest can be judged too.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};
use toml::{Table, Value};

use super::draft::{
    DiplomacyRules, FogRules, IncomeRules, RulesDraft, SeatRules, SpawnMode, SpawnRules,
    TerrainRules, VictoryRules,
};
use super::nearest::nearest;
use super::problem::{Fault, Place, RulesProblem};
use super::structure::StructureRules;
use super::turns::{Bonus, TurnRules};
use super::war::{BattleRules, CombatModel, MarchRules, StrikeRules, SupplyRules};

/// A file that has every key, each of its type.
const PATTERN: &str = include_str!("../../../rules/classic.toml");

/// What a rules file says, mended where it is wrong.
pub(super) struct Reading {
    pub(super) draft: RulesDraft,
    pub(super) problems: Vec<RulesProblem>,
    places: BTreeMap<String, Place>,
}

impl Reading {
    /// Reads a file; `Err` if it is no TOML.
    pub(super) fn of(text: &str) -> Result<Self, Vec<RulesProblem>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(errors.iter().map(|error| syntax(text, error)).collect());
        }
        let pattern: Table = PATTERN.parse().expect("the shipped rules are TOML");
        let mut reader = Reader::new(text, &pattern);
        let mended = reader.section("", root.get_ref(), None, &pattern);
        let draft = RulesDraft::deserialize(Value::Table(mended));
        let draft = draft.expect("every key is there, of its type and in its range");
        Ok(Self { draft, problems: reader.problems, places: reader.places })
    }

    /// All problems, also those of numbers that do not fit each other, by their places.
    pub(super) fn all_problems(mut self) -> Vec<RulesProblem> {
        for mut problem in self.draft.problems() {
            let key = problem.field.strip_prefix("rules.").unwrap_or(&problem.field);
            let key = key.strip_suffix(".length").unwrap_or(key);
            problem.place = self.places.get(key).copied();
            self.problems.push(problem);
        }
        self.problems.sort_by_key(|problem| problem.place);
        self.problems
    }
}

struct Reader<'t> {
    text: &'t str,
    /// Every key of the pattern by its path.
    known: Vec<String>,
    problems: Vec<RulesProblem>,
    places: BTreeMap<String, Place>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, pattern: &Table) -> Self {
        let mut known = Vec::new();
        keys("", pattern, &mut known);
        Self { text, known, problems: Vec::new(), places: BTreeMap::new() }
    }

    fn blame(&mut self, field: String, place: Option<Place>, fault: Fault) {
        self.problems.push(RulesProblem { field, place, fault });
    }

    /// A section, with what it lacks and without what it should not have.
    fn section(
        &mut self,
        path: &str,
        found: &DeTable<'_>,
        place: Option<Place>,
        pattern: &Table,
    ) -> Table {
        for key in found.keys().filter(|key| !pattern.contains_key(key.get_ref().as_ref())) {
            let field = join(path, key.get_ref());
            let meant = nearest(&field, &self.known);
            let place = Place::of(self.text, key.span().start);
            self.blame(field, Some(place), Fault::Unknown { meant });
        }
        let mut mended = Table::new();
        for (key, model) in pattern {
            let field = join(path, key);
            let value = match found.get_key_value(key.as_str()) {
                Some((key, value)) => {
                    self.places.insert(field.clone(), Place::of(self.text, key.span().start));
                    self.value(&field, value, model)
                }
                None => {
                    self.blame(field, place, Fault::Missing);
                    model.clone()
                }
            };
            mended.insert(key.clone(), value);
        }
        mended
    }

    /// A value, or if it is wrong what the pattern has in its place.
    fn value(&mut self, field: &str, found: &Spanned<DeValue<'_>>, model: &Value) -> Value {
        let place = Place::of(self.text, found.span().start);
        let mended = match (found.get_ref(), model) {
            (DeValue::Table(table), Value::Table(model)) => {
                return Value::Table(self.section(field, table, Some(place), model));
            }
            (DeValue::Array(list), Value::Array(model)) => {
                let items = list.iter().enumerate();
                let item = |(at, item)| self.value(&format!("{field}[{at}]"), item, &model[0]);
                return Value::Array(items.map(item).collect());
            }
            (DeValue::Integer(number), Value::Integer(_)) => whole(field, number),
            (DeValue::Boolean(flag), Value::Boolean(_)) => Ok(Value::Boolean(*flag)),
            (DeValue::String(text), Value::String(_)) => choice(field, text),
            (found, model) => {
                Err(Fault::Type { expected: model.type_str(), found: type_of(found) })
            }
        };
        mended.unwrap_or_else(|fault| {
            self.blame(field.to_string(), Some(place), fault);
            model.clone()
        })
    }
}

/// A number within the range of its field.
fn whole(field: &str, number: &DeInteger<'_>) -> Result<Value, Fault> {
    let allowed = range(field);
    let parsed = i128::from_str_radix(number.as_str(), number.radix());
    let fits = parsed
        .ok()
        .and_then(|n| i64::try_from(n).ok())
        .filter(|n| u64::try_from(*n).is_ok_and(|n| allowed.contains(&n)));
    let found = || number.to_string();
    fits.map(Value::Integer).ok_or_else(|| Fault::Range { found: found(), allowed })
}

/// A text; where only some are known, one of them.
fn choice(field: &str, text: &str) -> Result<Value, Fault> {
    let known = match field {
        "battle.model" => CombatModel::ALL.map(|model| name_of(&model)).to_vec(),
        "spawn.mode" => SpawnMode::ALL.map(|mode| name_of(&mode)).to_vec(),
        "income.bonus" => Bonus::ALL.map(|bonus| name_of(&bonus)).to_vec(),
        _ => return Ok(Value::String(text.into())),
    };
    if known.iter().any(|name| name == text) {
        Ok(Value::String(text.into()))
    } else {
        Err(Fault::Choice { found: text.into(), known })
    }
}

/// The name that a choice has in a file.
fn name_of(choice: &impl serde::Serialize) -> String {
    let value = Value::try_from(choice).expect("choices are plain names");
    value.as_str().unwrap_or_default().into()
}

/// What a number may be; the widest that fits any where sections do not say.
fn range(field: &str) -> RangeInclusive<u64> {
    let (section, key) = field.rsplit_once('.').unwrap_or(("", field));
    let ranges = match section {
        "seats" => SeatRules::RANGES,
        "spawn" => SpawnRules::RANGES,
        "march" => MarchRules::RANGES,
        "battle" => BattleRules::RANGES,
        "strike" => StrikeRules::RANGES,
        "supply" => SupplyRules::RANGES,
        "turns" => TurnRules::RANGES,
        "income" => IncomeRules::RANGES,
        "diplomacy" => DiplomacyRules::RANGES,
        "fog" => FogRules::RANGES,
        "victory" => VictoryRules::RANGES,
        _ if section.starts_with("terrain.") => TerrainRules::RANGES,
        _ if section.starts_with("structures.") => StructureRules::RANGES,
        _ => &[],
    };
    let found = ranges.iter().find(|(name, ..)| *name == key);
    found.map_or_else(|| 0..=u64::from(u32::MAX), |(_, low, high)| *low..=*high)
}

fn keys(path: &str, table: &Table, known: &mut Vec<String>) {
    for (key, value) in table {
        let field = join(path, key);
        if let Value::Table(inner) = value {
            keys(&field, inner, known);
        }
        known.push(field);
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.into() } else { format!("{path}.{key}") }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "string",
        DeValue::Integer(_) => "integer",
        DeValue::Float(_) => "float",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "datetime",
        DeValue::Array(_) => "array",
        DeValue::Table(_) => "table",
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> RulesProblem {
    let place = error.span().map(|span| Place::of(text, span.start));
    let message = error.message().trim().to_string();
    RulesProblem { field: String::new(), place, fault: Fault::Syntax { message } }
}
