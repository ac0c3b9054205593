//! A player's socket that this node passes on: bytes are copied both ways. Of what the other node
//! says nothing is read but where a message ends, so that this node can speak in between when it stops.

use std::time::Duration;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sovereign_core::wire::{CloseCode, Codec, ToClient};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, copy, sink, split};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::room::{Framed, encode};

/// Bytes read at once.
const BUFFER: usize = 8_192;
/// Time in which the player may read the last that he is told.
const CLOSING: Duration = Duration::from_secs(1);

type Side = TokioIo<Upgraded>;

/// When this node itself says something to the player.
#[derive(Debug)]
pub(super) struct Passing {
    /// How he is spoken to; nothing is said to who speaks something else.
    pub(super) codec: Option<Codec>,
    /// Where the other node is reached alone.
    pub(super) url: Option<String>,
    /// This node is about to stop: he is asked to change over.
    pub(super) leaving: CancellationToken,
    /// How long he has for that.
    pub(super) follow: Duration,
    /// He is told to reconnect: he has not changed over, or one of the two nodes is gone.
    pub(super) ends: [CancellationToken; 3],
}

impl Passing {
    /// Passes on what both sides say, until one of them ends or has to. `_kept` counts as long.
    pub(super) async fn join<T>(self, ours: OnUpgrade, theirs: OnUpgrade, _kept: T) {
        let [over, stop, life] = self.ends.clone();
        let (Ok(ours), Ok(theirs)) = tokio::join!(ours, theirs) else { return };
        let (mut said, mut to_player) = split(TokioIo::new(ours));
        let (mut heard, mut to_node) = split(TokioIo::new(theirs));
        let mut frames = Frames::default();
        // However it ends, both sides see that it has.
        tokio::select! {
            _ = copy(&mut said, &mut to_node) => return,
            () = self.pass_back(&mut heard, &mut to_player, &mut frames) => return,
            () = over.cancelled() => {}
            () = stop.cancelled() => {}
            () = life.cancelled() => {}
        }
        self.say_farewell(said, to_player, &frames).await;
    }

    async fn pass_back(
        &self,
        heard: &mut ReadHalf<Side>,
        to_player: &mut WriteHalf<Side>,
        frames: &mut Frames,
    ) {
        let mut buffer = vec![0; BUFFER];
        let mut asking = std::pin::pin!(self.asking());
        let mut asked = self.codec.is_none();
        loop {
            let bytes = tokio::select! {
                read = heard.read(&mut buffer) => match read {
                    Ok(count @ 1..) => &buffer[..count],
                    _ => return,
                },
                migrate = &mut asking, if !asked && frames.is_between() => {
                    asked = true;
                    if to_player.write_all(migrate.bytes()).await.is_err() { return }
                    continue;
                }
            };
            frames.pass(bytes);
            if to_player.write_all(bytes).await.is_err() {
                return;
            }
        }
    }

    /// Waits until the player is to be asked to change over, and how. Who comes when this node
    /// is leaving already may come again: he is asked when all others know that it does.
    async fn asking(&self) -> Framed {
        let is_late = self.leaving.is_cancelled();
        self.leaving.cancelled().await;
        let mut left = self.follow;
        if is_late {
            left /= 2;
            sleep(left).await;
        }
        let closes_s = Some(u16::try_from(left.as_secs()).unwrap_or(u16::MAX));
        let migrate = ToClient::Migrate { url: self.url.clone(), closes_s };
        encode(&migrate, self.codec.unwrap_or(Codec::Json))
    }

    /// Closes the player's socket with a reason, if that is not in the midst of a message.
    async fn say_farewell(
        &self,
        mut said: ReadHalf<Side>,
        mut to_player: WriteHalf<Side>,
        frames: &Frames,
    ) {
        if self.codec.is_none() || !frames.is_between() {
            return;
        }
        let farewell = async {
            to_player.write_all(Framed::close(CloseCode::Migrate, 0).bytes()).await?;
            to_player.shutdown().await?;
            // Who closes a connection with bytes unread cuts off what was written before.
            copy(&mut said, &mut sink()).await
        };
        let _ = timeout(CLOSING, farewell).await;
    }
}

/// Where messages of a server begin and end, as RFC 6455 frames them.
#[derive(Debug, Default)]
struct Frames {
    /// What has come of a frame's header.
    header: Vec<u8>,
    /// Bytes of a frame that are still to come.
    rest: u64,
    /// A message of several frames has begun.
    is_within: bool,
}

impl Frames {
    /// Whether something else may be said now.
    const fn is_between(&self) -> bool {
        self.header.is_empty() && self.rest == 0 && !self.is_within
    }

    /// These bytes pass by.
    fn pass(&mut self, mut bytes: &[u8]) {
        while let Some((first, others)) = bytes.split_first() {
            if self.rest > 0 {
                let count = usize::try_from(self.rest).unwrap_or(usize::MAX).min(bytes.len());
                self.rest -= count as u64;
                bytes = &bytes[count..];
            } else {
                self.header.push(*first);
                bytes = others;
                self.begin_if_whole();
            }
        }
    }

    /// Reads a header that is whole, and forgets it.
    fn begin_if_whole(&mut self) {
        let [first, second, long @ ..] = &self.header[..] else { return };
        let wanted = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        // A server masks nothing.
        if long.len() < wanted {
            return;
        }
        let long = long.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        self.rest = if wanted > 0 { long } else { u64::from(second & 0x7f) };
        // Pings and the like may come within a message, and change nothing of it.
        if first & 0x08 == 0 {
            self.is_within = first & 0x80 == 0;
        }
        self.header.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many bytes something else may be said.
    fn between(bytes: &[u8]) -> Vec<usize> {
        let mut frames = Frames::default();
        let mut places = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            frames.pass(&[*byte]);
            places.extend(frames.is_between().then_some(at + 1));
        }
        let mut whole = Frames::default();
        whole.pass(bytes);
        assert_eq!(whole.is_between(), places.last() == Some(&bytes.len()));
        places
    }

    #[test]
    fn a_message_ends_where_its_last_frame_does() {
        let codec = Codec::Msgpack;
        let short = encode(&ToClient::Pong { nonce: 7 }, codec).into_bytes();
        assert_eq!(between(&short), [short.len()]);
        for length in [0, 125, 126, 65_535, 65_536] {
            let message = ToClient::Notice { code: String::new(), message: "x".repeat(length) };
            let message = encode(&message, Codec::Json).into_bytes();
            let two = [&message[..], &short[..]].concat();
            assert_eq!(between(&two), [message.len(), two.len()], "{length}");
        }
    }

    #[test]
    fn nothing_is_said_within_a_message_of_several_frames() {
        // "Hel", an empty ping, "lo": section 5.7 of RFC 6455.
        let parts = [0x01, 3, 0x48, 0x65, 0x6c, 0x89, 0, 0x80, 2, 0x6c, 0x6f];
        assert_eq!(between(&parts), [parts.len()]);
    }
}
