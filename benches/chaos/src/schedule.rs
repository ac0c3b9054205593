//! Which faults come when: rounds of a few at a time, each followed by calm. One seed makes the same
//! rounds; how processes run in between is theirs.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::dice::Dice;
use crate::proxy::{Way, Weather};

/// How often another fault is looked for that goes with those that a round already has.
const TRIES: u64 = 8;
/// From one node that is replaced to the next.
const BETWEEN: Duration = Duration::from_secs(5);

/// What there is to break.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) nodes: usize,
    /// Whether each node has a network namespace of its own.
    pub(crate) namespaces: bool,
}

/// A link of a node that goes through a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// From players to it.
    Players,
    /// From other nodes to it.
    Peers,
    /// From it to PostgreSQL.
    Postgres,
    /// From it to Redis.
    Redis,
}

/// What is broken, and mended after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// kill -9, then another process.
    KillNode(usize),
    /// SIGSTOP, then SIGCONT.
    StopNode(usize),
    /// SIGTERM, then another process.
    DrainNode(usize),
    /// SIGTERM, then a process of the next version.
    ReplaceNode(usize),
    KillPostgres,
    StopPostgres,
    /// The one that is master by then.
    KillRedis,
    StopRedis,
    FlushRedis,
    /// A Sentinel is asked to make the replica master.
    FailOver,
    /// A link through a proxy gets bad.
    Spoil(Line, usize, Weather),
    /// A node's network is down.
    Unplug(usize),
    /// What one node sends does not reach another one; what that one sends still comes.
    Deafen {
        from: usize,
        to: usize,
    },
}

/// A fault with its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strike {
    /// After the round has begun.
    pub(crate) after: Duration,
    /// Until it is mended.
    pub(crate) hold: Duration,
    pub(crate) fault: Fault,
}

/// Faults at about the same time.
pub(crate) type Round = Vec<Strike>;

/// All rounds of a seed, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) dice: Dice,
    pub(crate) shape: Shape,
    pub(crate) next: u64,
}

impl Iterator for Schedule {
    type Item = Round;

    fn next(&mut self) -> Option<Round> {
        let dice = self.dice.nth(self.next);
        self.next += 1;
        let wanted = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4][dice.of("strikes").below(10) as usize];
        let mut round = Round::new();
        for number in 0..wanted {
            let tries = (0..TRIES).map(|again| dice.nth(number * TRIES + again));
            let drawn = tries.map(|dice| strike(dice, self.shape));
            round.extend({ drawn }.find(|one| goes_with(one.fault, &round, self.shape)));
        }
        Some(round)
    }
}

/// All nodes are replaced, one after the other; in between they play for a while.
pub(crate) fn rolling(shape: Shape) -> impl Iterator<Item = Round> {
    let replace = |node| {
        vec![Strike { after: BETWEEN, hold: Duration::ZERO, fault: Fault::ReplaceNode(node) }]
    };
    (0..shape.nodes).map(replace)
}

fn strike(dice: Dice, shape: Shape) -> Strike {
    let fault = fault(dice.of("fault"), shape);
    let (least, most) = match fault {
        Fault::FlushRedis | Fault::FailOver => (0, 0),
        Fault::KillNode(_) | Fault::DrainNode(_) => (0, 2_500),
        Fault::KillPostgres => (0, 1_500),
        Fault::StopPostgres => (100, 2_500),
        _ => (100, 3_500),
    };
    // Most are short: what happens while something changes is where errors hide.
    let most = if dice.of("short").chance(60) { least + (most - least) / 4 } else { most };
    let millis = |name, least, most| Duration::from_millis(dice.of(name).between(least, most));
    Strike { after: millis("after", 0, 800), hold: millis("hold", least, most), fault }
}

fn fault(dice: Dice, shape: Shape) -> Fault {
    let node = dice.of("node").below(shape.nodes as u64) as usize;
    let other = (node + 1 + dice.of("other").below(shape.nodes as u64 - 1) as usize) % shape.nodes;
    let all = if shape.namespaces { 115 } else { 100 };
    match dice.of("kind").below(all) {
        0..20 => Fault::KillNode(node),
        20..35 => Fault::StopNode(node),
        35..41 => Fault::DrainNode(node),
        41..49 => Fault::KillPostgres,
        49..55 => Fault::StopPostgres,
        55..61 => Fault::KillRedis,
        61..66 => Fault::StopRedis,
        66..70 => Fault::FlushRedis,
        70..74 => Fault::FailOver,
        74..100 => match line(dice) {
            // The last node asks the Sentinels where Redis is, and has no such link.
            Line::Redis => Fault::Spoil(Line::Redis, node.min(shape.nodes - 2), weather(dice)),
            line => Fault::Spoil(line, node, weather(dice)),
        },
        100..106 => Fault::Unplug(node),
        _ => Fault::Deafen { from: node, to: other },
    }
}

fn line(dice: Dice) -> Line {
    let lines =
        [Line::Players, Line::Peers, Line::Peers, Line::Postgres, Line::Postgres, Line::Redis];
    lines[dice.of("line").below(lines.len() as u64) as usize]
}

