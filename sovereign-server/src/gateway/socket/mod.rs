//! Conversations over one WebSocket: the greeting, then reading and writing until one
//! side ends it, always with a code that says why.

mod detour;
#[cfg(feature = "autobahn")]
mod echo;
mod play;
mod reader;
mod watch;
mod words;
mod writer;

use std::time::Duration;

use futures_util::StreamExt;
use sovereign_core::wire::{CloseCode, Codec, FromClient, Resume, ToClient};
use tokio::time::timeout;
use uuid::Uuid;

use self::reader::{Ended, Reader};
use super::connections::Peer;
use super::upgrade::Socket;
use crate::api::Api;
use crate::auth::{AuthError, Identity};
use crate::config::Limits;
use crate::room::OutQueue;
use crate::telemetry::metrics;

#[cfg(feature = "autobahn")]
pub use echo::echo;
pub use play::play;
pub use watch::{Film, watch};

/// Time in which the other side may answer our close, so that it reads the code.
const CLOSING: Duration = Duration::from_secs(1);

/// What a conversation starts with.
#[derive(Debug)]
pub struct Guest {
    /// The context.
    pub api: Api,
    /// The open socket.
    pub socket: Socket,
    /// The negotiated codec.
    pub codec: Codec,
    /// Who the request's header said it is, and by which token, if it did.
    pub known: Option<(Identity, Box<str>)>,
    /// The counted connection.
    pub peer: Peer,
    /// Whether it goes through another node.
    pub relayed: bool,
}

/// A greeted guest.
struct Greeted {
    account: Option<Uuid>,
    resume: Option<Resume>,
}

/// Why a conversation ends.
#[derive(Debug)]
struct Farewell {
    code: CloseCode,
    /// What is said before, for people who debug.
    notice: Option<(String, String)>,
}

impl Farewell {
    const fn silent(code: CloseCode) -> Self {
        Self { code, notice: None }
    }

    fn because(code: CloseCode, what: &str, message: impl ToString) -> Self {
        Self { code, notice: Some((what.to_owned(), message.to_string())) }
    }

    /// Queues the farewell behind what waits.
    fn say(self, out: &OutQueue, codec: Codec) {
        if let Some((code, message)) = self.notice {
            tell(out, codec, &ToClient::Notice { code, message });
        }
        out.close(self.code);
    }
}

/// Queues a message of the connection itself; one who is too slow for it misses it.
fn tell(out: &OutQueue, codec: Codec, message: &ToClient) {
    let _ = out.send(crate::room::encode(message, codec));
}

/// Runs a conversation: `talk` reads until it knows why to end, while all that is queued
/// is written. Either end ends both, and so does the server's stop.
async fn converse<F>(
    mut guest: Box<Guest>,
    out: OutQueue,
    talk: impl FnOnce(Box<Reader>, Greeted) -> F,
) where
    F: Future<Output = (Option<Farewell>, Box<Reader>)>,
{
    let greeting = Box::new((guest.api.clone(), guest.known.take()));
    attend(guest, out, |mut reader| async move {
        match Box::pin(greet(*greeting, &mut reader)).await {
            Ok(greeted) => talk(reader, greeted).await,
            Err(ended) => (ended.farewell(), reader),
        }
    })
    .await;
}

/// The same without a greeting.
///
/// Its future is what every socket costs for as long as it lives: what is large is boxed, and
/// what is needed once is not kept.
async fn attend<F>(guest: Box<Guest>, out: OutQueue, talk: impl FnOnce(Box<Reader>) -> F)
where
    F: Future<Output = (Option<Farewell>, Box<Reader>)>,
{
    let config = guest.api.config();
    let (api, codec, limits) = (&guest.api, guest.codec, &config.limits);
    let (messages, sink) = Box::pin(guest.socket.split(out.clone())).await;
    let reader = Reader::new(messages, codec, limits, out.clone(), api.auth.clone());
    let mut writing = std::pin::pin!(writer::write(sink, &out, limits));
    let mut reading = std::pin::pin!(talk(Box::new(reader)));
    tokio::select! {
        (farewell, mut reader) = &mut reading => {
            let goes = farewell.is_none();
            farewell.map_or_else(|| out.hang_up(), |farewell| farewell.say(&out, codec));
            // The code must have been read before the connection is cut.
            let rest = async { writing.await; if !goes { reader.drain().await } };
            let _ = Box::pin(timeout(CLOSING, rest)).await;
        }
        () = &mut writing => {
            let _ = Box::pin(timeout(CLOSING, reading)).await;
        }
        () = api.stop.cancelled() => {
            out.close(CloseCode::Restart);
            let _ = Box::pin(timeout(CLOSING, writing)).await;
        }
    }
    // The room may hold its end for a moment longer.
    out.connect(None);
}

/// Tells one who speaks no version of ours so, and lets it go.
pub async fn turn_away(socket: Socket, limits: &Limits) {
    let out = queue(limits);
    let (mut messages, sink) = socket.split(out.clone()).await;
    out.close(CloseCode::Version);
    let _ = timeout(CLOSING, async {
        writer::write(sink, &out, limits).await;
        // Its close, and what it said before it had read ours.
        while let Some(Ok(_)) = messages.next().await {}
    })
    .await;
    out.connect(None);
}

/// The first message says who is there.
async fn greet(
    (api, known): (Api, Option<(Identity, Box<str>)>),
    reader: &mut Reader,
) -> Result<Greeted, Ended> {
    let config = api.config();
    let limits = &config.limits;
    let expected =
        |message| Ended::farewell_with(CloseCode::HelloExpected, "hello_expected", message);
    let first = timeout(Duration::from_millis(limits.auth_ms), reader.first(limits)).await;
    let late = |_| {
        metrics::limit_hit("auth_ms");
        expected("the first message did not come in time")
    };
    let first = first.map_err(late)??;
    let FromClient::Hello { token, resume } = first else {
        return Err(expected("the first message must be hello"));
    };
    metrics::message("hello");
    let known = match token {
        Some(token) => Some((api.auth.check(&token).await.map_err(refused)?, token.into())),
        None => known,
    };
    let account = known.as_ref().map(|(identity, _)| identity.account);
    if let Some((identity, token)) = known {
        // Only another node would ever be told it.
        let token = api.fleet.is_some().then_some(token);
        let lease = api.auth.lease(&identity);
        let place = api.online.enter(identity.account, limits.sockets_per_account).await;
        reader.speaks_by(lease, token, place.ok_or_else(too_many)?);
    }
    Ok(Greeted { account, resume })
}

fn too_many() -> Ended {
    let message = "this account has as many sockets as it may; close one";
    Ended::farewell_with(CloseCode::TryLater, "too_many_sockets", message)
}

fn refused(error: AuthError) -> Ended {
    let code = match error {
        AuthError::Revoked | AuthError::Banned => CloseCode::Revoked,
        _ => CloseCode::Auth,
    };
    Ended::farewell_with(code, error.code(), error)
}

fn queue(limits: &Limits) -> OutQueue {
    OutQueue::new(limits)
}
