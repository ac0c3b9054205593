//! Maps: reading the binary form of two million territories.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use sovereign_core::Map;
use sovereign_core::map::{BinaryParts, generate};

/// The sides of a grid of two million territories.
const SIDES: (u32, u32) = (2_000, 1_000);

/// From bytes in memory to a checked map, its hash included; with and without names.
fn read_binary(c: &mut Criterion) {
    let map = generate::grid(SIDES.0, SIDES.1);
    let mut group = c.benchmark_group("read_binary");
    group.sample_size(20);
    for (name, keep) in [("least", BinaryParts::LEAST), ("named", BinaryParts::ALL)] {
        let bytes = map.to_binary(keep);
        let read = || Map::from_binary(&bytes).expect("it was sound");
        assert_eq!((read().hash(), read().len()), (map.hash(), 2_000_000));
        group.bench_function(BenchmarkId::from_parameter(name), |b| b.iter(|| black_box(read())));
    }
    group.finish();
}

criterion_group!(maps, read_binary);
criterion_main!(maps);
