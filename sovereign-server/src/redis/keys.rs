//! Every key and channel in Redis, in one place.
//!
//! The part in braces alone says in which slot of a Redis cluster a key is, so that one command or
//! script that names several of them finds them together.

use std::fmt;

use uuid::Uuid;

use crate::log::GameId;

/// A key.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// A node lives.
    Node(&'a str),
    /// How much somebody has had of something that is limited.
    Rate {
        /// The limit.
        limit: &'a str,
        /// Who, by a hash.
        who: &'a str,
    },
    /// How many sockets an account has at a node.
    Online {
        /// Whose.
        account: Uuid,
        /// Where.
        node: &'a str,
    },
    /// The newest snapshot of a game.
    Snapshot(GameId),
    /// The channel of news for all nodes.
    News,
    /// The channel on which a node hears itself.
    Echo(&'a str),
}

/// What is known of a key or channel, for documentation.
#[derive(Clone, Copy, Debug)]
pub struct KeyDoc {
    /// Its name; capitals stand for what differs.
    pub name: &'static str,
    /// What is stored under it.
    pub kind: &'static str,
    /// When it goes.
    pub expires: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// What happens when Redis is down, or has lost it.
    pub lost: &'static str,
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(name) => write!(f, "sovereign:{{node}}:{name}"),
            Self::Rate { limit, who } => write!(f, "sovereign:{{rate:{limit}:{who}}}"),
            Self::Online { account, node } => write!(f, "sovereign:{{online:{account}}}:{node}"),
            Self::Snapshot(game) => write!(f, "sovereign:{{game:{game}}}:snapshot"),
            Self::News => f.write_str("sovereign:news"),
            Self::Echo(name) => write!(f, "sovereign:echo:{name}"),
        }
    }
}

/// All of them.
pub const KEYS: &[KeyDoc] = &[
    KeyDoc {
        name: "sovereign:{node}:NAME",
        kind: "text",
        expires: "`redis_silence_ms`",
        meaning: "this node lives",
        lost: "links between nodes tell it, then heartbeats in PostgreSQL; one that hangs is missed later",
    },
    KeyDoc {
        name: "sovereign:{rate:LIMIT:HASH}",
        kind: "text",
        expires: "once nothing is owed, a minute at most",
        meaning: "what an address, a login name or an account has had of a limit in `per_minute`",
        lost: "each node counts alone, and gives the share of one node",
    },
    KeyDoc {
        name: "sovereign:{online:ACCOUNT}:NODE",
        kind: "text",
        expires: "`online_silence_ms`",
        meaning: "how many sockets this account has at this node",
        lost: "each node bounds and shows the sockets that it has itself; it tells them again every `online_beat_ms`",
    },
    KeyDoc {
        name: "sovereign:{game:ID}:snapshot",
        kind: "text",
        expires: "`hot_snapshot_s`",
        meaning: "a copy of the game's newest snapshot, good only if PostgreSQL has the same",
        lost: "PostgreSQL's own is read, by the statement that compares the two",
    },
    KeyDoc {
        name: "sovereign:news",
        kind: "channel",
        expires: "at once",
        meaning: "revocations, bans, changes of the list of games and of answers that nodes keep",
        lost: "all of it is looked up in PostgreSQL and at other nodes, within a second or so; \
               kept answers within `hot_answer_ms`",
    },
    KeyDoc {
        name: "sovereign:echo:NAME",
        kind: "channel",
        expires: "at once",
        meaning: "a node hears itself, so that it knows that it hears the others",
        lost: "the connection is made anew, and what may have been missed is looked up",
    },
];

/// The table of docs/operations.md.
#[must_use]
pub fn keys_table() -> String {
    let mut rows = String::from(
        "| key or channel | type | expires | what it is for | when Redis is down or has lost it |\n\
         |---|---|---|---|---|\n",
    );
    for KeyDoc { name, kind, expires, meaning, lost } in KEYS {
        rows += &format!("| `{name}` | {kind} | {expires} | {meaning} | {lost} |\n");
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a name is one of this kind: the same but for the words in capitals.
    fn is_like(name: &str, kind: &str) -> bool {
        let (name, kind): (Vec<_>, Vec<_>) = (name.split(':').collect(), kind.split(':').collect());
        let is_hole = |part: &str| part.trim_matches(['{', '}']).chars().all(|c| c.is_uppercase());
        name.len() == kind.len()
            && name.iter().zip(kind).all(|(name, kind)| is_hole(kind) || *name == kind)
    }

    #[test]
    fn every_key_is_in_the_table_once() {
        let snapshot = Key::Snapshot(GameId::nil());
        let rate = Key::Rate { limit: "guests", who: "00" };
        let online = Key::Online { account: Uuid::nil(), node: "n1" };
        let all = [Key::Node("n1"), Key::News, Key::Echo("n1"), rate, online, snapshot];
        for key in all {
            let name = key.to_string();
            let like = KEYS.iter().filter(|doc| is_like(&name, doc.name)).count();
            assert_eq!(like, 1, "{name}");
        }
    }
}
