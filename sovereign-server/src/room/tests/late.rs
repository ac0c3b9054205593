//! Watching a game later than it is played.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sovereign_core::Rules;
use sovereign_core::command::Surrender;
use sovereign_core::rules::RulesDraft;
use sovereign_core::wire::CloseCode;

use super::super::*;
use super::harness::{Client, Table, spawn, start, start_with};

/// Ticks in a second.
const SECOND: u32 = 20;

fn limits() -> Limits {
    Limits { spectator_delay_least_s: 5, ..Limits::default() }
}

fn watching(delay_s: u32, view: WatchView) -> Option<Watching> {
    Some(Watching { delay_s, view })
}

/// Two people and two bots, with fog or without.
async fn table(fog: bool, watching: Option<Watching>) -> (Table, Vec<Client>) {
    let mut draft = RulesDraft::clone(&Rules::preset("classic").unwrap());
    draft.fog.radius = u8::from(fog).into();
    let (mut start, map) = start_with(2, 2, Rules::try_from(draft).unwrap());
    start.watching = watching;
    let mut table = Table::open_with((start, map), limits()).await;
    let mut players = vec![table.join(Some(0), None).await, table.join(Some(1), None).await];
    for (player, land) in players.iter_mut().zip([0, 41]) {
        table.order(player, 1, spawn(land)).await;
        player.listen().await;
    }
    (table, players)
}

/// Somebody who watches, through the eyes of a seat or not.
async fn watcher(table: &mut Table, view: Option<u16>) -> Client {
    let client = table.watcher(view);
    table.attach(&client, None).await;
    client
}

/// Lets time pass, and looks each tick that nobody hears too early.
async fn pass(table: &Table, watchers: &mut [Client], players: &mut [Client], seconds: u32) {
    let delay = table.start.watching.unwrap().delay_s * SECOND;
    // Under fog the game tells whole seconds alone.
    let fog = Rules::from_toml(&table.start.header.rules).unwrap().fog.radius > 0;
    let coarse = if fog { SECOND - 1 } else { 0 };
    let share = TICK / (watchers.len() + players.len()) as u32;
    for _ in 0..seconds * SECOND {
        for watcher in &mut *watchers {
            watcher.listen_for(share).await;
            let (heard, now) = (watcher.ticks.last().copied(), table.handle.info().tick + coarse);
            let early = heard.is_some_and(|tick| tick > now.saturating_sub(delay));
            assert!(!early, "{heard:?} was told at {now}");
        }
        for player in &mut *players {
            player.listen_for(share).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_before_the_delay_is_over_and_all_after_it() {
    let (mut table, mut players) = table(false, watching(7, WatchView::All)).await;
    let mut first = [watcher(&mut table, None).await];
    pass(&table, &mut first, &mut players, 20).await;
    let mut both = [first.into_iter().next().unwrap(), watcher(&mut table, None).await];
    pass(&table, &mut both, &mut players, 30).await;
    let checks = table.replayed_checks().await;
    for watcher in &both {
        assert_eq!((watcher.closed, watcher.snapshots), (None, 1));
        let last = *watcher.ticks.last().unwrap();
        assert_eq!(checks[&last], watcher.mirror.check(), "it is the game as it was");
        let now = table.handle.info().tick;
        assert!(last + 7 * SECOND + 3 * SECOND > now, "{last} is all that may be told at {now}");
    }
    assert_eq!(both[0].mirror.check(), both[1].mirror.check());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..Default::default() })]

    /// Whenever somebody comes, through whose eyes he looks, and whatever the delay: nothing
    /// is told too early, and a player's view is what that player was told.
    #[test]
    fn a_spectator_is_never_told_what_is_too_new(
        delay in 5_u32..20, come in 0_u32..30, fog in any::<bool>(), eyes in 0_u16..2,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (mut table, mut players) = table(fog, watching(delay, WatchView::All)).await;
            pass(&table, &mut [], &mut players, come).await;
            let view = fog.then_some(eyes);
            let mut watchers = [watcher(&mut table, view).await];
            pass(&table, &mut watchers, &mut players, delay + 15).await;
            let [watcher] = watchers;
            assert!(watcher.snapshots >= 1, "he was let in");
            shows(&table, &watcher, watcher.view).await;
            if !fog {
                same(&players[0].checks, &watcher.checks);
            }
        });
    }
}

