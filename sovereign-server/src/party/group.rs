//! One party.

use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::ApiError;
use crate::lobby::News;
use crate::log::GameId;
use crate::ranked::Entrant;
use crate::store::people::SecretHash;

/// A party.
#[derive(Debug)]
pub(super) struct Group {
    members: Vec<Member>,
    leader: Uuid,
    /// The number of the next member.
    next: u32,
    /// Hash of the invitation, and until when it is good.
    pub(super) invitation: Option<(SecretHash, Instant)>,
    /// The game that it entered last.
    pub(super) game: Option<GameId>,
    /// When a member last asked.
    pub(super) seen: Instant,
    pub(super) news: News,
}

#[derive(Clone, Debug)]
struct Member {
    number: u32,
    entrant: Entrant,
}

/// A party as its members see it.
#[derive(Clone, Debug, Serialize)]
pub struct PartyInfo {
    /// Grows with each change.
    pub rev: u64,
    /// All members, in the order in which they came.
    pub members: Vec<MemberInfo>,
    /// The caller's number.
    pub you: u32,
    /// How many there can be.
    pub most: u64,
    /// For how many seconds the invitation is good; none without one.
    pub invited_s: Option<u64>,
    /// The game that it entered last.
    pub game: Option<GameId>,
}

/// A member as others see it.
#[derive(Clone, Debug, Serialize)]
pub struct MemberInfo {
    /// Names it in this party.
    pub member: u32,
    /// What others see.
    pub name: String,
    /// Whether it leads.
    pub leader: bool,
    /// Whether it plays without an account.
    pub guest: bool,
    /// Whether it has a socket open, at any node; not known here.
    pub online: bool,
    /// Which account it is; others are not told.
    #[serde(skip)]
    pub account: Uuid,
}

impl Member {
    const fn id(&self) -> Uuid {
        self.entrant.account.id
    }
}

impl Group {
    pub(super) fn of(leader: Entrant) -> Self {
        let mut group = Self {
            members: Vec::new(),
            leader: leader.account.id,
            next: 1,
            invitation: None,
            game: None,
            seen: Instant::now(),
            news: News::default(),
        };
        group.add(leader);
        group
    }

    pub(super) const fn leader(&self) -> Uuid {
        self.leader
    }

    pub(super) fn is_led_by(&self, account: Uuid) -> bool {
        self.leader == account
    }

    pub(super) const fn len(&self) -> usize {
        self.members.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn has(&self, account: Uuid) -> bool {
        self.members.iter().any(|member| member.id() == account)
    }

    /// Who is in it stays as it is.
    pub(super) fn add(&mut self, entrant: Entrant) {
        self.members.push(Member { number: self.next, entrant });
        self.next += 1;
        self.news.tell();
    }

    pub(super) fn remove(&mut self, account: Uuid) {
        self.members.retain(|member| member.id() != account);
        if let Some(heir) = self.members.first().filter(|_| self.leader == account) {
            self.leader = heir.id();
        }
        self.news.tell();
    }

    pub(super) fn lead(&mut self, account: Uuid) {
        self.leader = account;
        self.news.tell();
    }

    /// Another member than the leader, by its number.
    pub(super) fn other(&self, number: u32) -> Result<Uuid, ApiError> {
        let wanted = |member: &&Member| member.number == number && member.id() != self.leader;
        let found = self.members.iter().find(wanted).map(Member::id);
        found.ok_or_else(|| ApiError::not_found("other member"))
    }

    /// The leader first.
    pub(super) fn people(&self) -> Vec<Entrant> {
        let mut people: Vec<Entrant> =
            self.members.iter().map(|member| member.entrant.clone()).collect();
        people.sort_by_key(|entrant| entrant.account.id != self.leader);
        people
    }

    pub(super) fn info(&self, account: Uuid, most: u64) -> PartyInfo {
        let shown = |member: &Member| MemberInfo {
            member: member.number,
            name: member.entrant.account.name.clone(),
            leader: member.id() == self.leader,
            guest: member.entrant.guest,
            online: false,
            account: member.id(),
        };
        let you = self.members.iter().find(|member| member.id() == account);
        let left = |(_, until): (SecretHash, Instant)| {
            until.checked_duration_since(Instant::now()).map(|left| left.as_secs())
        };
        PartyInfo {
            rev: self.news.version(),
            members: self.members.iter().map(shown).collect(),
            you: you.map_or(0, |member| member.number),
            most,
            invited_s: self.invitation.and_then(left),
            game: self.game,
        }
    }
}
