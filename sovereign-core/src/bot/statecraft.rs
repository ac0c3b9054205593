//! Whom to fight, whom to ask, whom to leave: diplomacy that bots share.

use alloc::collections::{BTreeMap, BTreeSet};
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

impl Statecraft {
    /// Proposals, answers and breaches of one who looks at these own lands and fights `prey`
    /// first.
    pub(super) fn confer(
        &mut self,
        view: &View<'_>,
        me: PlayerId,
        prey: Option<PlayerId>,
        land: &[TerritoryId],
        wishes: &mut Vec<Command>,
    ) {
        self.prey = prey;
        self.answer(view, me, wishes);
        self.propose(view, me, wishes);
        extend(view, me, wishes);
        wishes.extend(breach(view, me, outlived(view, me, land)));
    }

    /// Keeps to its prey as long as it is there to be fought; the leader, a traitor or the
    /// weakest neighbour else.
    pub(super) fn choose_prey(
        &self,
        view: &View<'_>,
        me: PlayerId,
        land: &[TerritoryId],
    ) -> Option<PlayerId> {
        let contacts = contacts(view, me, land);
        let leader = leader(view, me);
        let open = |p: &PlayerId| is_enemy(view, me, *p) && contacts.contains(p);
        let ease = |p: &PlayerId| {
            let dangerous = Some(*p) == leader;
            (!dangerous, !view.is_traitor(*p), view.territory_count(*p), after(view, me, *p))
        };
        let best = || contacts.iter().copied().filter(open).min_by_key(ease);
        let kept = || self.prey.filter(open);
        leader.filter(open).or_else(kept).or_else(best)
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
    view.players().filter(move |p| is_enemy(&view, me, *p))
}

pub(super) fn is_enemy(view: &View<'_>, me: PlayerId, other: PlayerId) -> bool {
    view.is_playing(other) && !view.friendly(me, other)
}

/// Another player who has the most land, more than half of what wins.
fn leader(view: &View<'_>, me: PlayerId) -> Option<PlayerId> {
    let most = |p: &PlayerId| (view.territory_count(*p), core::cmp::Reverse(*p));
    let first = view.players().filter(|p| view.is_playing(*p)).max_by_key(most)?;
    let close = view.territory_count(first) * 2 > view.land_to_win();
    (close && first != me).then_some(first)
}

/// Players that these lands touch.
fn contacts(view: &View<'_>, me: PlayerId, land: &[TerritoryId]) -> BTreeSet<PlayerId> {
    let edges = land.iter().flat_map(|id| view.map().edges(*id));
    edges.filter_map(|edge| view.owner(edge.to)).filter(|owner| *owner != me).collect()
}

/// The end of the alliance with somebody, if there is one that can end.
fn breach(view: &View<'_>, me: PlayerId, with: Option<PlayerId>) -> Option<Command> {
    let with = with.filter(|with| view.friendly(me, *with))?;
    let wish = Command::BreakAlliance(BreakAlliance { with });
    view.validate(wish).is_ok().then_some(wish)
}

/// The alliance that has had its day: with one who is about to win, or when there is nobody
/// else left to fight: then the stronger of the two ends it.
fn outlived(view: &View<'_>, me: PlayerId, land: &[TerritoryId]) -> Option<PlayerId> {
    let allied = |p: &PlayerId| *p != me && view.friendly(me, *p);
    let about_to_win = |p: &PlayerId| view.territory_count(*p) * 4 > view.land_to_win() * 3;
    let threat = leader(view, me).filter(|p| allied(p) && about_to_win(p));
    if threat.is_some() || enemies(view, me).next().is_some() {
        return threat;
    }
    let land_of = |p: &PlayerId| view.territory_count(*p);
    let weaker = |p: &PlayerId| allied(p) && land_of(p) <= land_of(&me);
    let least = |p: &PlayerId| (land_of(p), after(view, me, *p));
    contacts(view, me, land).into_iter().filter(weaker).min_by_key(least)
}

/// How many seats somebody sits after another, round the table: decides between equals, so
/// that no seat is everybody's first choice.
fn after(view: &View<'_>, me: PlayerId, other: PlayerId) -> usize {
    let seats = view.players().count();
    (other.index() + seats - me.index()) % seats
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::game::Game;
    use crate::map::generate::grid;
    use crate::rng::Seed;
    use crate::rules::Rules;

    #[test]
    fn every_seat_is_somebodys_first_choice_among_equals() {
        let rules = Rules::preset("classic").expect("shipped").into();
        let game = Game::new(grid(4, 4).into(), rules, Seed::from(1), 4).expect("four fit");
        let view = game.view(None);
        let first = |me: PlayerId| {
            let others = view.players().filter(|other| *other != me);
            others.min_by_key(|other| after(&view, me, *other))
        };
        let firsts: BTreeSet<_> = view.players().filter_map(first).collect();
        assert_eq!(firsts.len(), 4);
    }
}
