//! Whom to fight, whom to ask, whom to leave: diplomacy that bots share.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::command::{AnswerAlliance, BreakAlliance, Command, ExtendAlliance, ProposeAlliance};
use crate::id::{PlayerId, TerritoryId};
use crate::quantity::Tick;
use crate::view::View;

/// A diplomat's memory: whom it fights, and when it asked whom.
#[derive(Clone, Debug, Default)]
pub(super) struct Statecraft {
    prey: Option<PlayerId>,
    asked: BTreeMap<PlayerId, Tick>,
}

/// Players that one's land touches, and over how many borders.
type Contacts = BTreeMap<PlayerId, u32>;

impl Statecraft {
    /// Whom to fight first.
    pub(super) const fn prey(&self) -> Option<PlayerId> {
        self.prey
    }

    /// Proposals, answers and breaches, given a look at these own lands.
    pub(super) fn confer(
        &mut self,
        view: &View<'_>,
        me: PlayerId,
        land: &[TerritoryId],
        wishes: &mut Vec<Command>,
    ) {
        let contacts = contacts(view, me, land);
        self.choose_prey(view, me, &contacts);
        self.answer(view, me, wishes);
        self.propose(view, me, wishes);
        extend(view, me, wishes);
        let breach = breach(view, me, &contacts);
        wishes.extend(breach.filter(|wish| view.validate(*wish).is_ok()));
    }

    /// Keeps to its prey as long as it is there to be fought; the leader, a traitor or the
    /// weakest neighbour else.
    fn choose_prey(&mut self, view: &View<'_>, me: PlayerId, contacts: &Contacts) {
        let leader = leader(view, me);
        let open = |p: &PlayerId| view.is_playing(*p) && !view.friendly(me, *p);
        let kept = self.prey.filter(|prey| open(prey) && contacts.contains_key(prey));
        let ease = |p: &&PlayerId| {
            let dangerous = Some(**p) == leader;
            (!dangerous, !view.is_traitor(**p), view.territory_count(**p))
        };
        let best = || contacts.keys().filter(|p| open(p)).min_by_key(ease).copied();
        self.prey = leader.filter(|p| open(p) && contacts.contains_key(p)).or(kept).or_else(best);
    }

    /// Friends with everybody but the prey and one who is about to win.
    fn answer(&self, view: &View<'_>, me: PlayerId, wishes: &mut Vec<Command>) {
        for proposal in view.proposals().filter(|proposal| proposal.incoming) {
            let from = proposal.with;
            let accept = self.wants(view, me, from);
            wishes.push(Command::AnswerAlliance(AnswerAlliance { from, accept }));
        }
    }

    fn wants(&self, view: &View<'_>, me: PlayerId, other: PlayerId) -> bool {
        let enemies = enemies(view, me).filter(|p| *p != other).count();
        Some(other) != self.prey && Some(other) != leader(view, me) && enemies > 0
    }

    fn propose(&mut self, view: &View<'_>, me: PlayerId, wishes: &mut Vec<Command>) {
        let patience = view.rules().diplomacy.proposal_ticks;
        for to in view.players().filter(|to| *to != me && view.is_playing(*to)) {
            let asked_lately =
                self.asked.get(&to).is_some_and(|t| view.tick().since(*t) <= patience);
            let wish = Command::ProposeAlliance(ProposeAlliance { to });
            let wanted = !view.friendly(me, to) && self.wants(view, me, to);
            if wanted && !asked_lately && view.validate(wish).is_ok() {
                self.asked.insert(to, view.tick());
                wishes.push(wish);
            }
        }
    }
}

/// Those who are in the game and no friends.
fn enemies(view: &View<'_>, me: PlayerId) -> impl Iterator<Item = PlayerId> {
    let view = *view;
    view.players().filter(move |p| view.is_playing(*p) && !view.friendly(me, *p))
}

/// Another player who has the most land, more than half of what wins.
fn leader(view: &View<'_>, me: PlayerId) -> Option<PlayerId> {
    let most = |p: &PlayerId| (view.territory_count(*p), core::cmp::Reverse(*p));
    let first = view.players().filter(|p| view.is_playing(*p)).max_by_key(most)?;
    let close = view.territory_count(first) * 2 > view.land_to_win();
    (close && first != me).then_some(first)
}

fn contacts(view: &View<'_>, me: PlayerId, land: &[TerritoryId]) -> Contacts {
    let mut contacts = Contacts::new();
    let edges = land.iter().flat_map(|id| view.map().edges(*id));
    for owner in edges.filter_map(|edge| view.owner(edge.to)).filter(|owner| *owner != me) {
        *contacts.entry(owner).or_default() += 1;
    }
    contacts
}

/// An alliance is broken with one who is about to win, or when there is nobody else left to
/// fight: then by the stronger of the two.
fn breach(view: &View<'_>, me: PlayerId, contacts: &Contacts) -> Option<Command> {
    let leave = |with| Command::BreakAlliance(BreakAlliance { with });
    let allied = |p: &PlayerId| *p != me && view.friendly(me, *p);
    let threat = leader(view, me)
        .filter(|p| allied(p) && view.territory_count(*p) * 4 > view.land_to_win() * 3);
    if let Some(with) = threat {
        return Some(leave(with));
    }
    if enemies(view, me).next().is_some() {
        return None;
    }
    let land = |p: PlayerId| view.territory_count(p);
    let weaker = contacts.keys().copied().filter(|p| allied(p) && land(*p) <= land(me));
    weaker.min_by_key(|p| land(*p)).map(leave)
}

/// Asks to extend, or agrees to, what would end soon and is still wanted.
fn extend(view: &View<'_>, me: PlayerId, wishes: &mut Vec<Command>) {
    let soon = view.tick().after(view.rules().diplomacy.proposal_ticks / 2);
    let useful = enemies(view, me).next().is_some();
    let allies = view.players().filter(|p| view.alliance(me, *p).is_some_and(|until| until < soon));
    for with in allies.filter(|with| useful && Some(*with) != leader(view, me)) {
        let wish = Command::ExtendAlliance(ExtendAlliance { with });
        wishes.extend(view.validate(wish).is_ok().then_some(wish));
    }
}
