//! The socket of a game.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sovereign_core::id::PlayerId;
use sovereign_core::wire::{CloseCode, Codec, FromClient, Resume, SocialKind, ToClient};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use super::reader::{Ended, Reader};
use super::{Farewell, Greeted, Guest, converse, detour, queue, tell, words};
use crate::api::Api;
use crate::lobby::Seated;
use crate::room::{Attach, OutQueue, RoomHandle, SocketId, ToRoom};
use crate::telemetry::metrics;

/// How long it takes at most to hear where a game goes on whose room has ended.
const MOVING: Duration = Duration::from_secs(5);

static NEXT_SOCKET: AtomicU64 = AtomicU64::new(1);

/// One side of a game's conversation.
pub(super) struct Talk {
    pub(super) api: Api,
    game: String,
    view: Option<PlayerId>,
    pub(super) out: OutQueue,
    pub(super) codec: Codec,
    /// The player's network.
    pub(super) client: IpAddr,
    /// Whether he comes through another node.
    relayed: bool,
    socket: SocketId,
}

/// Lets a guest play or watch the game of this id or code, until it ends; who watches may
/// look through the eyes of a seat.
pub async fn play(guest: Box<Guest>, game: String, view: Option<PlayerId>) {
    let out = queue(&guest.api.config().limits);
    let talk = Box::new(Talk {
        api: guest.api.clone(),
        game,
        view,
        out: out.clone(),
        codec: guest.codec,
        client: guest.peer.network,
        relayed: guest.relayed,
        socket: SocketId(NEXT_SOCKET.fetch_add(1, Ordering::Relaxed)),
    });
    let mut departure = Departure::default();
    let leaving = &mut departure;
    converse(guest, out, |reader, greeted| talk.run(reader, greeted, leaving)).await;
    departure.tell().await;
}

/// What must be told to a room when its socket ends, in whatever way it does.
#[derive(Default)]
struct Departure(Option<(RoomHandle, SocketId)>);

impl Departure {
    async fn tell(self) {
        if let Some((room, socket)) = self.0 {
            // A room that has ended does not mind.
            let _ = room.tell(ToRoom::Detach(socket)).await;
        }
    }
}

impl Talk {
    async fn run(
        self: Box<Self>,
        mut reader: Box<Reader>,
        greeted: Greeted,
        departure: &mut Departure,
    ) -> (Option<Farewell>, Box<Reader>) {
        let account = greeted.account;
        let ended = match Box::pin(self.attach(greeted, departure)).await {
            Ok(room) => {
                self.tell_nearer();
                self.listen(&mut reader, &room, account).await
            }
            Err(farewell) => Ended::Farewell(farewell),
        };
        let ended = match ended {
            Ended::Onward(onward) => Box::pin(detour::follow(&self, &mut reader, *onward)).await,
            ended => ended,
        };
        (ended.farewell(), reader)
    }

    /// Tells who comes through another node where this one is reached alone, if it is.
    fn tell_nearer(&self) {
        let fleet = self.api.fleet.as_ref().filter(|_| self.relayed);
        let url = fleet.and_then(|fleet| fleet.roster().me().public_url);
        if url.is_some() {
            tell(&self.out, self.codec, &ToClient::Migrate { url, closes_s: None });
        }
    }

    /// Where this socket would be opened at another node.
    pub(super) fn path(&self) -> String {
        let view = self.view.map_or_else(String::new, |seat| format!("?view={}", seat.0));
        format!("/v1/games/{}/ws{view}", self.game)
    }

    async fn attach(
        &self,
        Greeted { account, resume }: Greeted,
        departure: &mut Departure,
    ) -> Result<RoomHandle, Farewell> {
        #[cfg(feature = "workload")]
        if let Some((room, seat)) = self.api.workloads.seat(&self.game) {
            return self.enter(room, (Some(seat), None), resume, departure).await;
        }
        let table = self.api.lobby.find(&self.game);
        let table = table.map_err(|_| Farewell::silent(CloseCode::NoSuchGame))?;
        // Whoever comes while the log is still being asked need not come twice.
        table.opened().await;
        let (room, seat) = match table.seat_for(account).await {
            Seated::Running(room, seat) => (room, seat),
            Seated::Waiting => {
                let message = "the game has not begun; try again when it has";
                return Err(Farewell::because(CloseCode::TryLater, "not_started", message));
            }
            Seated::Opening => return Err(Farewell::silent(CloseCode::TryLater)),
            Seated::Frozen => {
                let message = "the server met an error in this game; an operator has been called";
                return Err(Farewell::because(CloseCode::Internal, "frozen", message));
            }
            Seated::Over => return Err(Farewell::silent(CloseCode::NoSuchGame)),
        };
        let name = if seat.is_none() { self.name_of(account).await } else { None };
        self.enter(room, (seat, name), resume, departure).await
    }

