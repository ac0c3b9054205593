//! Talk: phrases, signs, marks and words, beside the game, its log and its replay.
//!
//! Invariant: what a spectator says reaches no player, and what somebody says who was muted
//! does not reach whoever muted him. Nothing of it is stored unless somebody complains.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sovereign_core::id::{PlayerId, TerritoryId};
use sovereign_core::wire::{QUICK_CHAT, SocialKind, ToClient};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::task::Task;
use super::viewers::Viewer;
use super::{Chat, SocketId};
use crate::log::CommandLog;

/// Time between two phrases, signs or marks of one player; what comes sooner is dropped.
const PAUSE: Duration = Duration::from_millis(500);
/// Lines that a room remembers for complaints.
const REMEMBERED: usize = 128;
/// Lines of one complaint, the newest that its seat has heard.
const EVIDENCE: usize = 20;

/// A line that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When, by the game's time.
    pub tick: u32,
    /// Who.
    pub from: u16,
    /// To whom alone, if to one.
    pub to: Option<u16>,
    /// Only to the allies.
    pub allies: bool,
    /// What.
    pub text: String,
}

/// What a complaint rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The game's tick.
    pub tick: u32,
    /// What the seat has heard lately, oldest first.
    pub lines: Vec<Line>,
}

/// Whom something is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whom {
    /// Everybody here.
    All,
    /// These seats, the speaker's own among them.
    Seats(Vec<PlayerId>),
}

/// Who may talk to whom, and what was said.
#[derive(Debug, Default)]
pub(super) struct Talk {
    /// When each player last used a phrase, a sign or a mark.
    last: BTreeMap<PlayerId, Instant>,
    /// Who wants to hear nothing of whom.
    muted: BTreeSet<(PlayerId, PlayerId)>,
    /// The newest lines, and who has heard them.
    lines: VecDeque<(Line, BTreeSet<PlayerId>)>,
}

impl Talk {
    /// May this player use a phrase, a sign or a mark now?
    pub(super) fn may_speak(&mut self, player: PlayerId) -> bool {
        let now = Instant::now();
        let too_soon = self.last.get(&player).is_some_and(|last| now < *last + PAUSE);
        if !too_soon {
            self.last.insert(player, now);
        }
        !too_soon
    }

    fn mute(&mut self, who: PlayerId, whom: PlayerId, on: bool) {
        if on && who != whom {
            self.muted.insert((who, whom));
        } else {
            self.muted.remove(&(who, whom));
        }
    }

    fn hears(&self, who: PlayerId, from: PlayerId) -> bool {
        !self.muted.contains(&(who, from))
    }

    fn remember(&mut self, line: Line, heard: BTreeSet<PlayerId>) {
        self.lines.push_back((line, heard));
        if self.lines.len() > REMEMBERED {
            self.lines.pop_front();
        }
    }

    fn heard_by(&self, seat: PlayerId) -> Vec<Line> {
        let heard = self.lines.iter().rev().filter(|(_, heard)| heard.contains(&seat));
        let mut lines: Vec<Line> = heard.take(EVIDENCE).map(|(line, _)| line.clone()).collect();
        lines.reverse();
        lines
    }
}

impl<L: CommandLog> Task<L> {
    /// Passes on a phrase, a sign or a mark of a seat, unless it says too much.
    pub(super) fn take_talk(
        &mut self,
        socket: SocketId,
        to: Option<PlayerId>,
        kind: SocialKind,
        index: u32,
    ) {
        let Some(from) = self.viewers.seat_of(socket) else { return };
        let nowhere = !self.session.game().map().contains(TerritoryId(index));
        if (kind == SocialKind::Mark && nowhere) || !self.talk.may_speak(from) {
            return;
        }
        let allies = kind == SocialKind::Mark;
        let whom = self.whom(from, to, allies);
        let heard = self.pass(from, &whom, &ToClient::Social { from, to, kind, index });
        if let (SocialKind::QuickChat, Some(text)) = (kind, QUICK_CHAT.get(index as usize)) {
            self.note(from, to, allies, (*text).to_owned(), heard);
        }
    }

    /// Passes on words, in a game that allows them.
    pub(super) fn take_chat(
        &mut self,
        socket: SocketId,
        to: Option<PlayerId>,
        allies: bool,
        text: String,
    ) {
        let Some(viewer) = self.viewers.get(socket) else { return };
        if self.start.chat != Chat::Free {
            let message = "in this game there are phrases alone: its host has not allowed words";
            return Self::refuse_talk(viewer, "chat_closed", message);
        }
        match (viewer.seat, viewer.name.clone()) {
            (Some(from), _) => {
                let whom = self.whom(from, to, allies);
                let said = text.clone();
                let (name, from_seat) = (None, Some(from));
                let message = ToClient::Chat { from: from_seat, name, to, allies, text };
                let heard = self.pass(from, &whom, &message);
                self.note(from, to, allies, said, heard);
            }
            (None, Some(name)) => {
                let (from, name, to, allies) = (None, Some(name), None, false);
                let message = ToClient::Chat { from, name, to, allies, text };
                self.viewers.tell_those(&message, |viewer| viewer.seat.is_none());
            }
            (None, None) => {
                let message = "who talks must be somebody: connect with a token";
                Self::refuse_talk(viewer, "account_needed", message);
            }
        }
    }

