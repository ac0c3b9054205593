//! Rooms over a log in memory, in virtual time.

use std::collections::BTreeMap;

use sovereign_core::command::{Attack, Spawn, Surrender};
use sovereign_core::id::TerritoryId;
use sovereign_core::quantity::Tick;
use sovereign_core::replay::ReplayHeader;
use sovereign_core::wire::{CloseCode, FrameRef, ToClient};
use sovereign_core::{Answer, Game, Mirror, Rules, Seed};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::log::memory::MemoryLog;
use crate::log::{Committer, Entry};

/// A room and what is around it.
struct Table {
    _folder: tempfile::TempDir,
    services: Arc<Services<MemoryLog>>,
    id: GameId,
    start: Start,
    map: Arc<Map>,
    handle: RoomHandle,
    task: JoinHandle<RoomEnd>,
    sockets: u64,
}

/// A client that keeps a mirror and checks every frame against it.
struct Client {
    seat: Option<PlayerId>,
    socket: SocketId,
    out: OutQueue,
    codec: Codec,
    blank: Mirror,
    mirror: Mirror,
    ticks: Vec<u32>,
    epoch: u64,
    last_seq: u32,
    answers: BTreeMap<u32, Answer>,
    paused: Option<PauseReason>,
    closed: Option<CloseCode>,
    snapshots: u32,
    owns: u32,
}

fn start(people: u16, bots: u16) -> (Start, Arc<Map>) {
    let map = Arc::new(Map::shipped("classic").unwrap());
    let rules = Arc::new(Rules::preset("classic").unwrap());
    let game = Game::new(Arc::clone(&map), rules, Seed([7; 16]), people + bots).unwrap();
    let seat = |n: u16| SeatStart {
        seat: PlayerId(n),
        bot: (n >= people).then(|| "expander".to_owned()),
        name: format!("Seat {n}"),
    };
    let seats = (0..people + bots).map(seat).collect();
    (Start { header: ReplayHeader::of(&game), seats }, map)
}

impl Table {
    async fn open(people: u16, bots: u16, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let log = Arc::new(MemoryLog::new());
        let (committer, commits) = Committer::new(Arc::clone(&log));
        tokio::spawn(committer.run());
        let (health, base) = (Health::default(), Instant::now());
        let services = Arc::new(Services { log, commits, store, limits, health, base });
        let (start, map) = start(people, bots);
        let id = GameId::now_v7();
        services.log.create(id).await.unwrap();
        let room = Room::fresh(&services, id, start.clone(), Arc::clone(&map)).unwrap();
        let handle = room.handle();
        let task = tokio::spawn(room.run());
        Self { _folder: folder, services, id, start, map, handle, task, sockets: 0 }
    }

    /// As after a crash: the task is gone, the log remains.
    async fn crash_and_restore(&mut self) {
        self.task.abort();
        while !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
        let (start, map) = (self.start.clone(), Arc::clone(&self.map));
        let room = Room::restore(&self.services, self.id, start, map).await.unwrap();
        self.handle = room.handle();
        self.task = tokio::spawn(room.run());
    }

    async fn join(&mut self, seat: Option<u16>, resume: Option<Resume>) -> Client {
        let mut client = self.client(seat, Codec::Msgpack);
        self.attach(&client, resume).await;
        client.listen().await;
        client
    }

    fn client(&mut self, seat: Option<u16>, codec: Codec) -> Client {
        self.sockets += 1;
        let seat = seat.map(PlayerId);
        let rules = Arc::new(Rules::from_toml(&self.start.header.rules).unwrap());
        let seats = self.start.header.seats;
        let blank = Mirror::new(Arc::clone(&self.map), rules, seats, seat);
        Client {
            seat,
            socket: SocketId(self.sockets),
            out: OutQueue::new(&self.services.limits),
            codec,
            mirror: blank.clone(),
            blank,
            ticks: Vec::new(),
            epoch: 0,
            last_seq: 0,
            answers: BTreeMap::new(),
            paused: None,
            closed: None,
            snapshots: 0,
            owns: 0,
        }
    }

