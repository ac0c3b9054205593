//! What nodes tell each other, so that it is known everywhere at once.
//!
//! Whoever misses it finds the same in PostgreSQL a moment later: news make it faster, they decide
//! nothing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::Topic;
use crate::store::people::Revocation;

/// Of the messages; one of another version is passed over.
const VERSION: u32 = 1;

/// Something that all nodes should know at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum News {
    /// These tokens are void.
    Revoked {
        /// Whose.
        revocations: Vec<Revocation>,
    },
    /// Somebody is shut out.
    Banned {
        /// Who.
        account: Uuid,
        /// Until when, in seconds since 1970.
        until_s: u64,
    },
    /// Somebody is let in again.
    LetIn {
        /// Who.
        account: Uuid,
    },
    /// The list of public games has changed at a node.
    Listed,
    /// Answers that tell of this are old.
    Changed {
        /// Of what.
        topic: Topic,
    },
}

/// News on their way.
#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    version: u32,
    from: String,
    news: News,
}

/// News as they are sent.
pub(super) fn write(from: &str, news: News) -> Option<String> {
    serde_json::to_string(&Letter { version: VERSION, from: from.to_owned(), news }).ok()
}

/// What came, unless it is one's own or of a version that this node does not speak.
pub(super) fn read(me: &str, bytes: &[u8]) -> Option<News> {
    let letter: Letter = serde_json::from_slice(bytes).ok()?;
    (letter.version == VERSION && letter.from != me).then_some(letter.news)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_read_by_others_of_the_same_version_alone() {
        let account = Uuid::from_u128(7);
        let revocations = vec![Revocation { id: account, issued_s: 5, until_s: 9 }];
        let all = [
            News::Revoked { revocations },
            News::Banned { account, until_s: u64::MAX },
            News::LetIn { account },
            News::Listed,
            News::Changed { topic: Topic::Ladders },
        ];
        for news in all {
            let sent = write("n1", news.clone()).unwrap();
            assert_eq!(read("n2", sent.as_bytes()), Some(news));
            assert_eq!(read("n1", sent.as_bytes()), None, "one's own");
            let newer = sent.replace("\"version\":1", "\"version\":2");
            assert_eq!(read("n2", newer.as_bytes()), None);
        }
        let unknown = br#"{"version":1,"from":"n1","news":{"what":"risen"}}"#;
        assert_eq!(read("n2", unknown), None);
        assert_eq!(read("n2", b"\xff{"), None);
    }
}
