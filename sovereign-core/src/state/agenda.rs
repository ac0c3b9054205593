//! What falls due, and when.

use alloc::collections::VecDeque;

use super::sorted::key;
use crate::quantity::Tick;

/// What falls due, in the order in which a tick deals with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DueKind {
    Phase = 0,
    Build = 1,
    Pact = 2,
    Meeting = 3,
    Arrival = 4,
    Round = 5,
    Overtime = 6,
}

/// Something that falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) tick: Tick,
    pub(crate) kind: DueKind,
    pub(crate) id: u32,
}

impl Due {
    /// `tick << 36 | kind << 32 | id`: keys sort by tick, kind, id.
    fn key(self) -> u64 {
        key(self.tick.0 << 4 | self.kind as u32, self.id)
    }

    fn from_key(key: u64) -> Self {
        let kind = match (key >> 32) & 0xf {
            0 => DueKind::Phase,
            1 => DueKind::Build,
            2 => DueKind::Pact,
            3 => DueKind::Meeting,
            4 => DueKind::Arrival,
            5 => DueKind::Round,
            _ => DueKind::Overtime,
        };
        Self { tick: Tick((key >> 36) as u32), kind, id: key as u32 }
    }
}

/// All that falls due, earliest first. Canonical: a pure function of what it holds.
///
/// What is new mostly falls due late, and what is taken is mostly due next: both ends
/// are cheap, and between them the shorter side moves (8 bytes a key).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Agenda(VecDeque<u64>);

impl Clone for Agenda {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        let (front, back) = source.0.as_slices();
        self.0.clear();
        self.0.extend(front);
        self.0.extend(back);
    }
}

impl Agenda {
    /// How many keys are looked at one by one, from the end at which they are expected.
    const NEAR: usize = 8;

    pub(super) fn next(&self) -> Option<Due> {
        self.0.front().copied().map(Due::from_key)
    }

    pub(super) fn insert(&mut self, due: Due) {
        let key = due.key();
        let later = self.0.iter().rev().take(Self::NEAR).take_while(|other| **other > key).count();
        let at = if later < Self::NEAR {
            self.0.len() - later
        } else {
            self.0.partition_point(|other| *other < key)
        };
        self.0.insert(at, key);
    }

    pub(super) fn remove(&mut self, due: Due) {
        let key = due.key();
        if self.0.front() == Some(&key) {
            self.0.pop_front();
        } else if let Ok(at) = self.0.binary_search(&key) {
            self.0.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn due(tick: u32, kind: DueKind, id: u32) -> Due {
        Due { tick: Tick(tick), kind, id }
    }

    #[test]
    fn things_come_due_by_tick_then_kind_then_number_whatever_the_order_they_went_in() {
        let mut agenda = Agenda::default();
        let all: Vec<_> = (0..40).map(|n| due(n * 7 % 13, DueKind::Round, n)).collect();
        for due in all.iter().rev() {
            agenda.insert(*due);
        }
        agenda.insert(due(3, DueKind::Arrival, 99));
        agenda.remove(all[5]);
        let mut sorted = all.clone();
        sorted.remove(5);
        sorted.push(due(3, DueKind::Arrival, 99));
        sorted.sort_by_key(|due| (due.tick, due.kind as u32, due.id));
        for expected in sorted {
            assert_eq!(agenda.next(), Some(expected));
            agenda.remove(expected);
        }
        assert_eq!(agenda, Agenda::default());
    }
}
