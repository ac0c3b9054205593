//! Games of other kinds: in teams, under fog, in turns.

use std::sync::Arc;

use sovereign_core::quantity::Tick;
use sovereign_core::{Command, Rules};

use super::Check;
use super::game::whole;
use crate::command::conform::host::{Bench, Scene, Seen, grid};

/// Time for a dozen turns, however long they last.
const TURNS: Tick = Tick(16_000);

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "a game in teams",
        needs: "it plays to the end with a teammate beside it",
        look: |bench| whole(bench, Scene { seats: 4, seat: 2, ..of_kind(bench, "teams")? }),
    },
    Check {
        name: "a game under fog",
        needs: "it plays to the end though it sees no more than its borders",
        look: |bench| whole(bench, Scene { rival: "expander", ..of_kind(bench, "fog")? }),
    },
    Check {
        name: "takes turns",
        needs: "where players take turns, it deploys all of its reserve and ends its turn",
        look: takes_turns,
    },
    Check {
        name: "waits for its turn",
        needs: "at least half of its commands there can be carried out",
        look: waits,
    },
];

/// A small game by shipped rules.
fn of_kind(bench: &Bench, rules: &str) -> Result<Scene, String> {
    let rules = Rules::preset(rules).ok_or("there are no such rules")?;
    Ok(Scene { map: grid(6, 4), rules: Arc::new(rules), ..bench.scene() })
}

/// What it ordered in some turns: how many of its commands, how many of them could be carried
/// out, how many deployed, and how many ended its turn.
fn turns(bench: &Bench) -> Result<[usize; 4], String> {
    let scene = of_kind(bench, "dice")?;
    let mut host = bench.host(Scene { map: bench.scene().map, ..scene })?;
    host.play(TURNS)?;
    let commands = &host.record.commands;
    let done: Vec<_> = commands.iter().filter(|(_, verdict)| verdict.is_ok()).collect();
    let deployed = done.iter().filter(|(command, _)| matches!(command, Command::Deploy(_)));
    let ended = done.iter().filter(|(command, _)| matches!(command, Command::EndTurn(_)));
    Ok([commands.len(), done.len(), deployed.count(), ended.count()])
}

fn takes_turns(bench: &Bench) -> Seen {
    let [_, _, deployed, ended] = turns(bench)?;
    let seen = format!("deployed {deployed} times, ended {ended} turns");
    if deployed > 1 && ended > 1 { Ok(seen) } else { Err(seen) }
}

fn waits(bench: &Bench) -> Seen {
    let [all, done, ..] = turns(bench)?;
    let seen = format!("{done} of {all} commands");
    if done * 2 >= all { Ok(seen) } else { Err(seen) }
}
