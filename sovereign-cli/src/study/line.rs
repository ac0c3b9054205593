//! A finished game as a line of a results file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sovereign_core::event::EndReason;

use crate::arena::{Features, Played};

/// At how many tenths of a game it is looked who leads: 1 to 9.
pub(crate) const TENTHS: u32 = 10;

/// What is kept of a game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GameLine {
    /// The key of the cell that it belongs to.
    pub(crate) cell: String,
    /// Its number in the cell: which child of the seed it was played with.
    pub(crate) game: u64,
    /// Who won.
    pub(crate) winner: Option<u16>,
    /// Why it ended; nothing if it was given up.
    pub(crate) reason: Option<EndReason>,
    /// The tick at which it ended.
    pub(crate) ticks: u32,
    /// Orders carried out.
    pub(crate) orders: u64,
    /// The hash of its last state.
    pub(crate) hash: String,
    /// How often the lead went from one player to another.
    pub(crate) lead_changes: u64,
    /// Who led after each tenth of the game but the last.
    pub(crate) leaders: Vec<Option<u16>>,
    /// How often each rule was used.
    pub(crate) used: BTreeMap<String, u64>,
    /// Seats that were lost by a program's fault.
    pub(crate) forfeits: usize,
}

impl GameLine {
    /// What is kept of a game that has been played.
    pub(crate) fn new(cell: &str, game: u64, played: &Played) -> Self {
        let tenth = |tenth| (u64::from(played.ticks) * u64::from(tenth) / u64::from(TENTHS)) as u32;
        let leader = |at| played.course.leader_at(at).map(|seat| seat.0);
        let mut used = Features::new();
        played.course.add_to(&mut used);
        Self {
            cell: cell.to_owned(),
            game,
            winner: played.winner.map(|winner| winner.0),
            reason: played.reason,
            ticks: played.ticks,
            orders: played.orders,
            hash: format!("{:016x}", played.hash),
            lead_changes: played.course.lead_changes(),
            leaders: (1..TENTHS).map(|count| leader(tenth(count))).collect(),
            used,
            forfeits: played.forfeits.len(),
        }
    }
}