    /// What somebody is called who sits nowhere; nothing for who is nobody.
    async fn name_of(&self, account: Option<Uuid>) -> Option<String> {
        // Whoever cannot be found now watches without talking.
        Some(self.api.store.account(account?).await.ok()??.name)
    }

    async fn enter(
        &self,
        room: RoomHandle,
        (seat, name): (Option<PlayerId>, Option<String>),
        resume: Option<Resume>,
        departure: &mut Departure,
    ) -> Result<RoomHandle, Farewell> {
        let (codec, socket, view) = (self.codec, self.socket, self.view);
        let out = self.out.clone().into();
        let attach = Attach { socket, seat, codec, resume, view, name, out };
        let gone = |_| Farewell::silent(CloseCode::TryLater);
        // Noted first: the room hears of the leaving even if this is interrupted here.
        departure.0 = Some((room.clone(), socket));
        room.tell(ToRoom::Attach(attach)).await.map_err(gone)?;
        Ok(room)
    }

    async fn listen(&self, reader: &mut Reader, room: &RoomHandle, by: Option<Uuid>) -> Ended {
        loop {
            let heard = match reader.next(&self.api.rates).await {
                Ok(FromClient::Chat { text, to, allies }) => {
                    self.chat(reader, room, by, &text, (to, allies)).await
                }
                Ok(message) => self.hear(reader, room, message).await,
                Err(ended) => Err(ended),
            };
            if let Err(ended) = heard {
                return ended;
            }
        }
    }

    /// Passes words on that are fit to be shown, at the rate of whoever says them.
    async fn chat(
        &self,
        reader: &mut Reader,
        room: &RoomHandle,
        by: Option<Uuid>,
        text: &str,
        (to, allies): (Option<PlayerId>, bool),
    ) -> Result<(), Ended> {
        metrics::message("chat");
        if by.is_some_and(|account| !self.api.rates.chat(account)) {
            return reader.offend("rate_limited", "too many words; these were dropped");
        }
        let limits = &self.api.config().limits;
        let text = match words::line(text, limits) {
            Ok(text) => text,
            Err(unfit) => return reader.offend("chat_unfit", &unfit.to_string()),
        };
        let socket = self.socket;
        self.tell_room(room, ToRoom::Chat { socket, to, allies, text }).await
    }

    async fn hear(
        &self,
        reader: &mut Reader,
        room: &RoomHandle,
        message: FromClient,
    ) -> Result<(), Ended> {
        let socket = self.socket;
        let to_room = match message {
            FromClient::Order { seq, command } => {
                ToRoom::Order { socket, seq, command, arrived: Instant::now() }
            }
            FromClient::QuickChat { phrase, to } => {
                metrics::message("quick_chat");
                ToRoom::Social { socket, to, kind: SocialKind::QuickChat, index: phrase.into() }
            }
            FromClient::Emoji { emoji, to } => {
                metrics::message("emoji");
                ToRoom::Social { socket, to, kind: SocialKind::Emoji, index: emoji.into() }
            }
            FromClient::Mark { territory, to } => {
                metrics::message("mark");
                ToRoom::Social { socket, to, kind: SocialKind::Mark, index: territory.0 }
            }
            FromClient::Mute { player, on } => {
                metrics::message("mute");
                ToRoom::Mute { socket, player, on }
            }
            FromClient::Ping { nonce } => {
                metrics::message("ping");
                tell(&self.out, self.codec, &ToClient::Pong { nonce });
                return Ok(());
            }
            FromClient::Hello { .. } => return reader.offend("hello_again", "hello comes once"),
            FromClient::Watch { .. } => {
                return reader.offend("no_replay", "only a replay can be moved through");
            }
            // Taken before they come here.
            FromClient::Renew { .. } | FromClient::Chat { .. } => return Ok(()),
        };
        self.tell_room(room, to_room).await
    }

    /// What a room that has just moved does not hear, its player says again at the next welcome.
    async fn tell_room(&self, room: &RoomHandle, message: ToRoom) -> Result<(), Ended> {
        if room.tell(message).await.is_ok() {
            return Ok(());
        }
        let gone = Ended::Farewell(Farewell::silent(CloseCode::TryLater));
        if self.out.is_closed() {
            return Err(gone);
        }
        let moved = Box::pin(timeout(MOVING, self.out.handed_on())).await;
        Err(moved.map_or(gone, Ended::Onward))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a task of this kind takes for as long as it lives.
    fn bytes_of<A, B, C, F: Future>(_task: fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn the_task_of_a_socket_is_small() {
        assert!(bytes_of(play) <= 2_560, "{} bytes", bytes_of(play));
    }
}
