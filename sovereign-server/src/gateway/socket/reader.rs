//! What comes in: bounded in size, rate and silence.

use std::future::pending;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sovereign_core::wire::{CloseCode, Codec, DecodeError, FrameRef, FromClient, ToClient};
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{Farewell, tell};
use crate::auth::{Auth, Lease, LeaseEnd};
use crate::config::Limits;
use crate::gateway::online::Place;
use crate::gateway::rate::{Rates, SocketRate};
use crate::gateway::upgrade::Messages;
use crate::room::{Onward, OutQueue};
use crate::telemetry::metrics;

/// Control frames in a row without a message between them; more are a flood.
const CONTROL_FRAMES: u32 = 64;
/// Bytes of what is thrown away in one go.
const DRAINED: usize = 4_096;

/// Why nothing more is read.
#[derive(Debug)]
pub(super) enum Ended {
    /// The other side has gone.
    Gone,
    /// We end it.
    Farewell(Farewell),
    /// The game goes on elsewhere.
    Onward(Box<Onward>),
}

impl Ended {
    pub(super) fn farewell(self) -> Option<Farewell> {
        match self {
            Self::Gone => None,
            Self::Farewell(farewell) => Some(farewell),
            Self::Onward(_) => Some(Farewell::silent(CloseCode::Migrate)),
        }
    }

    pub(super) fn farewell_with(code: CloseCode, what: &str, message: impl ToString) -> Self {
        Self::Farewell(Farewell::because(code, what, message))
    }
}

/// The incoming half of a socket. It is kept in a box: a conversation hands it on, and each
/// place that it passes through would have its size for as long as the socket lives.
pub(super) struct Reader {
    stream: Messages,
    pub(super) codec: Codec,
    silence: Duration,
    /// When the message began whose parts are coming in.
    begun: Option<Instant>,
    /// What comes is not read as frames any more.
    broken: bool,
    rate: SocketRate,
    offences: u64,
    most_offences: u64,
    out: OutQueue,
    auth: Auth,
    /// For whom the other side speaks, and for how long; none only watches.
    lease: Option<Lease>,
    /// The token by which it does, where another node may have to be told.
    token: Option<Box<str>>,
    /// Its place among the account's sockets.
    place: Option<Place>,
}

impl Reader {
    pub(super) fn new(
        stream: Messages,
        codec: Codec,
        limits: &Limits,
        out: OutQueue,
        auth: Auth,
    ) -> Self {
        Self {
            stream,
            codec,
            silence: Duration::from_millis(limits.silence_ms),
            begun: None,
            broken: false,
            rate: SocketRate::new(limits),
            offences: 0,
            most_offences: limits.offences_per_socket,
            out,
            auth,
            lease: None,
            token: None,
            place: None,
        }
    }

    /// From now on the other side speaks for somebody.
    pub(super) fn speaks_by(&mut self, lease: Lease, token: Option<Box<str>>, place: Place) {
        (self.lease, self.token, self.place) = (Some(lease), token, Some(place));
    }

    /// Another node counts it from now on.
    pub(super) fn is_counted_elsewhere(&mut self) {
        self.place = None;
    }

    /// The token by which the other side speaks, if it is kept.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The first message, which may not be long.
    pub(super) async fn first(&mut self, limits: &Limits) -> Result<FromClient, Ended> {
        let message = self.frame().await?;
        if message.len() > Limits::count(limits.auth_message_bytes) {
            metrics::limit_hit("auth_message_bytes");
            let what = "the first message is too long";
            return Err(Ended::farewell_with(CloseCode::TooBig, "too_big", what));
        }
        self.decode(&message)
    }

    /// The next message within its rates, for as long as its sender may speak. Tokens are
    /// renewed here, whatever the conversation is about.
    pub(super) async fn next(&mut self, rates: &Rates) -> Result<FromClient, Ended> {
        loop {
            let message = self.frame_in_time().await?;
            let account = self.lease.as_ref().map(Lease::account);
            let allowed =
                self.rate.message() && account.is_none_or(|account| rates.message(account));
            if !allowed {
                self.offend("rate_limited", "too many messages; this one was dropped")?;
                continue;
            }
            match self.decode(&message)? {
                // Rare, and long: it would make every socket's task as large.
                FromClient::Renew { token } => Box::pin(self.renew(&token)).await?,
                message => return Ok(message),
            }
        }
    }

    /// The next frame, unless the right to send it ends before, or the game moves.
    async fn frame_in_time(&mut self) -> Result<Message, Ended> {
        let (ended, out) = (self.lease.as_ref().map(Lease::ended), self.out.clone());
        let ended = async { if let Some(ended) = ended { ended.await } else { pending().await } };
        tokio::select! {
            biased;
            end = ended => Err(over(end)),
            onward = out.handed_on() => Err(Ended::Onward(onward)),
            frame = self.frame() => frame,
        }
    }