    fn refuse_talk(viewer: &Viewer, code: &str, message: &str) {
        let notice = ToClient::Notice { code: code.to_owned(), message: message.to_owned() };
        // Talk is not worth a snapshot.
        let _ = viewer.send(&notice);
    }

    fn whom(&self, from: PlayerId, to: Option<PlayerId>, allies: bool) -> Whom {
        match to {
            Some(to) => Whom::Seats(vec![from, to]),
            None if allies => Whom::Seats(self.side_of(from)),
            None => Whom::All,
        }
    }

    /// A player and those who are allied with him.
    fn side_of(&self, player: PlayerId) -> Vec<PlayerId> {
        let view = self.session.game().view(None);
        view.players().filter(|other| view.friendly(player, *other)).collect()
    }

    /// Tells those whom it is for, but for who has muted the speaker; the seats that heard it.
    fn pass(&mut self, from: PlayerId, whom: &Whom, message: &ToClient) -> BTreeSet<PlayerId> {
        let named = |seat: PlayerId| match whom {
            Whom::All => true,
            Whom::Seats(seats) => seats.contains(&seat),
        };
        let hears = |seat: PlayerId| named(seat) && self.talk.hears(seat, from);
        let open = *whom == Whom::All;
        let heard = self.viewers.seats().filter(|seat| hears(*seat)).collect();
        self.viewers.tell_those(message, |viewer| match viewer.seat {
            Some(seat) => hears(seat),
            None => open && !viewer.is_late() && viewer.hears(from),
        });
        let tick = self.session.game().tick().0;
        if let Some(gallery) = self.gallery.as_mut().filter(|_| open) {
            gallery.hear(tick, from, message.clone());
        }
        heard
    }

    fn note(
        &mut self,
        from: PlayerId,
        to: Option<PlayerId>,
        allies: bool,
        text: String,
        heard: BTreeSet<PlayerId>,
    ) {
        let (tick, to) = (self.session.game().tick().0, to.map(|to| to.0));
        self.talk.remember(Line { tick, from: from.0, to, allies, text }, heard);
    }

    /// Somebody wants to hear nothing more of a player, or to hear him again. A seat's wish
    /// holds for the game, whatever happens to its socket; a spectator's with the socket.
    pub(super) fn take_mute(&mut self, socket: SocketId, player: PlayerId, on: bool) {
        if player.0 >= self.session.game().seats() {
            return;
        }
        if let Some(seat) = self.viewers.seat_of(socket) {
            self.talk.mute(seat, player, on);
        } else if let Some(viewer) = self.viewers.spectator(socket) {
            if on {
                viewer.muted.insert(player);
            } else {
                viewer.muted.remove(&player);
            }
        }
    }

    /// Tells what a seat has heard lately.
    pub(super) fn give_evidence(&self, seat: PlayerId, reply: oneshot::Sender<Evidence>) {
        let evidence =
            Evidence { tick: self.session.game().tick().0, lines: self.talk.heard_by(seat) };
        // Whoever asked may have gone meanwhile.
        let _ = reply.send(evidence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_signs_is_thinned() {
        let mut talk = Talk::default();
        let mut said = 0;
        for _ in 0..100 {
            said += u32::from(talk.may_speak(PlayerId(1)));
            tokio::time::advance(Duration::from_millis(50)).await;
        }
        assert_eq!(said, 10);
        assert!(talk.may_speak(PlayerId(2)), "others are not affected");
    }

    #[test]
    fn only_the_newest_lines_that_a_seat_heard_are_evidence() {
        let mut talk = Talk::default();
        let line = |tick: u32| Line { tick, from: 0, to: None, allies: false, text: "x".into() };
        for tick in 0..1_000 {
            talk.remember(line(tick), BTreeSet::from([PlayerId((tick % 2) as u16)]));
        }
        assert_eq!(talk.lines.len(), REMEMBERED);
        let ticks: Vec<u32> = talk.heard_by(PlayerId(1)).iter().map(|line| line.tick).collect();
        assert_eq!((ticks.len(), ticks[0], ticks[EVIDENCE - 1]), (EVIDENCE, 961, 999));
        assert!(talk.heard_by(PlayerId(2)).is_empty());
    }

    #[test]
    fn nobody_mutes_himself() {
        let mut talk = Talk::default();
        let (ada, bob) = (PlayerId(0), PlayerId(1));
        talk.mute(ada, ada, true);
        talk.mute(ada, bob, true);
        assert!(talk.hears(ada, ada) && !talk.hears(ada, bob) && talk.hears(bob, ada));
        talk.mute(ada, bob, false);
        assert!(talk.hears(ada, bob));
    }
}
