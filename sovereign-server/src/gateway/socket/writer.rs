//! What goes out: queued messages, pings, and at last a close.

use std::time::Duration;

use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use sovereign_core::wire::CloseCode;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode as Code;

use crate::config::Limits;
use crate::gateway::upgrade::Socket;
use crate::room::{Next, OutQueue};
use crate::telemetry::metrics;

/// Writes until a close has been written or the socket takes no more.
pub(super) async fn write(mut sink: SplitSink<Socket, Message>, out: &OutQueue, limits: &Limits) {
    let most = Duration::from_millis(limits.write_ms);
    let mut pings = interval(Duration::from_millis(limits.ping_ms));
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            biased;
            next = out.next() => message(next),
            _ = pings.tick() => Message::Ping(bytes::Bytes::new()),
        };
        let (last, bytes) = (message.is_close(), message.len());
        let written = timeout(most, sink.send(message)).await;
        if written.is_err() {
            metrics::limit_hit("write_ms");
        }
        if last || !matches!(written, Ok(Ok(()))) {
            return;
        }
        metrics::sent(bytes);
    }
}

fn message(next: Next) -> Message {
    match next {
        Next::Send(message) => message,
        Next::Close(code) => {
            metrics::socket_closed(code.code());
            close(code)
        }
    }
}

fn close(code: CloseCode) -> Message {
    Message::Close(Some(CloseFrame { code: Code::from(code.code()), reason: code.reason().into() }))
}
