//! What is kept of a game's course: who led when, and which of the rules were used.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use serde::Serialize;
use serde::de::{self, DeserializeOwned, Visitor};
use serde_json::Value;
use sovereign_core::id::PlayerId;
use sovereign_core::{Command, Event, Game, Order, Step, Structure};

/// The course of a game.
#[derive(Debug, Default)]
pub(crate) struct Course {
    /// Who took the lead at which tick: the one player with the most land.
    leads: Vec<(u32, PlayerId)>,
    /// How often each kind of event happened, with one of the kind.
    events: Vec<(Discriminant<Event>, Event, u64)>,
    /// How often each command was carried out.
    commands: BTreeMap<&'static str, u64>,
    /// How often each structure was founded, by its name.
    structures: Vec<(Structure, u64)>,
}

/// How often each of the rules was used, by kind and name: `commands`, `events`,
/// `structures`. Those that were never used are there too.
pub(crate) type Features = BTreeMap<String, u64>;

impl Course {
    /// Takes in a step after which the game is as given.
    pub(super) fn watch(&mut self, game: &Game, step: &Step) {
        for order in &step.batch.orders {
            if let Order::Player { command, .. } | Order::Bot { command, .. } = order {
                self.count(command);
            }
        }
        let mut moved = self.leads.is_empty();
        for event in game.events() {
            self.note(event);
            moved |= matches!(event, Event::Captured { .. } | Event::PlayerOut { .. });
        }
        if moved {
            self.look_who_leads(game);
        }
    }

    fn count(&mut self, command: &Command) {
        *self.commands.entry(command.name()).or_default() += 1;
        let Command::Build(build) = command else { return };
        match self.structures.iter_mut().find(|(structure, _)| *structure == build.structure) {
            Some((_, count)) => *count += 1,
            None => self.structures.push((build.structure, 1)),
        }
    }

    fn note(&mut self, event: Event) {
        let kind = discriminant(&event);
        match self.events.iter_mut().find(|(known, ..)| *known == kind) {
            Some((.., count)) => *count += 1,
            None => self.events.push((kind, event, 1)),
        }
    }

    fn look_who_leads(&mut self, game: &Game) {
        let view = game.view(None);
        let lands = view.players().filter(|id| view.is_playing(*id));
        let mut counts: Vec<_> = lands.map(|id| (view.territory_count(id), id)).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let alone = match counts[..] {
            [(most, id), (second, _), ..] => (most > second).then_some(id),
            [(_, id)] => Some(id),
            [] => None,
        };
        let Some(leader) = alone else { return };
        if self.leads.last().is_none_or(|(_, known)| *known != leader) {
            self.leads.push((game.tick().0, leader));
        }
    }

    /// How often the lead went from one player to another.
    pub(crate) fn lead_changes(&self) -> u64 {
        self.leads.len().saturating_sub(1) as u64
    }

    /// Who led at a tick: nobody before somebody had more land than all others.
    pub(crate) fn leader_at(&self, tick: u32) -> Option<PlayerId> {
        let before = self.leads.partition_point(|(since, _)| *since <= tick);
        before.checked_sub(1).map(|at| self.leads[at].1)
    }

    /// Adds what was used to a count over many games.
    pub(crate) fn add_to(&self, features: &mut Features) {
        let mut add = |kind: &str, name: &str, count: u64| {
            *features.entry(format!("{kind} {name}")).or_default() += count;
        };
        for (name, count) in &self.commands {
            add("command", name, *count);
        }
        for (structure, count) in &self.structures {
            add("structure", &word(structure), *count);
        }
        for (_, event, count) in &self.events {
            add("event", &word(event), *count);
        }
    }
}

/// All that the engine's rules know, never used.
pub(crate) fn unused() -> Features {
    let kinds = [
        ("command", variants::<Command>()),
        ("event", variants::<Event>()),
        ("structure", variants::<Structure>()),
    ];
    let named = |(kind, names): (&str, &[&str])| {
        names.iter().map(|name| (format!("{kind} {name}"), 0)).collect::<Vec<_>>()
    };
    kinds.into_iter().flat_map(named).collect()
}

/// The word that stands for a value in JSON: of an enum, the variant's name.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

/// The names of an enum's variants: what its own reader would accept, so that none is
/// forgotten when the engine learns a new one.
fn variants<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut asked = Names(&[]);
    // Reading always fails: there is nothing to read, only names to hear.
    let _ = T::deserialize(&mut asked);
    asked.0
}

/// A reader that only hears which names would be accepted.
struct Names(&'static [&'static str]);

impl<'de> de::Deserializer<'de> for &mut Names {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("there is nothing to read"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0 = variants;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        option unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_itself_names_its_rules() {
        let features = unused();
        for name in ["command attack", "command surrender", "event captured", "structure port"] {
            assert_eq!(features.get(name), Some(&0), "{features:?}");
        }
    }

    #[test]
    fn the_leader_is_known_at_any_tick() {
        let [a, b] = [PlayerId(0), PlayerId(1)];
        let course = Course { leads: vec![(10, a), (20, b), (30, a)], ..Course::default() };
        assert_eq!(course.lead_changes(), 2);
        assert_eq!(course.leader_at(9), None);
        assert_eq!([10, 19, 20, 99].map(|tick| course.leader_at(tick)), [a, a, b, a].map(Some));
    }
}