    async fn attach(&self, client: &Client, resume: Option<Resume>) {
        let attach = Attach {
            socket: client.socket,
            seat: client.seat,
            codec: client.codec,
            resume,
            out: client.out.clone(),
        };
        self.handle.tell(ToRoom::Attach(attach)).await.unwrap();
    }

    async fn order(&self, client: &Client, seq: u32, command: Command) {
        let (socket, arrived) = (client.socket, Instant::now());
        self.handle.tell(ToRoom::Order { socket, seq, command, arrived }).await.unwrap();
    }

    async fn entries(&self) -> Vec<Entry> {
        self.services.log.read_from(self.id, 1).await.unwrap()
    }

    /// The hash of each logged tick, by playing the log again.
    async fn replayed_checks(&self) -> BTreeMap<u32, u32> {
        let restored = restore::fresh(&self.start, Arc::clone(&self.map)).unwrap();
        let mut session = restored.session;
        let mut checks = BTreeMap::new();
        for entry in self.entries().await {
            let step = session.replay(&restore::decode(&entry).unwrap()).unwrap();
            checks.insert(entry.tick, step.delta.check);
        }
        checks
    }
}

impl Client {
    /// Takes in all that comes until nothing more does for a while.
    async fn listen(&mut self) {
        self.listen_for(Duration::from_millis(200)).await;
    }

    async fn listen_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Ok(next) = tokio::time::timeout_at(until, self.out.next()).await {
            match next {
                Next::Send(message) => self.take(&message),
                Next::Close(code) => {
                    self.closed = Some(code);
                    return;
                }
            }
        }
    }

    fn take(&mut self, message: &Message) {
        let frame = match message {
            Message::Text(text) => FrameRef::Text(text),
            Message::Binary(bytes) => FrameRef::Binary(bytes),
            other => panic!("{other:?} is no message of the protocol"),
        };
        match ToClient::decode(frame, self.codec).unwrap() {
            ToClient::Welcome(welcome) => {
                assert_eq!(welcome.you, self.seat);
                self.last_seq = welcome.last_seq;
                self.answers.extend(welcome.answers.iter().map(|a| (a.seq, *a)));
            }
            ToClient::Snapshot { epoch, delta } => {
                self.mirror = self.blank.clone();
                self.snapshots += 1;
                self.see(epoch, delta);
            }
            ToClient::Delta { epoch, delta } => self.see(epoch, delta),
            ToClient::Heartbeat { epoch, tick } => self.advance(epoch, tick),
            ToClient::Tail { answers, own, .. } => {
                self.answers.extend(answers.iter().map(|a| (a.seq, *a)));
                self.owns += u32::from(own.is_some());
            }
            ToClient::Paused { reason, .. } => self.paused = Some(reason),
            ToClient::Resumed { .. } => self.paused = None,
            _ => {}
        }
    }

    fn see(&mut self, epoch: u64, delta: sovereign_core::Delta) {
        self.mirror.apply(&delta).expect("the mirror follows every frame");
        self.advance(epoch, delta.tick);
    }

    fn advance(&mut self, epoch: u64, tick: Tick) {
        assert!(epoch >= self.epoch, "epochs never fall");
        let last = self.ticks.last().copied().unwrap_or(0);
        assert!(tick.0 >= last, "no client sees time go back: {last} then {}", tick.0);
        self.epoch = epoch;
        self.ticks.push(tick.0);
    }

    fn resume(&self) -> Option<Resume> {
        self.ticks.last().map(|tick| Resume { epoch: self.epoch, tick: Tick(*tick) })
    }
}

fn spawn(territory: u32) -> Command {
    Command::Spawn(Spawn { territory: TerritoryId(territory) })
}

