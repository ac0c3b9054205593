//! What a node does about the news of others, and what it tells them of its games.

use std::time::Duration;

use crate::accounts::Accounts;
use crate::cluster::Fleet;
use crate::lobby::Lobby;
use crate::redis::{Bus, BusRunner, Ears, Heard, News};
use crate::store::Hot;

/// Time between two pieces of news of the list of games.
const BETWEEN: Duration = Duration::from_millis(100);

/// The ears of a node.
#[derive(Debug)]
pub(crate) struct Hearing {
    pub(crate) accounts: Accounts,
    pub(crate) lobby: Lobby,
    pub(crate) fleet: Fleet,
    pub(crate) hot: Hot,
    pub(crate) bus: Bus,
    pub(crate) runner: BusRunner,
}

impl Hearing {
    /// Listens, and tells, for as long as the node runs.
    pub(crate) async fn run(self) {
        let Self { accounts, lobby, fleet, hot, bus, runner } = self;
        let listing = tell_of_games(lobby, bus.clone());
        tokio::join!(runner.run(), hear(accounts, fleet, (hot, bus.listen())), listing);
    }
}

async fn hear(accounts: Accounts, fleet: Fleet, (hot, mut ears): (Hot, Ears)) {
    while let Some(heard) = ears.next().await {
        match heard {
            Heard::Gap => {
                fleet.list_changed();
                hot.forget_all();
                accounts.catch_up().await;
            }
            Heard::News(News::Listed) => fleet.list_changed(),
            Heard::News(News::Changed { topic }) => hot.forget(topic),
            Heard::News(news) => accounts.hear(&news),
        }
    }
}

/// Tells others whenever this node's own games have changed, not too often.
async fn tell_of_games(lobby: Lobby, bus: Bus) {
    let mut changes = lobby.watch_own();
    while changes.changed().await.is_ok() {
        bus.tell(News::Listed);
        tokio::time::sleep(BETWEEN).await;
    }
}
