//! What is left to a socket's own task: pings, what the kernel did not take at once, and at
//! last the close.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::config::Limits;
use crate::gateway::upgrade::Sink;
use crate::room::{Flow, Framed, OutQueue};
use crate::telemetry::metrics;

/// Nothing more can be written: the close was, or the socket is gone or takes nothing.
struct Over;

/// Writes until a close has been written or the socket takes no more.
pub(super) async fn write(mut sink: Sink, out: &OutQueue, limits: &Limits) {
    let most = Duration::from_millis(limits.write_ms);
    let mut pings = interval(Duration::from_millis(limits.ping_ms));
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = out.changed() => {}
            // One who is too slow for a ping has enough to answer.
            _ = pings.tick() => drop(out.control(Framed::ping())),
        }
        if let Err(Over) = drain(&mut sink, out, most).await {
            return;
        }
    }
}

/// Writes what waits, then the close if there is one.
async fn drain(sink: &mut Sink, out: &OutQueue, most: Duration) -> Result<(), Over> {
    loop {
        let Ok(written) = timeout(most, rest(sink, out)).await else {
            metrics::limit_hit("write_ms");
            return Err(Over);
        };
        written?;
        if !out.end() {
            return Ok(());
        }
        if out.is_empty() {
            return Err(Over);
        }
    }
}

/// Writes what waits.
async fn rest(sink: &mut Sink, out: &OutQueue) -> Result<(), Over> {
    match sink {
        Sink::Direct(line) => match out.flush_rest(line).await {
            Flow::Clear => Ok(()),
            Flow::Blocked | Flow::Broken => Err(Over),
        },
        Sink::Stream(stream) => {
            while let Some(frame) = out.take() {
                stream.write_all(frame.bytes()).await.map_err(|_| Over)?;
                metrics::sent(frame.len());
            }
            stream.flush().await.map_err(|_| Over)
        }
    }
}
