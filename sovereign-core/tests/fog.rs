//! Fog: who sees what, and that nothing else shows.
//!
//! What a player may know is worked out here a second time, from the whole game and without
//! the engine's own sight, so that a leak cannot hide in both.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::env;
use std::fmt::Write;

use sovereign_core::event::Army;
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::map::Map;
use sovereign_core::rules::RulesDraft;
use sovereign_core::testing::{Chaos, hectic_rules, random_game};
use sovereign_core::wire::{Codec, Frame, ToClient};
use sovereign_core::{
    Audience, Command, Delta, Event, Game, Mirror, News, Order, Phase, Rules, Seed, Session,
    SystemOrder, View,
};

/// Pairs of states that `cargo test` compares; `SOVEREIGN_FOG_PAIRS` sets another number.
const PAIRS: u64 = 40;

/// A game in its lobby, under fog of 1 or 2 borders, now and then of two teams.
fn lobby(number: u64) -> Game {
    let game = random_game(number);
    let mut draft = RulesDraft::clone(&hectic_rules());
    draft.fog.radius = 1 + (number % 2) as u32;
    draft.spawn.ticks = 5;
    draft.seats.teams = if number.is_multiple_of(5) { 2 } else { 0 };
    let rules = Rules::try_from(draft).expect("in range");
    Game::new(game.map().clone(), rules.into(), game.seed(), game.seats()).expect("as before")
}

fn sit_down(game: &Game) -> Vec<Order> {
    let team = |player| game.rules().seats.team_of(player);
    let join = |p| SystemOrder::Join { player: p, bot: p.0 % 2 == 0, team: team(p) };
    players(game).map(join).chain([SystemOrder::Start]).map(Order::System).collect()
}

/// A session in which the players have played for a while.
fn begun(number: u64, steps: u64, chaos: &mut Chaos) -> Session {
    let mut session = Session::new(lobby(number));
    let orders = sit_down(session.game());
    session.step(orders);
    for _ in 0..steps {
        let orders = chaos.orders(session.game(), 4);
        session.step(orders);
    }
    session
}

fn players(game: &Game) -> impl Iterator<Item = PlayerId> + use<> {
    (0..game.seats()).map(PlayerId)
}

/// The land that a player sees, by a flood from his side's land over borders of either way.
fn seen_land(game: &Game, me: PlayerId) -> BTreeSet<TerritoryId> {
    let (all, map) = (game.view(None), game.map());
    if game.state().phase != Phase::Playing {
        return map.territories().collect();
    }
    let side = players(game).filter(|other| all.friendly(me, *other));
    let mut queue: VecDeque<_> = side.flat_map(|p| all.land_of(p)).map(|at| (at, 0)).collect();
    let mut seen = BTreeSet::new();
    let (mut nearest, borders) = (BTreeMap::new(), borders(map));
    while let Some((at, distance)) = queue.pop_front() {
        if *nearest.get(&at).unwrap_or(&u32::MAX) <= distance {
            continue;
        }
        nearest.insert(at, distance);
        seen.insert(at);
        if distance < game.rules().fog.radius {
            queue.extend(borders[&at].iter().map(|next| (*next, distance + 1)));
        }
    }
    seen
}

/// What lies across a border that can be crossed one way or the other.
fn borders(map: &Map) -> BTreeMap<TerritoryId, BTreeSet<TerritoryId>> {
    let mut borders: BTreeMap<_, _> = map.territories().map(|at| (at, BTreeSet::new())).collect();
    for from in map.territories() {
        for edge in map.edges(from) {
            borders.entry(from).or_default().insert(edge.to);
            borders.entry(edge.to).or_default().insert(from);
        }
    }
    borders
}

/// Others' armies that a player sees, without their numbers.
fn seen_armies(game: &Game, me: PlayerId, land: &BTreeSet<TerritoryId>) -> Vec<Army> {
    let all = game.view(None);
    let seen = |army: &Army| {
        let at_start = !army.fighting && land.contains(&army.from);
        army.owner != me && (at_start || land.contains(&army.to))
    };
    let mut armies: Vec<_> = all.armies().map(|(_, army)| army).filter(seen).collect();
    armies.sort_unstable();
    armies
}

