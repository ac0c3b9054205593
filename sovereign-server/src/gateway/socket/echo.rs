//! A socket that says what it hears, for a suite of tests of the WebSocket layer. Only with the
//! feature `autobahn`.

use sovereign_core::wire::Frame;
use tokio_tungstenite::tungstenite::Message;

use super::reader::{Ended, Reader};
use super::{Farewell, Guest, attend, queue};
use crate::room::{Framed, OutQueue};

/// Sends every message back, without a greeting and whatever is in it.
pub async fn echo(guest: Box<Guest>) {
    let out = queue(&guest.api.config().limits);
    let back = out.clone();
    attend(guest, out, |mut reader| async move {
        let ended = listen(&mut reader, &back).await;
        // Nothing but what was heard is said.
        let farewell = ended.farewell().map(|farewell| Farewell::silent(farewell.code));
        (farewell, reader)
    })
    .await;
}

async fn listen(reader: &mut Reader, back: &OutQueue) -> Ended {
    loop {
        let message = match reader.frame().await {
            Ok(message) => message,
            Err(ended) => return ended,
        };
        let frame = match message {
            Message::Text(text) => Frame::Text(text.as_str().to_owned()),
            other => Frame::Binary(other.into_data().to_vec()),
        };
        // The suite reads what it is sent; whoever does not misses it.
        let _ = back.send(Framed::message(frame));
    }
}
