//! Any message at all, for property tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use sovereign_core::event::{Site, TerritoryChange};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::quantity::Tick;
use sovereign_core::wire::{
    EMOJI, FromClient, PauseReason, QUICK_CHAT, Resume, SPEED_MAX, SeatName, SocialKind, ToClient,
};
use sovereign_core::{Delta, LEVEL_MAX, Structure};

use crate::samples;

fn player() -> impl Strategy<Value = PlayerId> {
    (0..u16::MAX).prop_map(PlayerId)
}

fn tick() -> impl Strategy<Value = Tick> {
    any::<u32>().prop_map(Tick)
}

pub(crate) fn from_client() -> impl Strategy<Value = FromClient> {
    let resume = (any::<u64>(), tick()).prop_map(|(epoch, tick)| Resume { epoch, tick });
    let (phrases, signs) = (QUICK_CHAT.len() as u8, EMOJI.len() as u8);
    prop_oneof![
        (option::of(".{0,64}"), option::of(resume))
            .prop_map(|(token, resume)| FromClient::Hello { token, resume }),
        (0..phrases, option::of(player()))
            .prop_map(|(phrase, to)| FromClient::QuickChat { phrase, to }),
        (0..signs, option::of(player())).prop_map(|(emoji, to)| FromClient::Emoji { emoji, to }),
        (any::<u32>(), option::of(player()))
            .prop_map(|(id, to)| FromClient::Mark { territory: TerritoryId(id), to }),
        any::<u32>().prop_map(|nonce| FromClient::Ping { nonce }),
        (option::of(tick()), 0..=SPEED_MAX)
            .prop_map(|(from, speed)| FromClient::Watch { from, speed }),
        ".{0,64}".prop_map(|token| FromClient::Renew { token }),
        (any::<u32>(), select(orders())).prop_map(|(seq, order)| match order {
            FromClient::Order { command, .. } => FromClient::Order { seq, command },
            other => other,
        }),
    ]
}

fn orders() -> Vec<FromClient> {
    let is_order = |message: &FromClient| matches!(message, FromClient::Order { .. });
    samples::from_client().into_iter().map(|(_, m)| m).filter(is_order).collect()
}

pub(crate) fn to_client() -> impl Strategy<Value = ToClient> {
    let reasons = [
        PauseReason::Storage,
        PauseReason::Empty,
        PauseReason::Drain,
        PauseReason::Fault,
        PauseReason::Viewer,
    ];
    let name = (player(), ".{0,24}", any::<bool>()).prop_map(|(player, name, bot)| SeatName {
        player,
        name,
        bot,
    });
    let kind = select(vec![SocialKind::QuickChat, SocialKind::Emoji, SocialKind::Mark]);
    prop_oneof![
        select(samples::to_client()).prop_map(|(_, message)| message),
        (any::<u64>(), delta()).prop_map(|(epoch, delta)| ToClient::Delta { epoch, delta }),
        (any::<u64>(), delta()).prop_map(|(epoch, delta)| ToClient::Snapshot { epoch, delta }),
        (any::<u64>(), tick()).prop_map(|(epoch, tick)| ToClient::Heartbeat { epoch, tick }),
        (any::<u64>(), tick()).prop_map(|(epoch, tick)| ToClient::Resumed { epoch, tick }),
        (any::<u64>(), select(reasons.to_vec()))
            .prop_map(|(epoch, reason)| ToClient::Paused { epoch, reason }),
        vec(name, 0..5).prop_map(|names| ToClient::Names { names }),
        (player(), option::of(player()), kind, any::<u32>())
            .prop_map(|(from, to, kind, index)| ToClient::Social { from, to, kind, index }),
        any::<u32>().prop_map(|nonce| ToClient::Pong { nonce }),
        any::<u64>().prop_map(|expires| ToClient::Renewed { expires }),
        (option::of(".{0,40}"), any::<Option<u16>>())
            .prop_map(|(url, closes_s)| ToClient::Migrate { url, closes_s }),
        (".{0,24}", ".{0,80}").prop_map(|(code, message)| ToClient::Notice { code, message }),
    ]
}

/// A delta with any territories, and the rest from a sample.
pub(crate) fn delta() -> impl Strategy<Value = Delta> {
    let rest = select(samples::to_client()).prop_map(|(_, message)| match message {
        ToClient::Snapshot { delta, .. } | ToClient::Delta { delta, .. } => delta,
        _ => Delta::default(),
    });
    (tick(), vec((any::<u32>(), territory()), 0..80), rest, any::<u32>()).prop_map(
        |(tick, mut rows, rest, check)| {
            rows.sort_by_key(|(id, _)| *id);
            rows.dedup_by_key(|(id, _)| *id);
            let row = |(id, row): (u32, TerritoryChange)| {
                let since = Tick(tick.0.saturating_sub(row.since.0));
                TerritoryChange { id: TerritoryId(id), since, ..row }
            };
            Delta { tick, territories: rows.into_iter().map(row).collect(), check, ..rest }
        },
    )
}

/// A change whose `since` is an age.
fn territory() -> impl Strategy<Value = TerritoryChange> {
    let age = prop_oneof![3 => Just(0), 1 => any::<u32>()];
    let owner = option::of(option::of(player()));
    (any::<u32>(), age, owner, option::of(site())).prop_map(|(troops, age, owner, site)| {
        TerritoryChange { id: TerritoryId(0), troops, since: Tick(age), owner, site }
    })
}

fn site() -> impl Strategy<Value = Site> {
    let structure = option::of((select(Structure::ALL.to_vec()), 0..=LEVEL_MAX));
    (structure, option::of(tick()), any::<bool>(), any::<u32>()).prop_map(
        |(structure, ready, still, away)| {
            let (kind, level) = structure.map_or((None, 0), |(kind, level)| (Some(kind), level));
            Site {
                structure: kind,
                level,
                ready,
                still,
                fallout: away % 3 == 1,
                capital: away % 2 == 1,
                away,
            }
        },
    )
}
