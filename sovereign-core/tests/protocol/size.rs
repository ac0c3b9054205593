//! How many bytes the columns take: a promise to whoever pays for the traffic.

use sovereign_core::event::TerritoryChange;
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{Codec, ToClient};
use sovereign_core::{Delta, Purpose, Seed};

const TICK: Tick = Tick(12_000);

fn throw(id: u32, what: u64, sides: u64) -> u64 {
    Seed::from(7).below(TICK, Purpose::Bot, u64::from(id), what, sides)
}

/// One in `one_in` of `territories`, troops below 10,000, a new owner in one of four.
fn random_delta(territories: u32, one_in: u64) -> Delta {
    let changed = (0..territories).filter(|id| throw(*id, 0, one_in) == 0);
    let row = |id| TerritoryChange {
        id: TerritoryId(id),
        troops: throw(id, 1, 10_000) as u32,
        since: TICK,
        owner: (throw(id, 2, 4) == 0).then(|| Some(PlayerId(throw(id, 3, 8) as u16))),
        site: None,
    };
    Delta { tick: TICK, territories: changed.map(row).collect(), ..Delta::default() }
}

fn bytes(delta: Delta) -> usize {
    ToClient::Delta { epoch: 1, delta }.encode(Codec::Msgpack).bytes().len()
}

/// What the territories of a delta add to an empty one, for each of them.
fn bytes_per_territory(delta: Delta) -> f64 {
    let count = delta.territories.len();
    let empty = bytes(Delta { territories: Vec::new(), ..delta.clone() });
    (bytes(delta) - empty) as f64 / count as f64
}

#[test]
fn a_changed_territory_takes_four_bytes_at_most() {
    for (territories, one_in) in [(1_000, 20), (10_000, 50)] {
        let delta = random_delta(territories, one_in);
        let count = delta.territories.len();
        let each = bytes_per_territory(delta);
        println!("{count} of {territories} changed: {each:.2} bytes each");
        assert!(each <= 4.0, "{count} of {territories}: {each}");
    }
}

#[test]
fn a_snapshot_of_ten_thousand_territories_is_below_60_kilobytes() {
    let mut delta = random_delta(10_000, 1);
    for change in &mut delta.territories {
        let id = change.id.0;
        change.owner = Some(Some(PlayerId(throw(id, 3, 8) as u16)));
        change.since = Tick(TICK.0 - throw(id, 4, u64::from(TICK.0)) as u32);
    }
    assert_eq!(delta.territories.len(), 10_000);
    let bytes = ToClient::Snapshot { epoch: 1, delta }.encode(Codec::Msgpack).bytes().len();
    println!("10,000 territories: {bytes} bytes");
    assert!(bytes < 60_000, "{bytes}");
}
