//! What fog costs: what eight players are told of each step, everybody something else.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sovereign_core::bot::Table;
use sovereign_core::id::PlayerId;
use sovereign_core::quantity::Tick;
use sovereign_core::{Audience, Batch, Map, Mirror, Rules, Seed, Session};

const SEATS: u16 = 8;
/// The steps whose news are told.
const STEPS: usize = 500;

/// A game of eight on the map of the world, half a minute after play began, and what happens
/// then.
fn fogged() -> (Session, Vec<Batch>) {
    let map = Arc::new(Map::shipped("world").expect("shipped"));
    let rules = Arc::new(Rules::preset("fog").expect("shipped"));
    let play = Tick(rules.spawn.ticks + 600);
    let bots = ["expander"; SEATS as usize];
    let mut table = Table::named(map, rules, Seed::from(8), &bots).expect("shipped bots");
    table.play(play, |_| {});
    let session = table.session().clone();
    let mut batches = Vec::new();
    table.keep_log(true);
    while batches.len() < STEPS {
        let step = table.step(Tick(100_000)).expect("the game goes on");
        if step.is_visible() {
            batches.push(step.batch);
        }
    }
    (session, batches)
}

fn audiences(session: &Session) -> Vec<Audience> {
    (0..SEATS).map(|seat| Audience::new(session.game(), PlayerId(seat))).collect()
}

/// Plays on, and measures only what it takes to tell all players.
fn tell(session: &Session, batches: &[Batch]) -> Duration {
    let (mut session, mut audiences) = (session.clone(), audiences(session));
    let mut spent = Duration::ZERO;
    for batch in batches {
        session.replay(batch).expect("so it happened");
        let (game, start) = (session.game(), Instant::now());
        let changes = game.changes();
        for audience in &mut audiences {
            black_box(audience.news(game, &changes));
        }
        spent += start.elapsed();
    }
    spent
}

/// Every player's mirror follows what he is told, and shows what he may see.
fn check(session: &Session, batches: &[Batch]) {
    let (mut session, mut audiences) = (session.clone(), audiences(session));
    let game = session.game();
    let fresh = |of: &Audience| {
        Mirror::new(game.map().clone(), game.rules().clone(), SEATS, Some(of.player()))
    };
    let blank: Vec<_> = audiences.iter().map(fresh).collect();
    let mut mirrors = blank.clone();
    for (mirror, audience) in mirrors.iter_mut().zip(&audiences) {
        mirror.apply(&audience.snapshot(game)).expect("a snapshot of the untouched map");
    }
    for batch in batches {
        session.replay(batch).expect("so it happened");
        let (game, changes) = (session.game(), session.game().changes());
        for (seat, audience) in audiences.iter_mut().enumerate() {
            let news = audience.news(game, &changes);
            if news.anew {
                mirrors[seat] = blank[seat].clone();
            }
            mirrors[seat].apply(&news.delta).expect("the mirror's hash is the audience's");
        }
    }
    let seen = |seat: usize| mirrors[seat].view().land_of(PlayerId(0)).count();
    assert!((1..usize::from(SEATS)).any(|other| seen(other) < seen(0)), "fog hides land");
}

fn news(c: &mut Criterion) {
    let (session, batches) = fogged();
    check(&session, &batches);
    let mut group = c.benchmark_group("fog");
    group.sample_size(20);
    group.throughput(Throughput::Elements(STEPS as u64));
    group.bench_function("news_of_a_step_for_8", |b| {
        b.iter_custom(|times| (0..times).map(|_| tell(&session, &batches)).sum());
    });
    group.finish();
}

criterion_group!(fog, news);
criterion_main!(fog);