#[tokio::test(start_paused = true)]
async fn a_game_begins_is_played_and_every_frame_fits_the_mirror() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(60)).await;
    assert!(player.answers[&1].result.is_ok());
    assert_eq!(player.snapshots, 1);
    assert!(player.owns > 0, "gold is told");
    assert!(player.ticks.len() > 100, "{} frames", player.ticks.len());
    let checks = table.replayed_checks().await;
    let last = player.ticks.last().unwrap();
    assert_eq!(checks[last], player.mirror.check(), "what was seen is what the log says");
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_before_the_log_has_it() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.services.log.stall(true);
    table.order(&player, 1, spawn(3)).await;
    table.order(&player, 2, Command::Surrender(Surrender {})).await;
    let seen = player.ticks.len();
    player.listen_for(Duration::from_secs(5)).await;
    assert_eq!(player.ticks.len(), seen, "no frame without a commit");
    assert!(player.answers.is_empty(), "no answer without a commit");
    assert_eq!(player.paused, Some(PauseReason::Storage), "the pause is visible");
    table.services.log.stall(false);
    player.listen().await;
    assert_eq!(player.paused, None);
    assert!(player.answers[&1].result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_no_burst_afterwards() {
    let mut table = Table::open(2, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.services.log.stall(true);
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(10)).await;
    table.services.log.stall(false);
    player.listen_for(Duration::from_millis(1_000)).await;
    let last = *player.ticks.last().unwrap();
    assert!(last < 40, "200 ticks of stall are not made up for, yet the game is at tick {last}");
}

#[tokio::test(start_paused = true)]
async fn a_failing_log_pauses_and_loses_nothing() {
    let mut table = Table::open(2, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen().await;
    table.services.log.fail(true);
    table.order(&player, 2, spawn(5)).await;
    player.listen_for(Duration::from_secs(3)).await;
    assert_eq!(player.paused, Some(PauseReason::Storage));
    assert!(!player.answers.contains_key(&2));
    table.services.log.fail(false);
    player.listen_for(Duration::from_secs(2)).await;
    assert!(player.answers[&2].result.is_ok());
    let executed = executions(&table).await;
    assert_eq!(executed, [(0, 1), (0, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_order_runs_once_and_gets_the_same_answer() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 5, spawn(3)).await;
    table.order(&player, 5, spawn(3)).await;
    player.listen().await;
    let first = player.answers[&5];
    player.answers.clear();
    table.order(&player, 5, spawn(4)).await;
    table.order(&player, 2, spawn(4)).await;
    player.listen().await;
    assert_eq!(player.answers[&5], first);
    assert!(player.answers[&2].result.is_err(), "below the last number: superseded");
    assert_eq!(executions(&table).await, [(0, 5)]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_order_is_answered_and_not_logged() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    let attack = Attack { from: TerritoryId(0), to: TerritoryId(1), troops: 5 };
    table.order(&player, 1, Command::Attack(attack)).await;
    player.listen().await;
    assert!(player.answers[&1].result.is_err());
    assert!(executions(&table).await.is_empty());
}

/// (player, number) of every person's order in the log.
async fn executions(table: &Table) -> Vec<(u16, u32)> {
    let mut executed = Vec::new();
    for entry in table.entries().await {
        for order in restore::decode(&entry).unwrap().orders {
            if let sovereign_core::Order::Player { player, seq, .. } = order {
                executed.push((player.0, seq));
            }
        }
    }
    executed
}

#[tokio::test(start_paused = true)]
async fn a_second_socket_fences_the_first() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut first = table.join(Some(0), None).await;
    let mut second = table.join(Some(0), None).await;
    first.listen().await;
    assert_eq!(first.closed, Some(CloseCode::Replaced));
    table.order(&first, 1, spawn(3)).await;
    table.handle.tell(ToRoom::Detach(first.socket)).await.unwrap();
    second.listen().await;
    assert!(executions(&table).await.is_empty(), "the old socket is not heard");
    table.order(&second, 1, spawn(3)).await;
    second.listen().await;
    assert!(second.answers[&1].result.is_ok(), "the old one's leaving does not unseat the new one");
}

#[tokio::test(start_paused = true)]
async fn the_new_socket_hears_of_orders_that_the_old_one_had_sent() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let first = table.join(Some(0), None).await;
    table.order(&first, 9, spawn(3)).await;
    let second = table.join(Some(0), None).await;
    assert_eq!(second.last_seq, 9);
    assert!(second.answers[&9].result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_short_absence_is_made_up_from_the_ring() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(20)).await;
    table.handle.tell(ToRoom::Detach(player.socket)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let resume = player.resume();
    player.out = OutQueue::new(&table.services.limits);
    player.socket = SocketId(1_000);
    table.attach(&player, resume).await;
    player.listen_for(Duration::from_secs(2)).await;
    assert_eq!(player.snapshots, 1, "only the first");
    let gaps = player.ticks.windows(2).map(|w| w[1] - w[0]).max().unwrap();
    assert!(gaps <= 20, "no frame is missing, the widest gap is {gaps} ticks");
}

#[tokio::test(start_paused = true)]
async fn a_long_absence_is_made_up_by_one_snapshot() {
    let limits = Limits { ring_ticks: 5, ..Limits::default() };
    let mut table = Table::open(1, 2, limits).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(25)).await;
    table.handle.tell(ToRoom::Detach(player.socket)).await.unwrap();
    tokio::time::sleep(Duration::from_secs(8)).await;
    let resume = player.resume();
    player.out = OutQueue::new(&table.services.limits);
    player.socket = SocketId(1_000);
    table.attach(&player, resume).await;
    player.listen_for(Duration::from_secs(2)).await;
    assert_eq!(player.snapshots, 2);
    assert!(player.ticks.len() > 10);
}

#[tokio::test(start_paused = true)]
async fn a_restored_game_goes_on_where_it_was_seen_once_somebody_is_back() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(40)).await;
    let seen = *player.ticks.last().unwrap();
    table.crash_and_restore().await;
    let logged = table.entries().await.last().unwrap().tick;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(table.entries().await.last().unwrap().tick, logged, "it waits, paused");
    assert_eq!(table.handle.info().paused, Some(PauseReason::Empty));
    let resume = player.resume();
    player.out = OutQueue::new(&table.services.limits);
    table.attach(&player, resume).await;
    player.listen_for(Duration::from_secs(10)).await;
    assert_eq!(player.epoch, 2, "the owner has changed");
    assert_eq!(player.last_seq, 1);
    assert!(*player.ticks.last().unwrap() > seen + 100, "it goes on");
    let checks = table.replayed_checks().await;
    assert_eq!(checks[player.ticks.last().unwrap()], player.mirror.check());
}

#[tokio::test(start_paused = true)]
async fn restoring_from_a_snapshot_equals_restoring_from_the_start() {
    let limits = Limits { snapshot_ticks: 50, ..Limits::default() };
    let mut table = Table::open(1, 3, limits).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(60)).await;
    let snapshots = table.services.log.snapshots(table.id).await.unwrap();
    assert_eq!(snapshots.len(), 2, "two are kept");
    table.crash_and_restore().await;
    player.out = OutQueue::new(&table.services.limits);
    table.attach(&player, None).await;
    player.listen_for(Duration::from_secs(5)).await;
    let checks = table.replayed_checks().await;
    assert_eq!(checks[player.ticks.last().unwrap()], player.mirror.check());
}

