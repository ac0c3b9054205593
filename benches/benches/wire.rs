//! The wire: deltas and snapshots to frames, and how many bytes a change takes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sovereign_core::Seed;
use sovereign_core::event::{Delta, Site, TerritoryChange};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::testing::Dice;
use sovereign_core::wire::{Codec, Frame, FrameRef, ToClient};

/// A delta as the published workload makes them: `changes` of `territories`, with
/// troops below 10,000, and a new owner in every fourth.
fn workload(territories: u64, changes: u64) -> ToClient {
    let mut dice = Dice::new(Seed::from(9));
    let mut ids: Vec<_> = (0..changes).map(|_| dice.below(territories) as u32).collect();
    ids.sort_unstable();
    ids.dedup();
    let tick = Tick(1_200);
    let change = |id| TerritoryChange {
        id: TerritoryId(id),
        troops: dice.below(10_000) as u32,
        since: tick,
        owner: dice.once_in(4).then(|| Some(PlayerId(dice.below(32) as u16))),
        site: None,
    };
    let territories = ids.into_iter().map(change).collect();
    let delta = Delta { tick, territories, check: 7, ..Delta::default() };
    ToClient::Delta { epoch: 1, delta }
}

/// All that is known of so many territories, as whoever joins the published workload gets it.
fn joined(territories: u32) -> ToClient {
    let mut dice = Dice::new(Seed::from(9));
    let tick = Tick(1_200);
    let land = |id| TerritoryChange {
        id: TerritoryId(id),
        troops: dice.below(10_000) as u32,
        since: Tick(tick.0 - dice.below(200) as u32),
        owner: Some(Some(PlayerId(dice.below(32) as u16))),
        site: Some(Site { still: true, ..Site::default() }),
    };
    let territories = (0..territories).map(land).collect();
    let delta = Delta { tick, territories, check: 7, ..Delta::default() };
    ToClient::Snapshot { epoch: 1, delta }
}

fn changed(message: &ToClient) -> usize {
    let ToClient::Delta { delta, .. } = message else { unreachable!("made as a delta") };
    delta.territories.len()
}

fn bytes(frame: &Frame) -> usize {
    match frame {
        Frame::Binary(bytes) => bytes.len(),
        Frame::Text(text) => text.len(),
    }
}

fn encode_delta(c: &mut Criterion) {
    let mut group = c.benchmark_group("encode_delta");
    for (territories, changes) in [(1_000, 50), (10_000, 200)] {
        let message = workload(territories, changes);
        let frame = message.encode(Codec::Msgpack);
        let Frame::Binary(body) = &frame else { unreachable!("MessagePack is binary") };
        let again = ToClient::decode(FrameRef::Binary(body), Codec::Msgpack).expect("just made");
        assert_eq!(again, message);
        let count = changed(&message);
        let each = bytes(&frame) as f64 / count as f64;
        println!("{changes} of {territories}: {each:.2} bytes per changed territory");
        group.throughput(Throughput::Elements(count as u64));
        let id = BenchmarkId::from_parameter(format!("{changes}_of_{territories}"));
        group.bench_function(id, |b| b.iter(|| black_box(message.encode(Codec::Msgpack))));
    }
    group.finish();
}

fn encode_snapshot(c: &mut Criterion) {
    let message = joined(10_000);
    let frame = message.encode(Codec::Msgpack);
    let Frame::Binary(body) = &frame else { unreachable!("MessagePack is binary") };
    let again = ToClient::decode(FrameRef::Binary(body), Codec::Msgpack).expect("just made");
    assert_eq!(again, message);
    println!("snapshot of 10,000: {} bytes", bytes(&frame));
    assert!(bytes(&frame) < 60_000, "a join at 10,000 territories is small");
    c.bench_function("encode_snapshot/10000", |b| {
        b.iter(|| black_box(message.encode(Codec::Msgpack)));
    });
}

criterion_group!(wire, encode_delta, encode_snapshot);
criterion_main!(wire);
