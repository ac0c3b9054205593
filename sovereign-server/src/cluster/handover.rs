//! What a node does before it stops: its games go on at others while their players stay
//! connected, first through this node, then by sockets of their own.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{Method, StatusCode};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use sovereign_core::wire::{Codec, SERVER_FRAME_BYTES_MAX};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::peers::WARM;
use super::relay::RelayError;
use super::{Fleet, Located, Member};

/// Read buffer of a socket to another node, in bytes.
const READ_BUFFER: usize = 4_096;
/// Games that are handed over at once: so many that nobody waits long for all, and so few that
/// none waits long for its own.
const AT_ONCE: usize = 2;
/// Time in which the last sockets are told that they are closed.
const CLOSING: Duration = Duration::from_secs(1);

/// A player's socket at another node, which this one speaks for him.
pub type Line = WebSocketStream<TokioIo<Upgraded>>;

impl Fleet {
    /// Hands over the games that run here, some at a time, each between two of its ticks.
    pub async fn hand_games_over(&self) {
        let games = match self.inner.directory.games_of(&self.name()).await {
            Ok(games) => games,
            Err(error) => return warn!(%error, "games were not handed over one by one"),
        };
        stream::iter(games).for_each_concurrent(AT_ONCE, |game| self.hand_game_over(game)).await;
    }

    async fn hand_game_over(&self, located: Located) {
        let (game, me, living) = (located.game, self.name(), self.inner.roster.living());
        let Some(target) = located.place(&living).filter(|to| to.name != me) else { return };
        // A node that cannot make a copy takes the game up without one, which takes longer.
        self.tell_games(WARM, &[game], target).await;
        let Some(left) = self.inner.games.release(game).await else { return };
        match self.inner.directory.hand_over(&[game], &me, &target.name).await {
            Ok(moved) if moved == [game] => {
                // Whoever of the two comes first there has it taken up.
                left.hand_on(&target.name, self.inner.relay.sockets());
                self.tell_games(super::peers::ADOPT, &[game], target).await;
                info!(%game, to = target.name, "a game goes on at another node");
            }
            Ok(_) => warn!(%game, "a game was taken over while it was handed over"),
            Err(error) => warn!(%game, %error, "a game was not handed over"),
        }
    }

    /// Waits until all who are connected through this node have gone, but not for ever. Those
    /// who were only relayed are asked to; whoever stays is told to reconnect.
    pub async fn see_off(&self) {
        let relay = &self.inner.relay;
        relay.leaving().cancel();
        relay.sockets().close();
        let most = Duration::from_millis(self.inner.limits.follow_ms);
        if timeout(most, relay.sockets().wait()).await.is_err() {
            info!(sockets = relay.sockets().len(), "sockets are closed that were not changed over");
        }
        relay.over().cancel();
        let _ = timeout(CLOSING, relay.sockets().wait()).await;
    }

    /// Cancelled when those who have not followed their games are told to reconnect.
    #[must_use]
    pub fn over(&self) -> CancellationToken {
        self.inner.relay.over().clone()
    }

    /// After how many seconds from the beginning of its stop this node closes sockets.
    #[must_use]
    pub fn closes_s(&self) -> u16 {
        u16::try_from(self.inner.limits.follow_ms / 1_000).unwrap_or(u16::MAX)
    }

    /// Opens a socket at another node for a player who is connected to this one.
    ///
    /// # Errors
    /// [`RelayError`].
    pub async fn line(
        &self,
        (path, codec): (&str, Codec),
        client: IpAddr,
        to: &Member,
    ) -> Result<Line, RelayError> {
        let about = (Method::GET, path);
        let mut request = self.inner.relay.own(about, Bytes::new(), Some(client), to);
        let headers = request.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(codec.subprotocol()));
        if let Ok(key) = generate_key().parse() {
            headers.insert(SEC_WEBSOCKET_KEY, key);
        }
        let mut response = self.inner.relay.ask(request, to).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(RelayError::Broken);
        }
        let upgraded = hyper::upgrade::on(&mut response).await.map_err(|_| RelayError::Broken)?;
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(SERVER_FRAME_BYTES_MAX))
            .max_frame_size(Some(SERVER_FRAME_BYTES_MAX));
        let line = TokioIo::new(upgraded);
        Ok(WebSocketStream::from_raw_socket(line, Role::Client, Some(config)).await)
    }
}