/// What a client shows is what the log's game shows this player, or everybody, at its tick.
async fn shows(table: &Table, client: &Client, eyes: Option<PlayerId>) {
    let mut session = restore::fresh(&table.start, Arc::clone(&table.map)).unwrap().session;
    let last = *client.ticks.last().unwrap();
    for entry in table.entries().await.iter().filter(|entry| entry.tick <= last) {
        session.replay(&restore::decode(entry).unwrap()).unwrap();
    }
    let (shown, known) = (client.mirror.view(), session.game().view(eyes));
    for at in table.map.territories() {
        assert_eq!((shown.sees(at), shown.owner(at)), (known.sees(at), known.owner(at)), "{at}");
    }
}

/// Wherever both were told of a tick, they know the same.
fn same(player: &BTreeMap<u32, u32>, watcher: &BTreeMap<u32, u32>) {
    let mut shared = 0;
    for (tick, check) in watcher {
        if let Some(known) = player.get(tick) {
            assert_eq!(known, check, "tick {tick}");
            shared += 1;
        }
    }
    assert!(shared > 0, "there is something to compare");
}

#[tokio::test(start_paused = true)]
async fn under_fog_all_is_seen_only_where_the_host_says_so() {
    for (view, eyes, sees_all) in [
        (WatchView::All, None, true),
        (WatchView::All, Some(1), false),
        (WatchView::Side, None, false),
    ] {
        let (mut table, mut players) = table(true, watching(5, view)).await;
        let mut watchers = [watcher(&mut table, eyes).await];
        pass(&table, &mut watchers, &mut players, 60).await;
        let view = watchers[0].mirror.view();
        let held = table.map.territories().filter(|at| view.owner(*at).is_some()).count();
        let known = players[0].mirror.view();
        let hers = table.map.territories().filter(|at| known.owner(*at).is_some()).count();
        assert_eq!(held > hers + 4, sees_all, "{held} and {hers}");
    }
    let (mut table, _players) = table(true, watching(5, WatchView::None)).await;
    let mut turned_away = watcher(&mut table, None).await;
    turned_away.listen().await;
    assert_eq!(turned_away.closed, Some(CloseCode::NotSeated));
}

#[tokio::test(start_paused = true)]
async fn a_ranked_game_is_never_watched_live() {
    let (mut start, map) = start(2, 1);
    (start.ladder, start.watching) = (Some("duel".to_owned()), None);
    let mut table = Table::open_with((start, map), limits()).await;
    let mut watcher = watcher(&mut table, None).await;
    watcher.listen_for(Duration::from_secs(4)).await;
    assert!(!watcher.ticks.is_empty(), "what was before the first tick");
    assert!(watcher.ticks.iter().all(|tick| *tick == 0), "{:?}", watcher.ticks);
}

#[tokio::test(start_paused = true)]
async fn talk_and_the_end_are_told_later_too() {
    let (mut table, mut players) = table(false, watching(6, WatchView::All)).await;
    let mut watchers = [watcher(&mut table, None).await];
    pass(&table, &mut watchers, &mut players, 25).await;
    let (socket, to, kind) = (players[0].socket, None, SocialKind::QuickChat);
    table.handle.tell(ToRoom::Social { socket, to, kind, index: 1 }).await.unwrap();
    for (n, player) in players.iter().enumerate() {
        table.order(player, 9 + n as u32, Command::Surrender(Surrender {})).await;
    }
    pass(&table, &mut watchers, &mut players, 4).await;
    assert!(!players[1].heard.is_empty() && watchers[0].heard.is_empty());
    let out = |client: &Client| client.mirror.view().player(PlayerId(0)).place > 0;
    assert!(out(&players[1]) && !out(&watchers[0]));
    watchers[0].listen_for(Duration::from_secs(6)).await;
    assert!(!watchers[0].heard.is_empty() && out(&watchers[0]));
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_nothing_is_told_until_the_delay_is_over() {
    let (mut table, mut players) = table(false, watching(6, WatchView::All)).await;
    pass(&table, &mut [], &mut players, 30).await;
    table.crash_and_restore().await;
    let mut early = watcher(&mut table, None).await;
    early.listen().await;
    assert_eq!(
        (early.closed, early.notices),
        (Some(CloseCode::TryLater), vec!["not_yet".to_owned()])
    );
    let mut again = table.join(Some(0), None).await;
    again.listen_for(Duration::from_secs(10)).await;
    let mut late = watcher(&mut table, None).await;
    late.listen_for(Duration::from_secs(1)).await;
    assert_eq!((late.closed, late.snapshots), (None, 1));
}
