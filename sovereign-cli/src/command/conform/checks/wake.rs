//! Single answers, some of them in odd moments.

use serde_json::{Value, json};
use sovereign_core::command::ProposeAlliance;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::{TICK_MAX, Tick};
use sovereign_core::{Command, Reject};

use super::Check;
use crate::command::conform::host::{Bench, Host, Seen};

/// A tick at which everybody has chosen where to start.
const PLAYING: Tick = Tick(1_000);

pub(super) const CHECKS: &[Check] = &[
    Check {
        name: "first wake",
        needs: "the `snapshot` is answered with `orders` in time",
        look: first_wake,
    },
    Check {
        name: "chooses a start",
        needs: "before the game begins it chooses free land by `spawn`",
        look: chooses,
    },
    Check {
        name: "same dice, same orders",
        needs: "two of it that are told the same answer the same",
        look: same_orders,
    },
    Check { name: "nothing new", needs: "an empty `delta` is answered", look: nothing_new },
    Check {
        name: "unknown fields in wake",
        needs: "fields and lists that it does not know are passed over",
        look: unknown_fields,
    },
    Check { name: "refusals", needs: "it plays on when all it wants is refused", look: refusals },
    Check {
        name: "an unknown refusal",
        needs: "a reason that it does not know is passed over",
        look: unknown_refusal,
    },
    Check { name: "a proposal", needs: "it plays on when somebody proposes", look: proposal },
    Check { name: "no land", needs: "it answers when it holds nothing", look: no_land },
    Check { name: "all the land", needs: "it answers when it holds everything", look: all_land },
    Check {
        name: "large numbers",
        needs: "it answers with a thousand million troops at the last tick of all",
        look: large_numbers,
    },
];

fn opened(bench: &Bench) -> Result<Host, String> {
    bench.host(bench.scene())
}

/// A game that has begun.
fn playing(bench: &Bench) -> Result<Host, String> {
    let mut host = opened(bench)?;
    host.play(PLAYING)?;
    Ok(host)
}

fn answers(host: &mut Host, edit: impl FnOnce(&mut Value)) -> Seen {
    let orders = host.ask_with(edit)?;
    Ok(format!("{} commands, wakes at {}", orders.commands.len(), orders.wake))
}

fn first_wake(bench: &Bench) -> Seen {
    answers(&mut opened(bench)?, |_| {})
}

fn chooses(bench: &Bench) -> Seen {
    let mut host = opened(bench)?;
    host.play(Tick(bench.scene().rules.spawn.ticks))?;
    if host.record.spawned { Ok("chosen".to_owned()) } else { Err("it was placed".to_owned()) }
}

fn same_orders(bench: &Bench) -> Seen {
    let said = |mut host: Host| {
        host.play(PLAYING)?;
        Ok::<_, String>((host.record.asked, host.record.commands))
    };
    let (first, second) = (said(opened(bench)?)?, said(opened(bench)?)?);
    if first == second {
        return Ok(format!("{} commands twice", first.1.len()));
    }
    Err("two runs with the same `dice` differ: take all chance from that number".to_owned())
}

fn nothing_new(bench: &Bench) -> Seen {
    let mut host = opened(bench)?;
    host.ask()?;
    answers(&mut host, |_| {})
}

fn unknown_fields(bench: &Bench) -> Seen {
    answers(&mut opened(bench)?, |wake| {
        let wake = &mut wake["wake"];
        wake["weather"] = json!({ "wind": [1, 2] });
        wake["snapshot"]["clouds"] = json!([{ "id": 0 }]);
        wake["snapshot"]["territories"][0]["colour"] = json!("green");
        wake["snapshot"]["players"][0]["hat"] = Value::Null;
        wake["own"]["stone"] = json!(12);
    })
}

fn refusals(bench: &Bench) -> Seen {
    let mut host = playing(bench)?;
    for _ in 0..20 {
        let orders = host.ask()?;
        host.refuse(&orders, Reject::NoTroops);
    }
    Ok("20 answers".to_owned())
}

fn unknown_refusal(bench: &Bench) -> Seen {
    answers(&mut playing(bench)?, |wake| {
        let reason = json!({ "too_rainy": { "millimetres": 12 } });
        wake["wake"]["refused"] = json!([
            { "index": 0, "refused": reason, "message": "it rains" },
            { "index": 1, "refused": "too_dark", "message": "it is night" },
        ]);
    })
}

fn proposal(bench: &Bench) -> Seen {
    let mut host = playing(bench)?;
    let you = host.you;
    host.rival(PlayerId(1), Command::ProposeAlliance(ProposeAlliance { to: you }))?;
    answers(&mut host, |_| {})
}

/// Gives all land of a snapshot to one seat.
fn give_all(wake: &mut Value, owner: u16) {
    for land in wake["wake"]["snapshot"]["territories"].as_array_mut().into_iter().flatten() {
        land["owner"] = json!(owner);
    }
    wake["wake"]["snapshot"]["game"]["phase"] = json!("playing");
}

fn no_land(bench: &Bench) -> Seen {
    answers(&mut opened(bench)?, |wake| give_all(wake, 1))
}

fn all_land(bench: &Bench) -> Seen {
    answers(&mut opened(bench)?, |wake| give_all(wake, 0))
}

fn large_numbers(bench: &Bench) -> Seen {
    answers(&mut opened(bench)?, |wake| {
        give_all(wake, 0);
        let board = &mut wake["wake"]["snapshot"];
        board["tick"] = json!(TICK_MAX);
        board["territories"][0]["troops"] = json!(1_000_000_000);
        wake["wake"]["own"]["gold"] = json!((1_u64 << 53) - 1);
    })
}
