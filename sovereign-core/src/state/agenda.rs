//! What falls due, and when.

use alloc::vec::Vec;

use super::sorted::{MANY, fill, insert_late, key, remove};
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
    Strike = 7,
    Supply = 8,
    Turn = 9,
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
            6 => DueKind::Overtime,
            7 => DueKind::Strike,
            8 => DueKind::Supply,
            _ => DueKind::Turn,
        };
        Self { tick: Tick((key >> 36) as u32), kind, id: key as u32 }
    }
}

/// All that falls due, earliest first.
///
/// What is taken is mostly due next and leaves free room, into which what is new and falls
/// due soon moves the earlier keys; what falls due late moves the later ones.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    keys: Vec<u64>,
    /// Where the keys begin; before lies free room.
    start: usize,
}

impl PartialEq for Agenda {
    /// What it holds counts, not where.
    fn eq(&self, other: &Self) -> bool {
        self.live() == other.live()
    }
}

impl Eq for Agenda {}

impl Clone for Agenda {
    fn clone(&self) -> Self {
        Self { keys: self.live().to_vec(), start: 0 }
    }

    fn clone_from(&mut self, source: &Self) {
        self.start = 0;
        self.keys.clear();
        self.keys.extend_from_slice(source.live());
    }
}

impl Agenda {
    /// The least free room that is worth giving back.
    const ROOM: usize = 64;

    fn live(&self) -> &[u64] {
        &self.keys[self.start..]
    }

    pub(super) fn next(&self) -> Option<Due> {
        self.keys.get(self.start).copied().map(Due::from_key)
    }

    /// What falls due next, if that is by a tick. Mostly nothing does, which is soon seen.
    #[inline]
    pub(super) fn due_by(&self, tick: Tick) -> Option<Due> {
        let first = self.keys.get(self.start).filter(|key| **key >> 36 <= u64::from(tick.0));
        first.copied().map(Due::from_key)
    }

    #[inline]
    pub(super) fn insert(&mut self, due: Due) {
        let (key, live) = (due.key(), self.live());
        let soon = live.get(live.len() / 2).is_some_and(|middle| key < *middle);
        if soon && self.start > 0 && live.len() <= MANY {
            return self.insert_early(key);
        }
        if self.start >= Self::ROOM && self.start * 2 >= self.keys.len() {
            self.keys.drain(..core::mem::take(&mut self.start));
        }
        insert_late(&mut self.keys, self.start, key);
    }

    /// Moves earlier keys into the free room.
    #[inline]
    fn insert_early(&mut self, key: u64) {
        self.start -= 1;
        let Some((hole, others)) = self.keys[self.start..].split_first_mut() else { return };
        fill(hole, others.iter_mut().take_while(|other| **other < key), key);
    }

    /// Mostly what is removed is due.
    #[inline]
    pub(super) fn remove(&mut self, due: Due) {
        let key = due.key();
        if self.keys.get(self.start) == Some(&key) {
            self.start += 1;
        } else {
            remove(&mut self.keys, self.start, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(tick: u32, kind: DueKind, id: u32) -> Due {
        Due { tick: Tick(tick), kind, id }
    }

    #[test]
    fn things_come_due_by_tick_then_kind_then_number_whatever_the_order_they_went_in() {
        let mut agenda = Agenda::default();
        let all: Vec<_> = (0..400).map(|n| due(n * 7 % 13, DueKind::Round, n)).collect();
        for due in all.iter().rev() {
            agenda.insert(*due);
        }
        agenda.insert(due(3, DueKind::Arrival, 999));
        agenda.remove(all[5]);
        let mut sorted = all.clone();
        sorted.remove(5);
        sorted.push(due(3, DueKind::Arrival, 999));
        sorted.sort_by_key(|due| (due.tick, due.kind as u32, due.id));
        for expected in sorted {
            assert_eq!(agenda.next(), Some(expected));
            agenda.remove(expected);
            // As a rollback does, and as what is new does: at the front and at the end.
            agenda.insert(expected);
            agenda.remove(expected);
            agenda.insert(due(9_000, DueKind::Build, expected.id));
        }
        assert_eq!(agenda.clone(), agenda);
        (0..1_000).for_each(|id| agenda.remove(due(9_000, DueKind::Build, id)));
        assert_eq!(agenda, Agenda::default());
    }
}