#[tokio::test(start_paused = true)]
async fn a_fenced_room_stops_and_shows_nothing_more() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.services.log.claim(table.id, 1).await.unwrap();
    let seen = player.ticks.len();
    player.listen_for(Duration::from_secs(3)).await;
    assert_eq!(player.ticks.len(), seen);
    assert_eq!(player.closed, Some(CloseCode::Migrate));
    assert_eq!(table.task.await.unwrap(), RoomEnd::Fenced);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_gets_one_snapshot_then_is_closed() {
    let mut table = Table::open(2, 1, Limits::default()).await;
    let mut quick = table.join(Some(1), None).await;
    let mut slow = table.join(Some(0), None).await;
    quick.listen_for(Duration::from_secs(6)).await;
    slow.listen().await;
    assert_eq!(slow.closed, None);
    assert_eq!(slow.snapshots, 2, "what waited was replaced by one snapshot");
    quick.listen_for(Duration::from_secs(20)).await;
    slow.listen().await;
    assert_eq!(slow.closed, Some(CloseCode::TooSlow));
    assert!(quick.closed.is_none() && quick.snapshots == 1, "nobody else notices");
}

#[tokio::test(start_paused = true)]
async fn an_idle_game_shows_that_it_goes_on_every_second() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(8)).await;
    let gaps = player.ticks.windows(2).map(|w| w[1] - w[0]).max().unwrap();
    assert!(gaps <= 20, "{gaps} ticks without a sign of life");
}

