//! Recorded games, `docs/protocol-games`: what one player's client heard, and what it
//! should then show. A client in another language replays them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sovereign_core::client::Client;
use sovereign_core::id::PlayerId;
use sovereign_core::map::MapDraft;
use sovereign_core::quantity::Tick;
use sovereign_core::rules::RulesDraft;
use sovereign_core::session::{News, Step};
use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::view::Own;
use sovereign_core::wire::{Codec, Frame, SeatName, ToClient, Welcome};
use sovereign_core::{
    Audience, Game, Map, Mirror, Order, Phase, Rules, Session, SystemOrder, View,
};

use crate::vectors::{committed, hex, plain, unhex};

/// The games that are recorded: one with much war, one that comes to its end, one with turns, one
/// under fog.
const GAMES: [u64; 4] = [28, ENDS, 40, FOG];
/// The game in which nobody sees beyond his borders.
const FOG: u64 = 61;
/// The game that everybody but the client leaves in the end.
const ENDS: u64 = 29;
/// Whose client it is.
const ME: PlayerId = PlayerId(0);
/// Steps before the client connects, so that its snapshot has something in it.
const STEPS_BEFORE: usize = 60;
const STEPS_MAX: usize = 400;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Recording {
    map: MapDraft,
    /// The hash of a mirror of the untouched map.
    untouched: u32,
    frames: Vec<Heard>,
}

/// What the server said, and what is true once the client has taken it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Heard {
    /// The frame of the MessagePack subprotocol, never compressed here.
    msgpack: String,
    json: Value,
    /// The mirror's hash.
    check: u32,
    shown: Shown,
}

/// What the client shows at a tick, some ticks after the frame's.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Shown {
    at: u32,
    /// Owner (-1 for nobody) and troops of each territory.
    lands: Vec<(i32, u32)>,
    /// The player's gold; nothing after a body, whose tail may still come.
    gold: Option<u64>,
}

fn shown(view: View<'_>, message: &ToClient) -> Shown {
    let land = |id| (view.owner(id).map_or(-1, |owner| i32::from(owner.0)), view.troops(id));
    let lands = view.map().territories().map(land).collect();
    let whole = matches!(message, ToClient::Tail { .. } | ToClient::Heartbeat { .. });
    Shown { at: view.tick().0, lands, gold: whole.then(|| view.gold()) }
}

/// A server's side of one client.
struct Host {
    session: Session,
    chaos: Chaos,
    blank: Mirror,
    mirror: Mirror,
    own: Option<Own>,
    /// What the client is told, under fog.
    audience: Option<Audience>,
    frames: Vec<Heard>,
}

/// A game under fog, in which all have sat down.
fn fogged(number: u64) -> Game {
    let game = random_game(number);
    let mut draft = RulesDraft::clone(game.rules());
    draft.fog.radius = 1;
    let rules = Rules::try_from(draft).expect("in range");
    let (map, seats) = (game.map().clone(), game.seats());
    let mut game = Game::new(map, rules.into(), game.seed(), seats).expect("as before");
    for player in (0..seats).map(PlayerId) {
        let team = game.rules().seats.team_of(player);
        let join = SystemOrder::Join { player, bot: player != ME, team };
        game.execute(&Order::System(join)).expect("the seat is open");
    }
    game.execute(&Order::System(SystemOrder::Start)).expect("enough players sit");
    game.commit();
    game
}

impl Host {
    fn new(number: u64) -> Self {
        let game = if number == FOG { fogged(number) } else { random_game(number) };
        let (map, rules, seats) = (game.map().clone(), game.rules().clone(), game.seats());
        let blank = Mirror::new(map, rules, seats, Some(ME));
        let (session, chaos) = (Session::new(game), Chaos::new(number));
        let (mirror, frames) = (blank.clone(), Vec::new());
        Self { session, chaos, blank, mirror, own: None, audience: None, frames }
    }

    /// The client connects: all that it may know.
    fn connect(&mut self) -> ToClient {
        let game = self.session.game();
        let fog = game.rules().fog.radius > 0;
        self.audience = fog.then(|| Audience::new(game, ME));
        let told = self.audience.as_ref().map(|audience| audience.snapshot(game));
        ToClient::Snapshot { epoch: 1, delta: told.unwrap_or_else(|| self.session.full_delta()) }
    }

    /// What the client learns of the last step.
    fn news(&mut self) -> News {
        match &mut self.audience {
            Some(audience) => {
                let game = self.session.game();
                audience.news(game, &game.changes())
            }
            None => self.session.news(),
        }
    }

