//! The last words.

use std::time::Duration;

use super::Check;
use crate::command::conform::host::{Bench, Host, Seen};
use crate::external::fault::Fault;
use crate::external::process::Process;

/// How long a program may take to leave.
const LEAVE: Duration = Duration::from_secs(5);

pub(super) const CHECKS: &[Check] = &[
    Check { name: "leaves", needs: "after `end` it ends by itself", look: leaves },
    Check { name: "exit code", needs: "it leaves with exit code 0", look: exit_code },
    Check {
        name: "silent after end",
        needs: "nothing is written to standard output after `end`",
        look: silent,
    },
    Check {
        name: "end before the first wake",
        needs: "it leaves when the game is over at once",
        look: early,
    },
    Check {
        name: "hang-up",
        needs: "it ends when its standard input is closed in the middle of a game",
        look: hang_up,
    },
    Check {
        name: "hang-up before hello",
        needs: "it ends when its standard input is closed at once",
        look: hang_up_at_once,
    },
];

fn over(bench: &Bench) -> Result<Host, String> {
    let mut host = bench.host(bench.scene())?;
    let orders = host.ask()?;
    host.obey(orders);
    host.end();
    Ok(host)
}

fn gone(mut process: Process) -> Seen {
    let status = process.wait(LEAVE);
    status.map(|status| status.to_string()).ok_or_else(|| format!("it still ran after {LEAVE:?}"))
}

fn leaves(bench: &Bench) -> Seen {
    gone(over(bench)?.process)
}

fn exit_code(bench: &Bench) -> Seen {
    let status = over(bench)?.process.wait(LEAVE).ok_or("it did not end")?;
    if status.success() { Ok(status.to_string()) } else { Err(status.to_string()) }
}

fn silent(bench: &Bench) -> Seen {
    match over(bench)?.process.line(LEAVE) {
        Err(Fault::Gone) => Ok("silent".to_owned()),
        Err(fault) => Err(fault.to_string()),
        Ok(line) => Err(format!("it said {:?}", String::from_utf8_lossy(&line))),
    }
}

fn early(bench: &Bench) -> Seen {
    let mut host = bench.host(bench.scene())?;
    host.end();
    gone(host.process)
}

fn hang_up(bench: &Bench) -> Seen {
    let mut host = bench.host(bench.scene())?;
    host.ask()?;
    host.process.hang_up();
    gone(host.process)
}

fn hang_up_at_once(bench: &Bench) -> Seen {
    let mut process = bench.process()?;
    process.hang_up();
    gone(process)
}
