//! Lets the bots loose, measures for a while, and calls them in.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use tokio::runtime::Runtime;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::player::{Seat, World};
use super::report::{Burst, LoadReport, Seen};
use super::server::{Moment, Spent};
use super::stage::Stage;
use super::tally::{Tally, Times};
use super::workload;
use super::{LoadArgs, Profile, hostile, player};
use crate::error::CliError;
use crate::remote::Remote;
use crate::ui::Ui;

/// Time between the first tries of two sockets, so that opening them is no storm by itself.
const STAGGER: Duration = Duration::from_micros(500);
/// How often the progress is drawn.
const LOOK: Duration = Duration::from_millis(250);
/// Time in which all who come at once must be in.
const BURST_MAX: Duration = Duration::from_secs(10);
/// How often it is looked whether they are.
const BURST_LOOK: Duration = Duration::from_millis(2);
/// Time that sockets get to close.
const CLOSING: Duration = Duration::from_secs(5);

struct Show<'a> {
    args: &'a LoadArgs,
    remote: &'a Remote,
    runtime: Runtime,
    world: World,
    tasks: TaskTracker,
    bar: ProgressBar,
}

/// Runs what was asked for.
pub(super) fn drive(
    args: &LoadArgs,
    remote: &Remote,
    stage: Stage,
    ui: &Ui,
) -> Result<LoadReport, CliError> {
    let pace = Some(Duration::from_secs_f64(1.0 / args.orders));
    let storm = args.profile == Profile::Storm;
    let world =
        World { tally: Arc::new(Tally::new()), stop: CancellationToken::new(), pace, storm };
    let show = Show {
        args,
        remote,
        runtime: Runtime::new().map_err(CliError::input)?,
        world,
        tasks: TaskTracker::new(),
        bar: ui.progress(args.seconds * 4, "opening sockets"),
    };
    show.run(stage)
}

impl Show<'_> {
    fn run(&self, stage: Stage) -> Result<LoadReport, CliError> {
        let Stage { workload, tables, players, watchers } = stage;
        let at_rest = self.look()?;
        let opening = STAGGER * (players.len() + watchers.len()) as u32;
        self.open(players);
        let late = self.all_but_late(watchers);
        thread::sleep(Duration::from_secs(self.args.warm_up) + opening);
        let (end, spent, burst) = self.measure(late)?;
        let open = self.world.tally.open.load(Ordering::Relaxed);
        let verified = workload::verify(self.remote, &workload, &tables)?;
        self.close();
        let grown = end.rss_bytes().saturating_sub(at_rest.rss_bytes());
        let seen = Seen { open, spent, grown, burst, verified };
        Ok(LoadReport::new(self.args, &self.world.tally, &tables, seen))
    }

    /// Opens the other sockets; those that will come all at once are given back.
    fn all_but_late(&self, watchers: Vec<Seat>) -> Vec<Seat> {
        if self.args.profile == Profile::Joins {
            return watchers;
        }
        self.let_loose(watchers);
        Vec::new()
    }

    /// Measures for as long as was asked for, with those who come all at once in it.
    fn measure(&self, late: Vec<Seat>) -> Result<(Moment, Spent, Option<Burst>), CliError> {
        let (start, began) = (self.look()?, Instant::now());
        self.world.tally.measure(true);
        let burst = if late.is_empty() { None } else { Some(self.burst(late)?) };
        self.watch(began);
        self.world.tally.measure(false);
        let end = self.look()?;
        let spent = end.since(&start, began.elapsed().as_secs_f64());
        Ok((end, spent, burst))
    }

    fn look(&self) -> Result<Moment, CliError> {
        Moment::look(self.args.pid, self.args.ops.as_deref())
    }

    fn open(&self, seats: Vec<Seat>) {
        for (turn, seat) in seats.into_iter().enumerate() {
            let world = self.world.clone();
            self.spawn(turn, player::play(seat, world));
        }
    }

    fn let_loose(&self, seats: Vec<Seat>) {
        for (turn, seat) in seats.into_iter().enumerate() {
            let (world, number) = (self.world.clone(), seat.number);
            match self.args.profile {
                Profile::Slow => self.spawn(turn, hostile::read_slowly(seat, world, number)),
                Profile::Flood => self.spawn(turn, hostile::harm(seat.place, world, number)),
                _ => self.spawn(turn, player::play(seat, world)),
            }
        }
    }

    fn spawn(&self, turn: usize, bot: impl Future<Output = ()> + Send + 'static) {
        let wait = STAGGER * turn as u32;
        let stop = self.world.stop.clone();
        let late = async move {
            tokio::select! {
                () = sleep(wait) => bot.await,
                () = stop.cancelled() => {}
            }
        };
        self.tasks.spawn_on(late, self.runtime.handle());
    }

    /// Lets all of these come in the same moment, until the last of them is in.
    fn burst(&self, seats: Vec<Seat>) -> Result<Burst, CliError> {
        let (count, before, began) = (seats.len() as u64, self.look()?, Instant::now());
        let joined = self.world.tally.counts().join.len();
        for seat in seats {
            let bot = player::play(seat, self.world.clone());
            self.tasks.spawn_on(bot, self.runtime.handle());
        }
        while began.elapsed() < BURST_MAX && self.world.tally.counts().join.len() - joined < count {
            thread::sleep(BURST_LOOK);
        }
        let seconds = began.elapsed().as_secs_f64();
        let cpu_s = self.look()?.cpu_s() - before.cpu_s();
        Ok(Burst { sockets: count, seconds, cpu_s })
    }

    /// Draws what goes on until the time is over.
    fn watch(&self, began: Instant) {
        let end = Duration::from_secs(self.args.seconds);
        let mut frames = 0;
        while began.elapsed() < end {
            thread::sleep(LOOK.min(end.saturating_sub(began.elapsed())));
            let counts = self.world.tally.counts();
            let (gap, effect) = (Times::from(&counts.gap), Times::from(&counts.effect));
            let open = self.world.tally.open.load(Ordering::Relaxed);
            let wrong = self.world.tally.wrong.load(Ordering::Relaxed);
            let rate = (counts.frames - frames) as f64 / LOOK.as_secs_f64();
            frames = counts.frames;
            self.bar.set_message(format!(
                "{open} sockets, {rate:.0} frames/s, gap p99 {:.0} ms, effect p99 {:.0} ms, {wrong} wrong",
                gap.p99, effect.p99
            ));
            self.bar.set_position(began.elapsed().as_millis() as u64 / LOOK.as_millis() as u64);
        }
        self.bar.finish_and_clear();
    }

    fn close(&self) {
        self.world.stop.cancel();
        self.tasks.close();
        let all = async { tokio::time::timeout(CLOSING, self.tasks.wait()).await };
        // Whoever still waits for a dead peer is cut off with the runtime.
        let _ = self.runtime.block_on(all);
    }
}