    fn step(&mut self) -> Step {
        let count = self.chaos.dice().below(4);
        let orders = self.chaos.orders(self.session.game(), count);
        // The system's orders come seldom here, and the client's seat stays as it is.
        let mine = |order: &Order| matches!(order, Order::System(SystemOrder::Leave { player }) if *player == ME);
        self.session.step(orders.into_iter().filter(|order| !mine(order)).collect())
    }

    /// Everybody else leaves, which ends the game at the next tick.
    fn leave_alone(&mut self) {
        let others = (0..self.session.game().seats()).map(PlayerId).filter(|seat| *seat != ME);
        let leave = |player| Order::System(SystemOrder::Leave { player });
        let step = self.session.step(others.map(leave).collect());
        self.tell(step);
        let step = self.session.step(Vec::new());
        self.tell(step);
    }

    /// Says something, and notes what the client should make of it.
    fn say(&mut self, message: &ToClient) {
        match message {
            ToClient::Snapshot { delta, .. } => {
                self.mirror = self.blank.clone();
                self.mirror.apply(delta).expect("the mirror follows");
                self.own.iter().for_each(|own| self.mirror.apply_own(own));
            }
            ToClient::Delta { delta, .. } => {
                self.mirror.apply(delta).expect("the mirror follows");
            }
            ToClient::Tail { own: Some(own), .. } => self.mirror.apply_own(own),
            ToClient::Heartbeat { tick, .. } => self.mirror.glide_to(*tick),
            _ => {}
        }
        let mut later = self.mirror.clone();
        if self.mirror.view().game().phase != Phase::Finished {
            later.glide_to(self.mirror.view().tick().after(self.frames.len() as u32 % 40));
        }
        let json = message.encode(Codec::Json);
        let json = serde_json::from_str(json.text().expect("JSON is text")).expect("valid JSON");
        let plain = plain(message.encode(Codec::Msgpack).bytes());
        let msgpack = hex(&[&[0], &plain[..]].concat());
        let check = self.mirror.check();
        self.frames.push(Heard { msgpack, json, check, shown: shown(later.view(), message) });
    }

    fn welcome(&self) -> ToClient {
        let game = self.session.game();
        let (last_seq, answers) = self.session.answers(ME);
        let name =
            |player| SeatName { player, name: format!("Player {player}"), bot: player != ME };
        ToClient::Welcome(Box::new(Welcome {
            epoch: 1,
            game: "recorded".into(),
            you: Some(ME),
            seats: game.seats(),
            map: game.map().name().into(),
            map_hash: game.map().hash(),
            rules: RulesDraft::clone(game.rules()),
            tick_ms: 50,
            seed_commitment: game.seed().commitment(),
            last_seq,
            answers,
            names: game.view(None).players().map(name).collect(),
            replay_end: None,
        }))
    }

    fn first_tail(&mut self) -> ToClient {
        let game = self.session.game();
        self.own = game.view(Some(ME)).own();
        let (tick, own) = (game.tick(), self.own.clone());
        ToClient::Tail { epoch: 1, tick, answers: Vec::new(), own, events: Vec::new() }
    }

    fn tell(&mut self, step: Step) {
        let News { delta, private, anew } = self.news();
        let (epoch, tick) = (1, delta.tick);
        self.say(&if anew {
            ToClient::Snapshot { epoch, delta }
        } else if delta.is_empty() {
            ToClient::Heartbeat { epoch, tick }
        } else {
            ToClient::Delta { epoch, delta }
        });
        let answers: Vec<_> =
            step.answers.into_iter().filter(|(player, _)| *player == ME).map(|(_, a)| a).collect();
        let mine = |event: &sovereign_core::Event| {
            event.confidants().is_some_and(|confidants| confidants.contains(&ME))
        };
        let events: Vec<_> = private.into_iter().filter(mine).collect();
        let own =
            self.session.game().view(Some(ME)).own().filter(|own| Some(own) != self.own.as_ref());
        if let Some(own) = &own {
            self.own = Some(own.clone());
        }
        if !answers.is_empty() || own.is_some() || !events.is_empty() {
            self.say(&ToClient::Tail { epoch, tick, answers, own, events });
        }
    }
}