/// All that a player may know of the present, as text.
fn knowledge(game: &Game, me: PlayerId) -> String {
    let (all, land) = (game.view(None), seen_land(game, me));
    let full = game.full_delta();
    let rows: Vec<_> = full.territories.iter().filter(|row| land.contains(&row.id)).collect();
    let battles: Vec<_> = full.battles.iter().filter(|b| land.contains(&b.territory)).collect();
    let own: Vec<_> = all.armies_of(me).collect();
    let others = seen_armies(game, me, &land);
    format!(
        "{:?} {land:?} {rows:?} {battles:?} {:?} {:?} {:?} {own:?} {others:?} {:?}",
        full.tick,
        full.players,
        full.pacts,
        full.game,
        game.view(Some(me)).own()
    )
}

/// What happened that a player may know of: to players, to him, and where he saw or sees.
fn known_events(game: &Game, me: PlayerId, seen: &BTreeSet<TerritoryId>) -> Vec<Event> {
    let land = seen_land(game, me);
    let knows = |event: &Event| match (event.confidants(), event.place()) {
        (Some(players), _) => players.contains(&me),
        (None, Some(at)) => seen.contains(&at) || land.contains(&at),
        (None, None) => true,
    };
    game.events().filter(knows).collect()
}

/// Everything that a view can be asked, without the numbers of others' armies.
fn reading(view: View<'_>) -> String {
    let me = view.viewer();
    let mut text = format!("{:?} {:?} {:?} ", view.tick(), view.game(), view.own());
    for at in view.map().territories() {
        let (owner, troops) = (view.owner(at), view.troops(at));
        write!(text, "{} {owner:?} {troops} {:?} ", view.sees(at), view.territory(at)).unwrap();
    }
    for p in view.players() {
        let land: Vec<_> = view.land_of(p).collect();
        let mut armies: Vec<_> = view.armies_of(p).map(|(_, army)| army).collect();
        armies.sort_unstable();
        let counts = (view.territory_count(p), view.armies_left(p));
        write!(text, "{:?} {counts:?} {land:?} {armies:?} ", view.player(p)).unwrap();
        for q in view.players() {
            write!(text, "{:?} {} ", view.alliance(p, q), view.friendly(p, q)).unwrap();
        }
    }
    let own: Vec<_> = view.armies().filter(|(_, army)| Some(army.owner) == me).collect();
    let battles: Vec<_> = view.battles().collect();
    write!(text, "{own:?} {battles:?} {}", view.gold()).unwrap();
    text
}

fn fresh(game: &Game, me: PlayerId) -> Mirror {
    Mirror::new(game.map().clone(), game.rules().clone(), game.seats(), Some(me))
}

fn take(mirror: &mut Mirror, game: &Game, me: PlayerId, news: &News) {
    if news.anew {
        *mirror = fresh(game, me);
    }
    mirror.apply(&news.delta).expect("the news of this game");
    let own = game.view(Some(me)).own().expect("a player");
    mirror.apply_own(&own);
}

/// A mirror that follows the news shows what the view shows, and nothing that is not seen.
#[test]
fn mirrors_follow_every_player_under_fog() {
    for number in 0..6 {
        let mut chaos = Chaos::new(number);
        let mut session = Session::new(lobby(number));
        let mut mirrors: Vec<_> = players(session.game())
            .map(|me| (Audience::new(session.game(), me), fresh(session.game(), me)))
            .collect();
        let mut orders = sit_down(session.game());
        for step in 0..150 {
            session.step(orders);
            let (game, changes) = (session.game(), session.game().changes());
            for (audience, mirror) in &mut mirrors {
                let me = audience.player();
                let news = audience.news(game, &changes);
                take(mirror, game, me, &news);
                assert_eq!(reading(mirror.view()), reading(game.view(Some(me))), "{number} {step}");
                let land: Vec<_> = seen_land(game, me).into_iter().collect();
                let sees = |at: &TerritoryId| game.view(Some(me)).sees(*at);
                assert_eq!(land, game.map().territories().filter(sees).collect::<Vec<_>>());
                // At the end there is no fog left: armies bear the numbers of the game again.
                if step % 10 == 0 && game.state().phase == Phase::Playing {
                    let [one, two] = [mirror.view(), game.view(Some(me))];
                    let imagined = |view: View<'_>| view.imagine(Seed::from(step)).hash();
                    assert_eq!(imagined(one), imagined(two), "{number} {step}");
                }
                let mut joined = fresh(game, me);
                joined.apply(&audience.snapshot(game)).expect("a snapshot of this game");
                assert_eq!(joined.check(), mirror.check());
            }
            orders = chaos.orders(session.game(), 5);
        }
    }
}

/// One of two games that look the same to a player.
struct Twin {
    session: Session,
    audience: Audience,
    seen: BTreeSet<TerritoryId>,
}

