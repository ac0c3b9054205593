//! The random games reach every command, every reason and every event: otherwise
//! the properties that hold in them would say little.

use std::collections::BTreeMap;

use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::{Event, Game, Order, Phase};

/// Reasons that random games cannot give: the session's own, and what only the
/// lobby knows (tested beside the system's orders).
const ELSEWHERE: [&str; 5] =
    ["superseded", "seat_taken", "too_few_players", "no_such_team", "fault"];

#[derive(Default)]
struct Seen {
    executed: BTreeMap<&'static str, usize>,
    refused: BTreeMap<&'static str, usize>,
    events: BTreeMap<String, usize>,
}

fn watch(seen: &mut Seen, number: u64) {
    let mut game = random_game(number);
    let mut chaos = Chaos::new(number);
    for _ in 0..1500 {
        if game.state().phase == Phase::Finished {
            break;
        }
        let order = chaos.order(&game);
        submit(seen, &mut game, &order);
        if chaos.dice().once_in(3) {
            game.advance();
        }
        for event in game.events() {
            *seen.events.entry(name(&event)).or_default() += 1;
        }
        game.commit();
    }
}

fn submit(seen: &mut Seen, game: &mut Game, order: &Order) {
    let command = match order {
        Order::Player { command, .. } | Order::Bot { command, .. } => command.name(),
        Order::System(_) => "system",
    };
    match game.execute(order) {
        Ok(()) => *seen.executed.entry(command).or_default() += 1,
        Err(reason) => *seen.refused.entry(reason.code()).or_default() += 1,
    }
}

fn name(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split([' ', '{']).next().unwrap_or_default().to_owned()
}

/// The event that a line of its enum declares, if it does.
fn event_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("    ")?;
    let name = line.strip_suffix(" {").or_else(|| line.strip_suffix(','))?;
    name.chars().all(char::is_alphanumeric).then_some(name)
}

#[test]
fn random_games_reach_everything() {
    let mut seen = Seen::default();
    (0..400).for_each(|number| watch(&mut seen, number));
    let commands = [
        "spawn",
        "deploy",
        "end_turn",
        "attack",
        "move",
        "retreat",
        "build",
        "demolish",
        "strike",
        "supply",
        "propose_alliance",
        "answer_alliance",
        "extend_alliance",
        "break_alliance",
        "embargo",
        "donate_gold",
        "offer_draw",
        "surrender",
        "system",
    ];
    for command in commands {
        assert!(seen.executed.contains_key(command), "no {command} was carried out");
    }
    let reasons = include_str!("../src/command/reject.rs").lines().filter_map(|line| {
        let code = line.trim().strip_prefix("Self::")?.split("=> \"").nth(1)?;
        code.strip_suffix("\",")
    });
    let reasons: Vec<_> = reasons.filter(|code| !ELSEWHERE.contains(code)).collect();
    assert!(reasons.len() > 25, "the reasons were not found in the source");
    for reason in reasons {
        assert!(seen.refused.contains_key(reason), "nothing was refused as {reason}");
    }
    let events = include_str!("../src/event/mod.rs").lines();
    let events = events.skip_while(|line| !line.contains("enum Event")).skip(1);
    let events = events.take_while(|line| !line.starts_with('}'));
    let events: Vec<_> = events.filter_map(event_name).collect();
    assert!(events.len() > 12, "the events were not found in the source");
    for event in events {
        assert!(seen.events.contains_key(event), "no {event} happened");
    }
}
