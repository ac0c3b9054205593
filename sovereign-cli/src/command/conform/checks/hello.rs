//! The first words.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use super::Check;
use crate::command::conform::host::{Bench, Seen, edited, words};
use crate::external::HELLO_DEADLINE;
use crate::external::fault::Fault;
use crate::external::message::{FromBot, ToBot};
use crate::external::process::Process;

/// How long a program is listened to that should be silent.
const SILENCE: Duration = Duration::from_millis(300);
/// The pause between two pieces of a line.
const PAUSE: Duration = Duration::from_millis(20);

pub(super) const CHECKS: &[Check] = &[
    Check { name: "runs", needs: "the program can be started", look: runs },
    Check {
        name: "silent before hello",
        needs: "nothing is written to standard output before it is asked",
        look: silent,
    },
    Check {
        name: "hello",
        needs: "`hello` is answered with `hello` within 10 seconds",
        look: hello,
    },
    Check { name: "protocol", needs: "the answer names protocol 1", look: protocol },
    Check { name: "name", needs: "the answer has a name of 1 to 64 characters", look: name },
    Check {
        name: "one line",
        needs: "an answer is one line of JSON, and nothing follows it",
        look: one_line,
    },
    Check {
        name: "unknown fields in hello",
        needs: "fields that it does not know are passed over",
        look: unknown_fields,
    },
    Check {
        name: "a line in pieces",
        needs: "a line that arrives in pieces is read as one",
        look: in_pieces,
    },
    Check { name: "two at once", needs: "two of it can run side by side", look: two_at_once },
];

fn runs(bench: &Bench) -> Seen {
    bench.process().map(|_| bench.program.words[0].clone())
}

fn silent(bench: &Bench) -> Seen {
    let mut process = bench.process()?;
    match process.line(SILENCE) {
        Err(Fault::Silent { .. }) => Ok("silent".to_owned()),
        Err(fault) => Err(fault.to_string()),
        Ok(line) => Err(format!("it said {:?}", String::from_utf8_lossy(&line))),
    }
}

fn greeted(bench: &Bench) -> Result<FromBot, String> {
    let mut process = bench.process()?;
    process.tell(&ToBot::hello().line());
    process.hear(HELLO_DEADLINE).map_err(words)
}

fn hello(bench: &Bench) -> Seen {
    match greeted(bench)? {
        FromBot::Hello { .. } => Ok("answered".to_owned()),
        other => Err(format!("it answered `{}`", other.name())),
    }
}

fn protocol(bench: &Bench) -> Seen {
    match greeted(bench)? {
        FromBot::Hello { protocol: 1, .. } => Ok("protocol 1".to_owned()),
        FromBot::Hello { protocol, .. } => Err(format!("protocol {protocol}")),
        other => Err(format!("it answered `{}`", other.name())),
    }
}

fn name(bench: &Bench) -> Seen {
    greeted(bench)?.greeting().map_err(words)
}

fn one_line(bench: &Bench) -> Seen {
    let mut process = bench.process()?;
    process.greet().map_err(words)?;
    match process.line(SILENCE) {
        Err(Fault::Silent { .. }) => Ok("one line".to_owned()),
        Err(fault) => Err(fault.to_string()),
        Ok(line) => Err(format!("after its answer came {:?}", String::from_utf8_lossy(&line))),
    }
}

fn unknown_fields(bench: &Bench) -> Seen {
    let mut process = bench.process()?;
    let more = |value: &mut serde_json::Value| {
        value["hello"]["weather"] = json!({ "sky": ["blue", null, 1.5] });
    };
    process.tell(&edited(&ToBot::hello().line(), more));
    process.hear(HELLO_DEADLINE).map_err(words)?.greeting().map_err(words)
}

fn in_pieces(bench: &Bench) -> Seen {
    let mut process = bench.process()?;
    for piece in ToBot::hello().line().chunks(7) {
        process.tell(piece);
        sleep(PAUSE);
    }
    process.hear(HELLO_DEADLINE).map_err(words)?.greeting().map_err(words)
}

fn two_at_once(bench: &Bench) -> Seen {
    let mut both: Vec<Process> = vec![bench.process()?, bench.process()?];
    let names: Result<Vec<_>, _> = both.iter_mut().map(Process::greet).collect();
    names.map(|names| names.join(" and ")).map_err(words)
}