fn record(number: u64) -> Recording {
    let mut host = Host::new(number);
    let untouched = host.mirror.check();
    (0..STEPS_BEFORE).for_each(|_| drop(host.step()));
    let welcome = host.welcome();
    host.say(&welcome);
    let snapshot = host.connect();
    host.say(&snapshot);
    let tail = host.first_tail();
    host.say(&tail);
    for _ in 0..STEPS_MAX {
        let step = host.step();
        if step.is_visible() || step.batch.tick.0.is_multiple_of(20) {
            host.tell(step);
        }
        if host.session.game().state().phase == Phase::Finished {
            break;
        }
    }
    if number == ENDS && host.session.game().state().phase != Phase::Finished {
        host.leave_alone();
    }
    Recording { map: MapDraft::from(&**host.session.game().map()), untouched, frames: host.frames }
}

fn lines(recording: &Recording) -> String {
    let frames: Vec<_> = recording.frames.iter().map(line).collect();
    let (map, untouched, frames) = (line(&recording.map), recording.untouched, frames.join(",\n"));
    format!("{{\n\"map\":{map},\n\"untouched\":{untouched},\n\"frames\":[\n{frames}\n]\n}}\n")
}

fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data")
}

fn file(number: u64, text: impl FnOnce() -> String) -> Recording {
    let text = committed(&format!("protocol-games/game-{number:02}.json"), text);
    serde_json::from_str(&text).expect("as written")
}

#[test]
fn the_recorded_games_are_what_a_client_hears() {
    for game in GAMES {
        let recorded = record(game);
        let shown = file(game, || lines(&recorded));
        assert_eq!(shown.frames.len(), recorded.frames.len(), "game {game}");
        for (number, (shown, recorded)) in shown.frames.iter().zip(&recorded.frames).enumerate() {
            assert_eq!(shown, recorded, "game {game}, frame {number}");
        }
        assert_eq!((shown.map, shown.untouched), (recorded.map, recorded.untouched));
    }
}

fn read(heard: &Heard, codec: Codec) -> ToClient {
    let frame = match codec {
        Codec::Msgpack => Frame::Binary(unhex(&heard.msgpack)),
        Codec::Json => Frame::Text(heard.json.to_string()),
    };
    ToClient::decode(frame.as_ref(), codec).expect("a server's frame")
}

/// Replays the files with nothing else: what a client in another language does.
#[test]
fn a_client_can_follow_the_recorded_games() {
    let mut ended = 0;
    for game in GAMES {
        let recording = file(game, || lines(&record(game)));
        for codec in Codec::ALL {
            let phase = replay(&recording, codec);
            ended += u32::from(phase == Phase::Finished);
        }
    }
    assert!(ended >= 2, "one game is recorded to its end");
}

fn replay(recording: &Recording, codec: Codec) -> Phase {
    let map = Arc::new(Map::try_from(recording.map.clone()).expect("a sound map"));
    let mut client = Client::new(map, None, 0);
    for (number, heard) in recording.frames.iter().enumerate() {
        let message = read(heard, codec);
        client.hear(&message).unwrap_or_else(|error| panic!("frame {number}: {error}"));
        if number > 0 {
            compare(&client, &message, heard);
        }
    }
    let check = recording.frames[0].check;
    assert_eq!(check, recording.untouched, "before the snapshot there is the untouched map");
    client.view().expect("a snapshot has come").game().phase
}

fn compare(client: &Client, message: &ToClient, heard: &Heard) {
    assert_eq!(client.check(), Some(heard.check));
    let mut later = client.clone();
    let glide = ToClient::Heartbeat { epoch: 1, tick: Tick(heard.shown.at) };
    later.hear(&glide).expect("time passes");
    assert_eq!(shown(later.view().expect("as before"), message), heard.shown);
}

/// Under fog a snapshot comes wherever the fog falls or lifts, and not all land is seen.
#[test]
fn a_fogged_game_is_recorded() {
    let recording = file(FOG, || lines(&record(FOG)));
    let messages: Vec<_> = recording.frames.iter().map(|heard| read(heard, Codec::Json)).collect();
    let of = |kind: fn(&ToClient) -> bool| messages.iter().filter(|message| kind(message)).count();
    assert!(of(|message| matches!(message, ToClient::Snapshot { .. })) > 2, "the fog falls");
    assert!(of(|message| matches!(message, ToClient::Delta { .. })) > 20, "news in between");
    let marches = |message: &ToClient| matches!(message, ToClient::Delta { delta, .. } if !delta.armies.is_empty());
    assert!(of(marches) > 5, "armies are seen");
}