    async fn renew(&mut self, token: &str) -> Result<(), Ended> {
        metrics::message("renew");
        let identity = match self.auth.check(token).await {
            Ok(identity) => identity,
            Err(error) => return self.offend(error.code(), &error.to_string()),
        };
        if !self.lease.as_mut().is_some_and(|lease| lease.renew(&identity)) {
            return self.offend("other_account", "a socket stays with the account it began with");
        }
        self.token = self.token.take().map(|_| token.into());
        tell(&self.out, self.codec, &ToClient::Renewed { expires: identity.expires });
        Ok(())
    }

    /// Tells of a message that was not taken; too many of them end the conversation.
    pub(super) fn offend(&mut self, code: &str, message: &str) -> Result<(), Ended> {
        self.offences += 1;
        if self.offences > self.most_offences {
            metrics::limit_hit("offences_per_socket");
            return Err(Ended::farewell_with(CloseCode::Policy, code, message));
        }
        let (code, message) = (code.to_owned(), message.to_owned());
        tell(&self.out, self.codec, &ToClient::Notice { code, message });
        Ok(())
    }

    /// Takes in and forgets what still comes, until the other side ends: who closes a
    /// connection with bytes unread cuts off what was written before.
    pub(super) async fn drain(&mut self) {
        while let Some(Ok(_)) = self.stream.next().await {}
        if self.broken {
            // Their close will not be understood: ours ends what we say.
            self.out.connect(None);
        }
        let mut rest = vec![0; DRAINED];
        while self.broken {
            let wire = self.stream.get_mut();
            wire.settle();
            if !matches!(wire.read(&mut rest).await, Ok(1..)) {
                return;
            }
        }
    }

    fn decode(&self, message: &Message) -> Result<FromClient, Ended> {
        let frame = match message {
            Message::Text(text) => FrameRef::Text(text),
            other => FrameRef::Binary(bytes_of(other)),
        };
        FromClient::decode(frame, self.codec).map_err(|error| {
            let code = match error {
                DecodeError::WrongKind { .. } => CloseCode::WrongKind,
                DecodeError::TooLong { .. } => CloseCode::TooBig,
                _ => CloseCode::BadFrame,
            };
            Ended::farewell_with(code, error.code(), &error)
        })
    }

    /// The next text or binary message, however many frames it comes in.
    pub(super) async fn frame(&mut self) -> Result<Message, Ended> {
        let mut control_frames = 0;
        loop {
            let next = timeout(self.silence, self.stream.next()).await.map_err(|_| silent())?;
            match next {
                None => return Err(Ended::Gone),
                Some(Ok(Message::Close(_))) => {
                    // Their close is answered.
                    let _ = self.stream.flush().await;
                    return Err(Ended::Gone);
                }
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    self.begun = None;
                    self.stream.get_mut().settle();
                    metrics::received(message.len());
                    return Ok(message);
                }
                Some(Ok(control)) => {
                    control_frames += 1;
                    self.pass_over(&control, control_frames)?;
                }
                Some(Err(error)) => return Err(self.fail(&error)),
            }
        }
    }

    /// A control frame, the `count`th in a row, which may come in the midst of a message.
    fn pass_over(&mut self, control: &Message, count: u32) -> Result<(), Ended> {
        let wire = self.stream.get_mut();
        wire.forgive(control.len());
        let begun = wire.is_within().then(|| self.begun.unwrap_or_else(Instant::now));
        self.begun = begun;
        if begun.is_some_and(|begun| begun.elapsed() > self.silence) {
            return Err(silent());
        }
        // Pings come every few seconds; so many in a row mean a flood or long silence.
        if count.is_multiple_of(CONTROL_FRAMES) {
            self.offend("control_frames", "too many control frames")?;
        }
        Ok(())
    }

    /// Why nothing more can be read.
    fn fail(&mut self, error: &Error) -> Ended {
        self.broken = true;
        let too_long = matches!(error, Error::Capacity(CapacityError::MessageTooLong { .. }));
        if too_long || self.stream.get_ref().is_overdrawn() {
            metrics::limit_hit("message_bytes");
            return Ended::farewell_with(CloseCode::TooBig, "too_big", "the message is too long");
        }
        match error {
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ended::Gone,
            Error::Protocol(_) => {
                Ended::farewell_with(CloseCode::Protocol, "protocol_error", error)
            }
            Error::Utf8(_) => Ended::farewell_with(CloseCode::NotUtf8, "not_utf8", error),
            _ => Ended::Gone,
        }
    }
}

fn silent() -> Ended {
    metrics::limit_hit("silence_ms");
    Ended::Farewell(Farewell::silent(CloseCode::Silent))
}

fn over(end: LeaseEnd) -> Ended {
    match end {
        LeaseEnd::Expired => {
            let message = "the token has expired; renew it and come back";
            Ended::farewell_with(CloseCode::Auth, "token_expired", message)
        }
        LeaseEnd::Revoked => {
            let message = "the session was ended; log in again";
            Ended::farewell_with(CloseCode::Revoked, "token_revoked", message)
        }
    }
}

fn bytes_of(message: &Message) -> &[u8] {
    match message {
        Message::Binary(bytes) => bytes,
        _ => &[],
    }
}
