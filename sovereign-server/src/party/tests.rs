use std::time::Duration;

use super::*;
use crate::config::Config;
use crate::store::Account;

fn parties(limits: Limits) -> Parties {
    Parties::new(Live::new(Config { limits, ..Config::default() }))
}

fn entrant(name: &str) -> Entrant {
    let account = Account::guest(Uuid::new_v4(), name.to_owned());
    Entrant { account, guest: true }
}

fn code(result: Result<impl std::fmt::Debug, ApiError>) -> &'static str {
    result.unwrap_err().code
}

#[tokio::test(start_paused = true)]
async fn an_invitation_is_good_for_one_party_for_a_while_until_it_is_taken_back() {
    let parties = parties(Limits::default());
    let (ada, bob, cy) = (entrant("Ada"), entrant("Bob"), entrant("Cy"));
    parties.found(ada.clone()).unwrap();
    let first = parties.invite(ada.account.id).unwrap().token;
    let second = parties.invite(ada.account.id).unwrap().token;
    assert_eq!(code(parties.join(bob.clone(), &first)), "no_invitation", "it was replaced");
    assert_eq!(code(parties.join(bob.clone(), "guess")), "no_invitation");
    assert_eq!(parties.join(bob.clone(), &second).unwrap(), Some(ada.account.id));
    assert_eq!(parties.join(bob.clone(), &second).unwrap(), None);
    assert_eq!(parties.look(ada.account.id).unwrap().members.len(), 2, "twice is once");
    assert_eq!(code(parties.invite(bob.account.id)), "not_the_leader");
    parties.revoke(ada.account.id).unwrap();
    assert_eq!(code(parties.join(cy.clone(), &second)), "no_invitation", "it was taken back");
    let third = parties.invite(ada.account.id).unwrap();
    tokio::time::advance(Duration::from_secs(third.expires_s)).await;
    assert_eq!(code(parties.join(cy.clone(), &third.token)), "no_invitation", "it has expired");
    parties.found(cy.clone()).unwrap();
    let other = parties.invite(cy.account.id).unwrap().token;
    assert_eq!(code(parties.join(bob, &other)), "in_party");
}

#[tokio::test(start_paused = true)]
async fn leaders_put_out_hand_on_and_leave() {
    let parties = parties(Limits::default());
    let (ada, bob, cy) = (entrant("Ada"), entrant("Bob"), entrant("Cy"));
    parties.found(ada.clone()).unwrap();
    let token = parties.invite(ada.account.id).unwrap().token;
    parties.join(bob.clone(), &token).unwrap();
    parties.join(cy.clone(), &token).unwrap();
    assert_eq!(code(parties.kick(bob.account.id, 3)), "not_the_leader");
    assert_eq!(code(parties.kick(ada.account.id, 1)), "not_found", "not oneself");
    parties.kick(ada.account.id, 3).unwrap();
    assert!(parties.look(cy.account.id).is_none());
    assert_eq!(code(parties.join(cy, &token)), "no_invitation", "the link went with Cy");
    parties.hand_over(ada.account.id, 2).unwrap();
    let people = parties.people(bob.account.id).unwrap().unwrap();
    let names: Vec<String> = people.iter().map(|one| one.account.name.clone()).collect();
    assert_eq!(names, ["Bob", "Ada"], "the leader first");
    parties.leave(bob.account.id);
    assert!(parties.look(ada.account.id).unwrap().members[0].leader, "the next one leads");
    parties.leave(ada.account.id);
    assert!(parties.state().groups.is_empty() && parties.state().of.is_empty());
}

#[tokio::test(start_paused = true)]
async fn parties_are_bounded_in_number_size_and_time() {
    let limits = Limits { parties: 1, party_people: 2, party_idle_s: 60, ..Limits::default() };
    let parties = parties(limits);
    let (ada, bob) = (entrant("Ada"), entrant("Bob"));
    parties.found(ada.clone()).unwrap();
    parties.found(ada.clone()).unwrap();
    assert_eq!(code(parties.found(bob.clone())), "unavailable");
    let token = parties.invite(ada.account.id).unwrap().token;
    parties.join(bob.clone(), &token).unwrap();
    assert_eq!(code(parties.join(entrant("Cy"), &token)), "full");
    tokio::time::advance(Duration::from_secs(50)).await;
    assert!(parties.look(bob.account.id).is_some());
    tokio::time::advance(Duration::from_secs(50)).await;
    parties.clear();
    assert!(parties.look(bob.account.id).is_some(), "Bob has asked meanwhile");
    tokio::time::advance(Duration::from_secs(61)).await;
    parties.clear();
    let state = parties.state();
    assert!(state.groups.is_empty() && state.of.is_empty() && state.invitations.is_empty());
}

#[tokio::test(start_paused = true)]
async fn members_follow_the_leader_into_a_game() {
    let parties = parties(Limits::default());
    let (ada, bob) = (entrant("Ada"), entrant("Bob"));
    parties.found(ada.clone()).unwrap();
    let token = parties.invite(ada.account.id).unwrap().token;
    parties.join(bob.clone(), &token).unwrap();
    let (game, mut waiting) = (GameId::now_v7(), parties.watch(bob.account.id).unwrap());
    waiting.mark_unchanged();
    parties.moved(bob.account.id, game);
    assert!(!waiting.has_changed().unwrap(), "only the leader leads");
    parties.moved(ada.account.id, game);
    assert!(waiting.has_changed().unwrap());
    assert_eq!(parties.look(bob.account.id).unwrap().game, Some(game));
    assert!(parties.people(entrant("Cy").account.id).unwrap().is_none());
}
