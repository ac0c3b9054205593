//! The gateway of a node: a task for each connection, which speaks for its player where his game
//! goes on at another node.

use std::sync::Arc;
use std::time::Duration;

use sovereign_core::id::PlayerId;
use sovereign_core::wire::{CloseCode, Codec, FromClient, ToClient};
use tokio::time::{Instant, sleep, timeout};

use super::fleet::{Fleet, Node, limits, locked};
use super::net::{End, LOOK, Receiver, Sender};
use crate::hosted;
use crate::log::GameId;
use crate::room::{
    Attach, Framed, Next, Onward, OutQueue, RoomHandle, RoomState, SocketId, ToRoom, encode,
};

/// How long it takes at most to hear where a game goes on whose room has ended.
const MOVING: Duration = Duration::from_secs(5);
/// How long whoever comes waits for a game that is being opened.
const OPENING: Duration = Duration::from_millis(300);

/// What comes down a connection.
#[derive(Debug)]
pub(super) enum Down {
    Frame(Framed),
    Close(CloseCode),
}

/// The far end of a connection to a node.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) node: Arc<Node>,
    pub(super) up: Sender<FromClient>,
    pub(super) down: Receiver<Down>,
}

/// Whose connection it is, to which game and seat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) socket: SocketId,
    pub(super) game: usize,
    pub(super) seat: Option<PlayerId>,
}

impl Node {
    /// One connection, from its first words to its end.
    pub(super) async fn serve(
        &self,
        fleet: &Arc<Fleet>,
        place: Place,
        mut up: Receiver<FromClient>,
        mut down: Sender<Down>,
    ) {
        let Some(FromClient::Hello { resume, .. }) = up.receive().await else { return };
        let Place { socket, game, seat } = place;
        super::show(|| format!("{socket:?} of {seat:?} says hello at node {}", self.name));
        let Some(room) = self.opened(fleet, fleet.games[game].id).await else {
            let _ = down.send(Down::Close(CloseCode::TryLater)).await;
            return;
        };
        let (out, codec) = (OutQueue::new(&limits()), Codec::Msgpack);
        hosted::spawn(write(out.clone(), down));
        let (view, name) = (None, None);
        let attach = Attach { socket, seat, codec, resume, view, name, out: out.clone().into() };
        if room.tell(ToRoom::Attach(attach)).await.is_err() {
            return out.close(CloseCode::TryLater);
        }
        let code = match listen(socket, &room, &mut up, &out).await {
            Some(onward) => self.follow(fleet, (place, *onward), &mut up, &out).await,
            None => CloseCode::Internal,
        };
        let _ = room.tell(ToRoom::Detach(socket)).await;
        out.close(code);
    }

    /// The door of a game; one that is this node's and not here is taken up first.
    async fn opened(&self, fleet: &Arc<Fleet>, game: GameId) -> Option<RoomHandle> {
        // Who came first comes in first.
        let _turn = self.entering.lock().await;
        if self.room(game).is_none() {
            let owners = self.log.owners().await.ok()?;
            if owners.get(&game) == Some(&self.name) {
                self.adopt(fleet, &[game]).await;
            }
        }
        let until = Instant::now() + OPENING;
        // Not by waiting for the change: those who do are woken in an order that no seed decides.
        while self.is_opening(game) && Instant::now() < until {
            sleep(LOOK).await;
        }
        self.room(game)
    }

    fn is_opening(&self, game: GameId) -> bool {
        let rooms = locked(&self.rooms);
        rooms.get(&game).is_some_and(|state| matches!(*state.borrow(), RoomState::Opening))
    }

    /// Speaks for a player with the node that has his game, until one of the three ends it.
    async fn follow(
        &self,
        fleet: &Arc<Fleet>,
        (place, onward): (Place, Onward),
        up: &mut Receiver<FromClient>,
        out: &OutQueue,
    ) -> CloseCode {
        let to = onward.node.parse().expect("nodes are called by their numbers");
        let line = fleet.connect(End::Node(self.name), (to, place.game), place.seat);
        let Some(mut line) = line else { return CloseCode::Migrate };
        super::show(|| format!("{:?} follows from node {} to {to}", place.socket, self.name));
        let hello = FromClient::Hello { token: None, resume: onward.resume };
        let mut said = line.up.send(hello).await;
        let mut migrate = Some(ToClient::Migrate { url: None, closes_s: Some(1) });
        while said.is_some() {
            tokio::select! {
                biased;
                () = self.over.cancelled() => break,
                heard = line.down.receive() => match heard {
                    Some(Down::Frame(frame)) => {
                        said = out.send(frame).ok();
                        let asked = migrate.take();
                        _ = asked.map(|asked| out.send(encode(&asked, Codec::Msgpack)));
                    }
                    Some(Down::Close(code)) => return code,
                    _ => break,
                },
                words = up.receive() => match words {
                    Some(words) => said = line.up.send(words).await,
                    None => break,
                },
            }
        }
        CloseCode::Migrate
    }
}

/// Tells the room what its player says, until he has gone; or where his game goes on.
async fn listen(
    socket: SocketId,
    room: &RoomHandle,
    up: &mut Receiver<FromClient>,
    out: &OutQueue,
) -> Option<Box<Onward>> {
    loop {
        let message = tokio::select! {
            biased;
            onward = out.handed_on() => return Some(onward),
            message = up.receive() => message?,
        };
        let FromClient::Order { seq, command } = message else { continue };
        let order = ToRoom::Order { socket, seq, command, arrived: Instant::now() };
        if room.tell(order).await.is_err() {
            let onward = timeout(MOVING, out.handed_on());
            return if out.is_closed() { None } else { onward.await.ok() };
        }
    }
}

async fn write(out: OutQueue, mut down: Sender<Down>) {
    loop {
        let (last, item) = match out.next().await {
            Next::Send(message) => (false, Down::Frame(message)),
            Next::Close(code) => (true, Down::Close(code)),
        };
        if down.send(item).await.is_none() || last {
            return;
        }
    }
}