impl Twin {
    fn of(session: &Session, me: PlayerId) -> Self {
        let audience = Audience::new(session.game(), me);
        Self { session: session.clone(), audience, seen: BTreeSet::new() }
    }

    /// Plays a step. What the player may know of it, and what he is told of it.
    fn step(&mut self, orders: Vec<Order>) -> (String, Vec<u8>) {
        let me = self.audience.player();
        self.seen = seen_land(self.session.game(), me);
        let step = self.session.step(orders);
        let game = self.session.game();
        let knowledge = knowledge(game, me);
        let events = known_events(game, me, &self.seen);
        let news = self.audience.news(game, &game.changes());
        let answers: Vec<_> = step.answers.iter().filter(|(player, _)| *player == me).collect();
        let told = [
            bytes(&news.delta),
            bytes(&self.audience.snapshot(game)),
            format!("{answers:?} {:?} {}", news.private, news.anew).into_bytes(),
        ];
        (format!("{knowledge} {events:?}"), told.concat())
    }

    /// What the player hears of any command now, refusals and their texts included, what he
    /// is told it would bring, all that he may do, and what he may imagine.
    fn hears(&self, commands: &[Command]) -> Vec<String> {
        let view = self.session.game().view(Some(self.audience.player()));
        let said = |command: &Command| match view.preview(*command) {
            Ok(preview) => format!("{preview:?}"),
            Err(reason) => format!("{reason:?}: {reason}"),
        };
        let imagined = view.imagine(Seed::from(5));
        imagined.check_invariants().expect("true of what is imagined, too");
        let more =
            [format!("{:x}", imagined.hash()), format!("{:?}", view.legal().collect::<Vec<_>>())];
        commands.iter().map(said).chain(more).collect()
    }
}

fn bytes(delta: &Delta) -> Vec<u8> {
    let message = ToClient::Delta { epoch: 1, delta: delta.clone() };
    match message.encode(Codec::Msgpack) {
        Frame::Binary(bytes) => bytes,
        Frame::Text(text) => text.into_bytes(),
    }
}

fn of(me: PlayerId, order: &Order) -> bool {
    matches!(order, Order::Player { player, .. } | Order::Bot { player, .. } if *player == me)
}

/// Two games that look the same to a player, while others do different things unseen, tell
/// him the same, byte for byte: deltas, snapshots, answers, refusals and every view.
#[test]
fn g8_nothing_hidden_shows() {
    let pairs = env::var("SOVEREIGN_FOG_PAIRS").map_or(PAIRS, |n| n.parse().expect("a number"));
    let (mut compared, mut number) = (0, 0);
    while compared < pairs {
        number += 1;
        let mut chaos = Chaos::new(number);
        let steps = 20 + chaos.dice().below(150);
        let session = begun(number, steps, &mut chaos);
        if session.game().state().phase == Phase::Playing {
            let me = PlayerId(chaos.dice().below(u64::from(session.game().seats())) as u16);
            compared += u64::from(follow(&session, me, &mut chaos));
        }
    }
}

/// Follows a pair as long as it looks the same; whether it differed meanwhile.
fn follow(session: &Session, me: PlayerId, chaos: &mut Chaos) -> bool {
    let (mut one, mut two) = (Twin::of(session, me), Twin::of(session, me));
    let mut differed = false;
    for _ in 0..30 {
        let orders = chaos.orders(one.session.game(), 6);
        let fewer = orders.iter().filter(|order| of(me, order) || !chaos.dice().once_in(6));
        let fewer = fewer.copied().collect();
        let (known, told) = one.step(orders);
        let (known_too, told_too) = two.step(fewer);
        if known != known_too {
            return differed;
        }
        differed |= one.session.game().hash() != two.session.game().hash();
        assert_eq!(told, told_too, "he may know only: {known}");
        let [view, view_too] = [&one, &two].map(|twin| reading(twin.session.game().view(Some(me))));
        assert_eq!(view, view_too);
        let mine = asked(one.session.game(), chaos);
        assert_eq!(one.hears(&mine), two.hears(&mine));
    }
    differed
}

/// Commands of every kind that a player might try.
fn asked(game: &Game, chaos: &mut Chaos) -> Vec<Command> {
    let command = |order| match order {
        Order::Player { command, .. } | Order::Bot { command, .. } => Some(command),
        Order::System(_) => None,
    };
    chaos.orders(game, 30).into_iter().filter_map(command).collect()
}
