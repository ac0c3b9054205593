//! The games of `docs/rules-vectors`, by which another implementation of the rules is
//! checked: they are what the engine plays.
//!
//! `SOVEREIGN_WRITE_VECTORS=1 cargo test -p sovereign-core --test vectors` writes them anew.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sovereign_core::map::MapDraft;
use sovereign_core::testing::{Chaos, random_game};
use sovereign_core::{Game, Order, Phase};

/// A whole game: what it is played with, and what is true after each step.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Vector {
    map: MapDraft,
    rules: String,
    seed: String,
    seats: u16,
    /// The hash before anybody has sat down.
    hash: String,
    steps: Vec<Step>,
}

/// Some ticks, then orders in the order in which they are carried out.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    advance: u32,
    orders: Vec<Tried>,
    tick: u32,
    hash: String,
    /// Owner (-1 for nobody) and troops of each territory, as they are read now.
    lands: Vec<(i32, u32)>,
    gold: Vec<u64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tried {
    order: Order,
    /// The reason's name, if it is refused.
    refused: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/rules-vectors")
}

fn record(number: u64) -> Vector {
    let played = random_game(number);
    let (map, rules) = (played.map().clone(), played.rules().clone());
    let mut game = Game::new(map, rules, played.seed(), played.seats()).expect("as before");
    let mut vector = Vector {
        map: MapDraft::from(&**game.map()),
        rules: game.rules().to_toml(),
        seed: game.seed().0.iter().map(|byte| format!("{byte:02x}")).collect(),
        seats: game.seats(),
        hash: format!("{:016x}", game.hash()),
        steps: Vec::new(),
    };
    let mut chaos = Chaos::new(number);
    vector.steps.push(step(&mut game, 0, opening(&played)));
    while vector.steps.len() < 250 && game.state().phase != Phase::Finished {
        let advance = chaos.dice().below(5) as u32;
        let count = chaos.dice().below(4);
        let orders = chaos.orders(&game, count);
        vector.steps.push(step(&mut game, advance, orders));
    }
    vector
}

fn opening(game: &Game) -> Vec<Order> {
    use sovereign_core::{Seat, SystemOrder, id::PlayerId};
    let view = game.view(None);
    let bot = |player: PlayerId| view.player(player).seat == Seat::Bot;
    let team = |player: PlayerId| view.player(player).team;
    let join = |player| SystemOrder::Join { player, bot: bot(player), team: team(player) };
    let joins = (0..game.seats()).map(PlayerId).map(join);
    joins.chain([SystemOrder::Start]).map(Order::System).collect()
}

fn step(game: &mut Game, advance: u32, orders: Vec<Order>) -> Step {
    (0..advance).for_each(|_| game.advance());
    let try_one = |order: Order| {
        let refused = game.execute(&order).err().map(|reason| reason.code().to_owned());
        Tried { order, refused }
    };
    let orders = orders.into_iter().map(try_one).collect();
    game.commit();
    let view = game.view(None);
    let land = |id| (view.owner(id).map_or(-1, |owner| i32::from(owner.0)), view.troops(id));
    Step {
        advance,
        orders,
        tick: game.tick().0,
        hash: format!("{:016x}", game.hash()),
        lands: view.map().territories().map(land).collect(),
        gold: view.players().map(|player| game.view(Some(player)).gold()).collect(),
    }
}

#[test]
fn the_vectors_are_what_the_engine_plays() {
    // Games that are short and differ: two to six players, 8 to 40 territories, three with turns.
    for number in [1, 2, 5, 6, 8, 12, 14, 16, 19, 40] {
        let path = folder().join(format!("game-{number:02}.json"));
        let vector = record(number);
        if std::env::var_os("SOVEREIGN_WRITE_VECTORS").is_some() {
            let text = serde_json::to_string(&vector).expect("plain data") + "\n";
            fs::write(&path, text).expect("the folder is writable");
        }
        let text = fs::read_to_string(&path).expect("the vectors are committed");
        let committed: Vector = serde_json::from_str(&text).expect("as written");
        assert_eq!(committed, vector, "rules changed? then raise RULES_VERSION");
    }
}
