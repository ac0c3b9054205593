//! What the engine asks of the allocator: nothing while a game runs, and little for a
//! territory. A binary of its own, since it counts what is allocated.

use std::sync::Arc;

use allocation_counter::measure;
use sovereign_core::bot::Table;
use sovereign_core::command::{Command, Move};
use sovereign_core::map::MapDraft;
use sovereign_core::quantity::Tick;
use sovereign_core::replay::Playback;
use sovereign_core::{Batch, Game, Map, Order, Phase, Rules, Seed, map};

fn rules() -> Arc<Rules> {
    Arc::new(Rules::preset("classic").expect("shipped"))
}

/// A game in which everybody has been placed, and all that bots then ordered for minutes.
fn recorded(seed: u64) -> (Game, Vec<Batch>) {
    // Debug builds check every invariant of small games, and ask for memory to do so.
    let map = Arc::new(map::generate::grid(20, 15));
    let bots = ["random"; 4];
    let mut table = Table::named(map.clone(), rules(), Seed::from(seed), &bots).expect("four fit");
    let replay = table.record(Tick(6_000));
    let mut playback = Playback::new(&replay, map).expect("just recorded");
    while playback.session().game().state().phase != Phase::Playing {
        playback.step().expect("the game began").expect("the same orders");
    }
    let game = playback.session().game().clone();
    (game, replay.batches[playback.position()..].to_vec())
}

/// Lets the game go on as it once did.
fn play(game: &mut Game, batches: &[Batch], mut after: impl FnMut(&mut Game, &Batch)) {
    for batch in batches {
        game.advance_to(batch.tick);
        for order in &batch.orders {
            game.execute(order).expect("it was carried out before");
        }
        after(game, batch);
    }
}

/// The game is what it was, and cannot go back any more.
fn commit(game: &mut Game, batch: &Batch) {
    assert_eq!(game.hash(), batch.hash);
    game.commit();
}

/// Once its tables have grown to their size, nothing that happens asks for memory: not an
/// attack, not a tick, not going back from the end of a game to its beginning, not a copy.
#[test]
fn a_game_that_goes_on_asks_for_no_memory() {
    for seed in 1..4 {
        let (mut game, batches) = recorded(seed);
        assert!(batches.len() > 300, "game {seed} is short");
        let (before, mut copy) = (game.hash(), game.clone());
        let undone = |game: &mut Game, hashed: bool| {
            let mark = game.mark();
            // The hash of all that is not committed asks for memory, where that is much.
            play(game, &batches, |game, batch| assert!(!hashed || game.hash() == batch.hash));
            game.rollback(mark).expect("just made");
            assert_eq!(game.hash(), before);
        };
        undone(&mut game, true);
        let again = measure(|| undone(&mut game, false));
        assert_eq!(again.count_total, 0, "back and forth, game {seed}");
        play(&mut copy, &batches, commit);
        let again = measure(|| {
            copy.clone_from(&game);
            play(&mut copy, &batches, commit);
        });
        assert_eq!(again.count_total, 0, "a copy that plays on, game {seed}");
    }
}

/// A move over borders that are its player's on both sides, and farther than to a neighbour.
fn long_move(game: &Game) -> Order {
    let view = game.view(None);
    let mut ways = Vec::new();
    for player in view.players() {
        let land: Vec<_> = view.land_of(player).collect();
        ways.extend(land.iter().flat_map(|from| land.iter().map(move |to| (player, *from, *to))));
    }
    let far = ways
        .into_iter()
        .filter(|(_, from, to)| from != to && view.map().edge(*from, *to).is_none());
    let order = |(player, from, to)| {
        let command = Command::Move(Move { from, to, troops: 1.into() });
        Order::Bot { player, seq: 0, command }
    };
    far.map(order).find(|order| game.validate(order).is_ok()).expect("somebody holds a strip")
}

/// Finding a way, when a move is ordered and at each border that it comes to, uses the memory
/// of the searches before.
#[test]
fn a_move_finds_its_way_without_asking_for_memory() {
    let (mut game, batches) = recorded(1);
    play(&mut game, &batches[..batches.len() / 2], commit);
    let order = long_move(&game);
    let undone = |game: &mut Game| {
        let mark = game.mark();
        game.execute(&order).expect("validated before");
        game.advance_to(Tick(game.tick().0 + 400));
        assert!(game.is_eventful());
        game.rollback(mark).expect("just made");
    };
    undone(&mut game);
    assert_eq!(measure(|| undone(&mut game)).count_total, 0);
}

/// The bytes of a map and of a game of four on it for each territory, without the names.
fn bytes(build: impl Fn() -> Map) -> f64 {
    let mut kept = None;
    let all = measure(|| {
        let map = Arc::new(build());
        kept = Some(Game::new(map, rules(), Seed::from(1), 4).expect("four fit"));
    });
    let map = kept.as_ref().map(|game| game.map().clone()).expect("just built");
    // A name is its text and where that ends.
    let names: usize = map.territories().map(|id| map.territory_name(id).len() + 4).sum();
    (all.bytes_current as f64 - names as f64) / map.len() as f64
}

fn without_outlines(map: &Map) -> Map {
    let mut draft = MapDraft::from(map);
    draft.territories.iter_mut().for_each(|territory| territory.outline.clear());
    Map::try_from(draft).expect("an outline is no part of the graph")
}

/// Graph, rows, indexes, and where labels are drawn.
#[test]
fn a_territory_takes_few_bytes() {
    let grid = bytes(|| map::generate::grid(500, 400));
    println!("{grid:.1} bytes a territory at degree 4");
    assert!(grid < 64.0, "{grid:.1} bytes");
    let counties = Map::shipped("us-counties").expect("shipped");
    let counties = bytes(|| without_outlines(&counties));
    println!("{counties:.1} bytes a territory of the counties");
    assert!(counties < 80.0, "{counties:.1} bytes");
}
