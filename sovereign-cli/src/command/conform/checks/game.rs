//! Whole games: what it orders, and whether it lasts.

use sovereign_core::quantity::{TICK_MAX, Tick};
use sovereign_core::{Command, Reject};

use super::Check;
use crate::command::conform::host::{Bench, Scene, Seen, grid};

/// When a game that does not end by itself is given up.
const WHOLE: Tick = Tick(20_000);
/// How many answers a long game must bring in a row.
const MANY: u32 = 2_000;

pub(super) const CHECKS: &[Check] = &[
    Check { name: "plays", needs: "in ten minutes it orders something", look: plays },
    Check {
        name: "territories exist",
        needs: "its commands name territories of the map",
        look: |bench| none_refused(bench, |r| matches!(r, Reject::UnknownTerritory { .. })),
    },
    Check {
        name: "players exist",
        needs: "its commands name seats of the table",
        look: |bench| none_refused(bench, |r| matches!(r, Reject::UnknownPlayer { .. })),
    },
    Check {
        name: "armies exist",
        needs: "its commands name armies of its own",
        look: |bench| none_refused(bench, |r| matches!(r, Reject::UnknownArmy { .. })),
    },
    Check {
        name: "its own land",
        needs: "it sends troops from land that it holds",
        look: |bench| none_refused(bench, |r| matches!(r, Reject::NotYours { .. })),
    },
    Check {
        name: "neighbours",
        needs: "it attacks neighbours of where the troops are",
        look: |bench| none_refused(bench, |r| matches!(r, Reject::NotNeighbours { .. })),
    },
    Check {
        name: "some troops",
        needs: "it never sends 0 troops",
        look: |bench| none_refused(bench, |r| matches!(r, Reject::NoTroops)),
    },
    Check {
        name: "few refusals",
        needs: "at least half of its commands can be carried out",
        look: few_refusals,
    },
    Check { name: "wakes later", needs: "`wake` lies ahead of the tick it was told", look: wakes },
    Check { name: "in time", needs: "every answer comes within the deadline", look: in_time },
    Check { name: "long game", needs: "it answers 2,000 times in a row", look: long_game },
    Check {
        name: "whole game of two",
        needs: "it plays a game to its end",
        look: |bench| whole(bench, Scene { map: grid(4, 3), ..bench.scene() }),
    },
    Check {
        name: "whole game of four",
        needs: "it plays against three expanders until it is out or has won",
        look: |bench| {
            let map = grid(6, 4);
            whole(bench, Scene { map, seats: 4, seat: 3, rival: "expander", ..bench.scene() })
        },
    },
];

fn plays(bench: &Bench) -> Seen {
    let record = bench.played()?;
    let done = |(_, verdict): &&(Command, Result<(), Reject>)| verdict.is_ok();
    let (all, good) = (record.commands.len(), record.commands.iter().filter(done).count());
    if good > 1 { Ok(format!("{good} of {all} commands")) } else { Err(format!("{good} of {all}")) }
}

fn none_refused(bench: &Bench, named: fn(&Reject) -> bool) -> Seen {
    let record = bench.played()?;
    let bad = |(command, verdict): &(Command, Result<(), Reject>)| {
        let reason = verdict.err().filter(named)?;
        Some(format!("{command:?}: {reason}"))
    };
    match record.commands.iter().find_map(bad) {
        None => Ok(format!("{} commands", record.commands.len())),
        Some(found) => Err(found),
    }
}

fn few_refusals(bench: &Bench) -> Seen {
    let record = bench.played()?;
    let refused: Vec<_> = record.commands.iter().filter(|(_, v)| v.is_err()).collect();
    let all = record.commands.len();
    let first = refused.first().map(|(command, verdict)| (command, verdict.err()));
    match first {
        Some((command, Some(reason))) if refused.len() * 2 > all => {
            Err(format!("{} of {all} refused, first {command:?}: {reason}", refused.len()))
        }
        _ => Ok(format!("{} of {all} refused", refused.len())),
    }
}

fn wakes(bench: &Bench) -> Seen {
    let record = bench.played()?;
    let bad = |(asked, wake): &&(Tick, Tick)| wake <= asked || wake.0 > TICK_MAX;
    match record.asked.iter().find(bad) {
        None => Ok(format!("{} answers", record.wakes)),
        Some((asked, wake)) => Err(format!("at tick {asked} it asked for {wake}")),
    }
}

fn in_time(bench: &Bench) -> Seen {
    let record = bench.played()?;
    Ok(format!("{} answers, the slowest in {} ms", record.wakes, record.slowest.as_millis()))
}

/// Asks again and again, however seldom it wants to be asked.
fn long_game(bench: &Bench) -> Seen {
    let mut host = bench.host(bench.scene())?;
    for _ in 0..MANY {
        let orders = host.ask()?;
        host.obey(orders);
        host.pass(host.game.tick());
    }
    Ok(format!("{} answers", host.record.wakes))
}

pub(super) fn whole(bench: &Bench, scene: Scene) -> Seen {
    let mut host = bench.host(scene)?;
    host.play(WHOLE)?;
    let view = host.game.view(None);
    let place = view.player(host.you).place;
    Ok(format!("place {place} at tick {}, {} answers", view.tick(), host.record.wakes))
}
