//! The socket of a replay: the same messages as a game's, at any speed, from any tick.

use std::sync::Arc;

use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::replay::{Playback, Replay};
use sovereign_core::wire::{
    CloseCode, Codec, FromClient, PauseReason, SeatName, ToClient, Welcome,
};
use sovereign_core::{Audience, Map};
use tokio::time::{MissedTickBehavior, interval};

use super::reader::{Ended, Reader};
use super::{Guest, converse, queue, tell};
use crate::gateway::rate::Rates;
use crate::room::{Frame, OutQueue, TICK, encode};
use crate::telemetry::metrics;

/// Real time, in thousandths.
const REAL_TIME: u16 = 1_000;
/// Batches played in one go before others get their turn.
const BATCHES_PER_TURN: usize = 256;

/// A replay and what is shown with it.
#[derive(Debug)]
pub struct Film {
    /// Its id.
    pub id: String,
    /// Its orders.
    pub replay: Replay,
    /// The map that it was played on.
    pub map: Arc<Map>,
    /// Who sat where.
    pub names: Vec<SeatName>,
    /// Whose sight is shown, where there is fog; everything if nobody's.
    pub view: Option<PlayerId>,
}

/// Shows a guest a replay until it leaves.
pub async fn watch(guest: Box<Guest>, film: Box<Film>) {
    let out = queue(&guest.api.config().limits);
    let (rates, shown) = (guest.api.rates.clone(), out.clone());
    let codec = guest.codec;
    converse(guest, out, |mut reader, _| async move {
        let ended = show(&film, &mut reader, &rates, &shown, codec).await;
        (ended.farewell(), reader)
    })
    .await;
}

async fn show(
    film: &Film,
    reader: &mut Reader,
    rates: &Rates,
    out: &OutQueue,
    codec: Codec,
) -> Ended {
    let playback = match Playback::new(&film.replay, Arc::clone(&film.map)) {
        Ok(playback) => playback,
        Err(error) => return Ended::farewell_with(CloseCode::NoSuchGame, "replay", error),
    };
    let (epoch, speed) = (1, REAL_TIME);
    let mut show = Show { playback, eyes: None, out, codec, epoch, thousandths: 0, speed };
    show.look_through(film.view);
    tell(out, codec, &show.welcome(film));
    show.snapshot();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let done = tokio::select! {
            _ = ticks.tick() => show.tick().await,
            message = reader.next(rates) => match message {
                Ok(message) => show.hear(reader, message).await,
                Err(ended) => Err(ended),
            },
        };
        if let Err(ended) = done {
            return ended;
        }
    }
}

struct Show<'f> {
    playback: Playback<'f>,
    /// Whose sight is shown, under fog; everything without.
    eyes: Option<Audience>,
    out: &'f OutQueue,
    codec: Codec,
    /// Rises with every jump, so that within one no tick ever falls.
    epoch: u64,
    /// Where the show is, in thousandths of a tick.
    thousandths: u64,
    speed: u16,
}

impl Show<'_> {
    fn welcome(&self, film: &Film) -> ToClient {
        let game = self.playback.session().game();
        let watcher = Welcome::watcher(game, film.id.clone(), self.epoch, TICK.as_millis() as u16);
        let end = film.replay.batches.last().map_or(Tick(0), |batch| batch.tick);
        let names = film.names.clone();
        ToClient::Welcome(Box::new(Welcome { names, replay_end: Some(end), ..watcher }))
    }

    /// Begins to show what a player sees as things stand now; without fog all see the same.
    fn look_through(&mut self, player: Option<PlayerId>) {
        let game = self.playback.session().game();
        let player = player.filter(|_| game.rules().fog.radius > 0);
        self.eyes = player.map(|player| Audience::new(game, player));
    }

    /// Shows all there is now, in place of whatever waits.
    fn snapshot_instead(&self) {
        self.out.clear();
        self.snapshot();
    }

    /// Shows all there is now.
    fn snapshot(&self) {
        let session = self.playback.session();
        let delta = match &self.eyes {
            Some(eyes) => eyes.snapshot(session.game()),
            None => session.full_delta(),
        };
        let message = ToClient::Snapshot { epoch: self.epoch, delta };
        // Nothing or only a greeting waits: there is room.
        let _ = self.out.send(encode(&message, self.codec));
    }

    async fn tick(&mut self) -> Result<(), Ended> {
        if self.speed == 0 || self.playback.next_tick().is_none() {
            return Ok(());
        }
        self.thousandths += u64::from(self.speed);
        self.play_to(self.now(), true).await
    }

    const fn now(&self) -> Tick {
        Tick((self.thousandths / 1_000) as u32)
    }

    /// Shows what the last batch changed, or all there is if too much waits.
    fn show_step(&mut self) {
        let news = match &mut self.eyes {
            Some(eyes) => {
                let game = self.playback.session().game();
                eyes.news(game, &game.changes())
            }
            None => self.playback.news(),
        };
        let frame = Frame::new(news.delta, self.epoch, news.anew).message(self.codec);
        if self.out.send(frame).is_err() {
            metrics::resync();
            self.snapshot_instead();
        }
    }

    /// Plays up to a tick, showing every frame or, on a jump, none.
    async fn play_to(&mut self, tick: Tick, show: bool) -> Result<(), Ended> {
        let mut turn = 0;
        while self.playback.next_tick().is_some_and(|next| next <= tick) {
            let Some(step) = self.playback.step() else { break };
            step.map_err(|error| Ended::farewell_with(CloseCode::Internal, "replay", error))?;
            if show {
                self.show_step();
            }
            turn += 1;
            if turn % BATCHES_PER_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn hear(&mut self, reader: &mut Reader, message: FromClient) -> Result<(), Ended> {
        match message {
            FromClient::Watch { from, speed } => {
                metrics::message("watch");
                if let Some(from) = from {
                    self.jump(from).await?;
                }
                self.set_speed(speed);
                Ok(())
            }
            FromClient::Ping { nonce } => {
                metrics::message("ping");
                tell(self.out, self.codec, &ToClient::Pong { nonce });
                Ok(())
            }
            _ => reader.offend("replay", "a replay takes no orders"),
        }
    }

    async fn jump(&mut self, to: Tick) -> Result<(), Ended> {
        if to < self.playback.session().game().tick() {
            let rewound = self.playback.seek(Tick(0));
            rewound.map_err(|e| Ended::farewell_with(CloseCode::Internal, "replay", e))?;
        }
        self.play_to(to, false).await?;
        let player = self.eyes.as_ref().map(Audience::player);
        self.look_through(player);
        self.epoch += 1;
        self.thousandths = u64::from(self.playback.session().game().tick().0) * 1_000;
        self.snapshot_instead();
        Ok(())
    }

    fn set_speed(&mut self, speed: u16) {
        let (epoch, tick) = (self.epoch, self.playback.session().game().tick());
        match (self.speed, speed) {
            (1.., 0) => {
                let reason = PauseReason::Viewer;
                tell(self.out, self.codec, &ToClient::Paused { epoch, reason });
            }
            (0, 1..) => tell(self.out, self.codec, &ToClient::Resumed { epoch, tick }),
            _ => {}
        }
        self.speed = speed;
    }
}