#[tokio::test(start_paused = true)]
async fn an_absent_person_is_away_then_replaced_then_back() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    player.listen_for(Duration::from_secs(90)).await;
    let presence = |client: &Client| client.mirror.view().player(PlayerId(1)).presence;
    assert_eq!(presence(&player), sovereign_core::Presence::TakenOver);
    let _other = table.join(Some(1), None).await;
    player.listen().await;
    assert_eq!(presence(&player), sovereign_core::Presence::Here);
}

#[tokio::test(start_paused = true)]
async fn a_finished_game_is_archived_and_its_log_dropped() {
    let mut table = Table::open(2, 0, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen_for(Duration::from_secs(25)).await;
    table.order(&player, 2, Command::Surrender(Surrender {})).await;
    player.listen_for(Duration::from_secs(5)).await;
    let mut info = table.handle.watch();
    info.wait_for(|info| info.archived).await.unwrap();
    let bytes = table.services.store.replay(table.id).await.unwrap().unwrap();
    let replay = sovereign_core::Replay::from_bytes(&bytes).unwrap();
    let verified = replay.verify(Arc::clone(&table.map)).unwrap();
    assert_eq!(verified.state.phase, Phase::Finished);
    assert!(table.services.log.position(table.id).await.is_err(), "the log is gone");
    table.handle.tell(ToRoom::Detach(player.socket)).await.unwrap();
    assert_eq!(table.task.await.unwrap(), RoomEnd::Finished);
}

#[tokio::test(start_paused = true)]
async fn an_empty_game_ends_after_its_time() {
    let limits = Limits { empty_room_s: 30, ..Limits::default() };
    let table = Table::open(1, 1, limits).await;
    assert_eq!(table.task.await.unwrap(), RoomEnd::Finished);
    assert!(table.services.store.replay(table.id).await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_drained_room_commits_closes_and_goes_on_later() {
    let mut table = Table::open(1, 1, Limits::default()).await;
    let mut player = table.join(Some(0), None).await;
    table.order(&player, 1, spawn(3)).await;
    player.listen().await;
    table.handle.tell(ToRoom::Drain).await.unwrap();
    player.listen_for(Duration::from_secs(1)).await;
    assert_eq!(player.closed, Some(CloseCode::Restart));
    assert_eq!((&mut table.task).await.unwrap(), RoomEnd::Drained);
    table.crash_and_restore().await;
    let back = table.join(Some(0), None).await;
    assert_eq!(back.last_seq, 1);
}

#[tokio::test(start_paused = true)]
async fn json_tells_the_same_game() {
    let mut table = Table::open(1, 2, Limits::default()).await;
    let mut player = table.client(Some(0), Codec::Json);
    table.attach(&player, None).await;
    player.listen_for(Duration::from_secs(30)).await;
    let checks = table.replayed_checks().await;
    assert_eq!(checks[player.ticks.last().unwrap()], player.mirror.check());
}

#[tokio::test(start_paused = true)]
async fn spectators_are_limited_and_not_heard() {
    let limits = Limits { spectators_per_room: 1, ..Limits::default() };
    let mut table = Table::open(1, 1, limits).await;
    let mut watcher = table.join(None, None).await;
    let turned_away = table.join(None, None).await;
    assert_eq!(turned_away.closed, Some(CloseCode::TryLater));
    table.order(&watcher, 1, spawn(3)).await;
    watcher.listen_for(Duration::from_secs(2)).await;
    assert!(watcher.answers.is_empty());
    assert!(executions(&table).await.is_empty());
}
