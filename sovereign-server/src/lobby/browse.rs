//! The list of public games: what of it is asked for, and in which order.

use std::cmp::Reverse;
use std::collections::HashSet;

use serde::Deserialize;
use tokio::sync::watch;

use super::{GameInfo, Lobby, Status};
use crate::log::GameId;

/// Games in a list.
const LISTED: usize = 200;

/// What somebody looks for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Browse {
    /// The version that the caller has: the answer waits for another one.
    pub since: Option<u64>,
    /// Only games in this state.
    status: Option<Status>,
    /// Only games with at least so many open seats.
    open: usize,
    /// Only games on this map.
    map: Option<String>,
    /// Only games by these rules.
    rules: Option<String>,
    /// Which come first.
    sort: Sort,
}

/// Which games come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Those made last.
    #[default]
    Newest,
    /// Those that wait for longest.
    Oldest,
    /// Those that lack fewest people.
    Fullest,
    /// Those with most seats.
    Largest,
}

impl Browse {
    fn wants(&self, game: &GameInfo) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        self.status.is_none_or(|wanted| wanted == game.status)
            && is(&self.map, &game.map)
            && is(&self.rules, &game.rules)
            && game.open_seats() >= self.open
    }

    fn select(&self, mut games: Vec<GameInfo>) -> Vec<GameInfo> {
        games.retain(|game| self.wants(game));
        games.sort_by_key(|game| Reverse(game.id));
        match self.sort {
            Sort::Newest => {}
            Sort::Oldest => games.reverse(),
            Sort::Fullest => games.sort_by_key(GameInfo::open_seats),
            Sort::Largest => games.sort_by_key(|game| Reverse(game.seats.len())),
        }
        games.truncate(LISTED);
        games
    }
}

impl Lobby {
    /// The public games that are looked for; `more` are those of other nodes.
    pub async fn list(&self, browse: &Browse, more: Vec<GameInfo>) -> Vec<GameInfo> {
        let mut games = self.public().await;
        // One that moves may be here and there.
        let known: HashSet<GameId> = games.iter().map(|game| game.id).collect();
        games.extend(more.into_iter().filter(|game| !known.contains(&game.id)));
        browse.select(games)
    }

    /// All public games of this node.
    pub(super) async fn public(&self) -> Vec<GameInfo> {
        let mut tables = self.all();
        tables.retain(|table| !table.settings().private);
        let mut infos = Vec::with_capacity(tables.len());
        for table in tables {
            infos.push(table.info(None).await);
        }
        infos
    }

    /// To wait for changes of the list.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.inner.news.watch()
    }

    /// To wait for changes of this node's own games.
    pub(crate) fn watch_own(&self) -> watch::Receiver<u64> {
        self.inner.news.watch_own()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lobby::SeatInfo;
    use crate::lobby::SeatKind::{self, Bot, Open, Person};

    fn game(number: u128, map: &str, kinds: &[SeatKind]) -> GameInfo {
        let seat = |&kind: &SeatKind| SeatInfo {
            seat: 0,
            kind,
            name: String::new(),
            team: 0,
            host: false,
            connected: false,
        };
        GameInfo {
            id: GameId::from_u128(number),
            code: String::new(),
            link: String::new(),
            status: if kinds.contains(&Open) { Status::Lobby } else { Status::Running },
            rev: 1,
            map: map.to_owned(),
            rules: "classic".to_owned(),
            teams: 0,
            private: false,
            chat: crate::room::Chat::default(),
            watching: crate::room::Watching::default(),
            ladder: None,
            seats: kinds.iter().map(seat).collect(),
            you: None,
            tick: None,
            replay: false,
            created_ms: 0,
        }
    }

    #[test]
    fn games_are_found_and_sorted() {
        let games = vec![
            game(1, "world", &[Person, Open, Open]),
            game(2, "classic", &[Person, Open]),
            game(3, "world", &[Person, Bot, Bot, Bot]),
        ];
        for (wish, expected) in [
            ("{}", &[3, 2, 1][..]),
            (r#"{"status": "lobby"}"#, &[2, 1]),
            (r#"{"open": 2}"#, &[1]),
            (r#"{"map": "world", "sort": "oldest"}"#, &[1, 3]),
            (r#"{"open": 1, "sort": "fullest"}"#, &[2, 1]),
            (r#"{"sort": "largest"}"#, &[3, 1, 2]),
            (r#"{"rules": "fog"}"#, &[]),
        ] {
            let browse: Browse = serde_json::from_str(wish).unwrap();
            let found = browse.select(games.clone());
            let found: Vec<u128> = found.iter().map(|game| game.id.as_u128()).collect();
            assert_eq!(found, expected, "{wish}");
        }
    }
}