fn weather(dice: Dice) -> Weather {
    match dice.of("weather").below(6) {
        0 | 1 => Weather::Cut,
        2 => Weather::Held(Way::Up),
        3 => Weather::Held(Way::Down),
        4 => Weather::Held(Way::Both),
        _ => Weather::Late(Duration::from_millis(dice.of("late").between(20, 300))),
    }
}

/// Whether a fleet promises to live through this one with the others of a round: each thing is broken once
/// at a time, one node stays whole, and nobody is told to leave in order while the database is away.
fn goes_with(fault: Fault, round: &[Strike], shape: Shape) -> bool {
    let all = || round.iter().map(|strike| strike.fault).chain([fault]);
    let apart = round.iter().all(|strike| strike.fault.thing() != fault.thing());
    let hurt: BTreeSet<usize> = all().filter_map(Fault::hurt).collect();
    let drains = all().any(|fault| matches!(fault, Fault::DrainNode(_)));
    let stores = all().any(|fault| {
        matches!(
            fault,
            Fault::KillPostgres | Fault::StopPostgres | Fault::Spoil(Line::Postgres, ..)
        )
    });
    apart && hurt.len() < shape.nodes && !(drains && stores)
}

impl Fault {
    /// What it breaks.
    fn thing(self) -> String {
        match self {
            Self::KillNode(node)
            | Self::StopNode(node)
            | Self::DrainNode(node)
            | Self::ReplaceNode(node) => format!("node {node}"),
            Self::KillPostgres | Self::StopPostgres => "PostgreSQL".to_owned(),
            Self::KillRedis | Self::StopRedis | Self::FlushRedis | Self::FailOver => {
                "Redis".to_owned()
            }
            Self::Spoil(line, node, _) => format!("{line:?} of {node}"),
            Self::Unplug(node) | Self::Deafen { from: node, .. } => format!("network of {node}"),
        }
    }

    /// The node that cannot serve while it lasts.
    const fn hurt(self) -> Option<usize> {
        match self {
            Self::KillNode(node)
            | Self::StopNode(node)
            | Self::DrainNode(node)
            | Self::ReplaceNode(node)
            | Self::Unplug(node)
            | Self::Deafen { from: node, .. }
            | Self::Spoil(_, node, _) => Some(node),
            _ => None,
        }
    }

    /// What it is called in the report.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::KillNode(_) => "kill -9 of a node",
            Self::StopNode(_) => "node stopped and continued",
            Self::DrainNode(_) => "node told to leave",
            Self::ReplaceNode(_) => "node replaced by the next version",
            Self::KillPostgres => "kill -9 of PostgreSQL",
            Self::StopPostgres => "PostgreSQL stopped and continued",
            Self::KillRedis => "kill -9 of Redis's master",
            Self::StopRedis => "Redis's master stopped and continued",
            Self::FlushRedis => "Redis flushed",
            Self::FailOver => "Redis failed over",
            Self::Spoil(_, _, Weather::Cut) => "link cut",
            Self::Spoil(_, _, Weather::Late(_)) => "link slow",
            Self::Spoil(_, _, Weather::Held(Way::Both)) => "link silent",
            Self::Spoil(..) => "link silent one way",
            Self::Unplug(_) => "network of a node down",
            Self::Deafen { .. } => "packets lost one way between nodes",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(seed: u64) -> Schedule {
        let shape = Shape { nodes: 3, namespaces: true };
        Schedule { dice: Dice::new(seed), shape, next: 0 }
    }

    #[test]
    fn one_seed_makes_one_schedule() {
        let rounds: Vec<Round> = schedule(7).take(50).collect();
        assert_eq!(rounds, schedule(7).take(50).collect::<Vec<_>>());
        assert_ne!(rounds, schedule(8).take(50).collect::<Vec<_>>());
    }

    #[test]
    fn a_round_breaks_each_thing_once_and_leaves_one_node_whole() {
        let mut kinds = BTreeSet::new();
        for round in schedule(1).take(2_000) {
            assert!((1..=4).contains(&round.len()));
            let faults: Vec<Fault> = round.iter().map(|strike| strike.fault).collect();
            let whole = (0..3).filter(|node| faults.iter().all(|f| f.hurt() != Some(*node)));
            assert!(whole.count() > 0, "{faults:?}");
            for (number, fault) in faults.iter().enumerate() {
                assert!(faults[..number].iter().all(|f| f.thing() != fault.thing()), "{faults:?}");
                kinds.insert(fault.kind());
            }
        }
        assert_eq!(kinds.len(), 15, "{kinds:?}");
    }

    #[test]
    fn a_rolling_deploy_replaces_each_node_once() {
        let rounds: Vec<Round> = rolling(Shape { nodes: 3, namespaces: false }).collect();
        let faults: Vec<Fault> = rounds.iter().flatten().map(|strike| strike.fault).collect();
        assert_eq!(faults, [0, 1, 2].map(Fault::ReplaceNode));
    }

    #[test]
    fn without_namespaces_no_network_goes_down() {
        let shape = Shape { nodes: 3, namespaces: false };
        let rounds = Schedule { dice: Dice::new(1), shape, next: 0 };
        let mut faults = rounds.take(1_000).flatten().map(|strike| strike.fault);
        assert!(faults.all(|f| !matches!(f, Fault::Unplug(_) | Fault::Deafen { .. })));
    }
}
