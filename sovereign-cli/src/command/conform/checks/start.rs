//! Map, rules and seat.

use std::sync::Arc;

use serde_json::json;
use sovereign_core::Rules;
use sovereign_core::rules::RulesDraft;

use super::Check;
use crate::command::conform::host::{Bench, Scene, Seen, grid};

pub(super) const CHECKS: &[Check] = &[
    Check { name: "ready", needs: "`start` is answered with `ready`", look: ready },
    Check {
        name: "unknown fields in start",
        needs: "fields that it does not know are passed over",
        look: unknown_fields,
    },
    Check {
        name: "last of eight seats",
        needs: "it can sit in any seat of a larger table",
        look: last_seat,
    },
    Check { name: "small map", needs: "it plays on a map of two territories", look: small_map },
    Check { name: "large map", needs: "it plays on a map of 3,600 territories", look: large_map },
    Check { name: "other rules", needs: "it plays by rules with other numbers", look: other_rules },
];

fn ready(bench: &Bench) -> Seen {
    bench.host(bench.scene()).map(|_| "ready".to_owned())
}

fn unknown_fields(bench: &Bench) -> Seen {
    let more = |value: &mut serde_json::Value| {
        value["start"]["weather"] = json!(["rain", { "until": null }]);
        value["start"]["rules"]["weather"] = json!({ "rain": 12 });
        value["start"]["map"]["territories"][0]["colour"] = json!("green");
    };
    bench.host_with(bench.scene(), more).map(|_| "ready".to_owned())
}

/// The first answer of a game.
fn opens(bench: &Bench, scene: Scene) -> Seen {
    let mut host = bench.host(scene)?;
    let orders = host.ask()?;
    Ok(format!("{} commands", orders.commands.len()))
}

fn last_seat(bench: &Bench) -> Seen {
    opens(bench, Scene { seats: 8, seat: 7, ..bench.scene() })
}

fn small_map(bench: &Bench) -> Seen {
    opens(bench, Scene { map: grid(2, 1), ..bench.scene() })
}

fn large_map(bench: &Bench) -> Seen {
    opens(bench, Scene { map: grid(60, 60), ..bench.scene() })
}

fn other_rules(bench: &Bench) -> Seen {
    let scene = bench.scene();
    let mut draft = RulesDraft::clone(&scene.rules);
    draft.name = "other".to_owned();
    draft.spawn.troops = 7;
    draft.march.garrison_min = 5;
    let rules = Rules::try_from(draft).map_err(|error| error.to_string())?;
    opens(bench, Scene { rules: Arc::new(rules), ..scene })
}
