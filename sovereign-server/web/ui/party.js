// A party: friends who enter lobbies and the ranked queue together, behind whoever leads.

import { copyButton } from './clipboard.js';
import { button, h, refresh, setText } from './dom.js';
import {
  closeParty, foundParty, inviteToParty, joinParty, kickMember, leadParty, leaveParty, partyInfo,
} from '../net/api.js';
import { follow } from '../net/news.js';
import { hasSession } from '../net/session.js';

export class PartyCard {
  /**
   * @param enter called with the id of a game that the party has entered
   * @param search called with how the party's search for a ranked game stands
   */
  constructor(enter, search) {
    Object.assign(this, { enter, search, party: null, link: null, stop: null });
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.body = h('div', { class: 'party-body' });
    this.element = h('section', { class: 'party', 'aria-label': 'Party' }, h('h3', {}, 'Party'), this.body, this.trouble);
    this.show();
    if (hasSession()) this.follow();
  }

  /** How many others a leader takes along. */
  get companions() {
    const me = this.party?.members.find(({ member }) => member === this.party.you);
    return me?.leader ? this.party.members.length - 1 : 0;
  }

  follow() {
    this.stop?.();
    this.stop = follow(partyInfo, (news) => this.told(news), (error) => setText(this.trouble, error.message));
  }

  told({ party, queue }) {
    const before = this.party;
    this.party = party;
    if (!party) {
      // Nothing to wait for: it is asked again when there is a party.
      this.stop?.();
      this.stop = null;
      this.link = null;
      if (before) setText(this.trouble, this.left ? '' : 'You are no longer in the party.');
    }
    if (party?.invited_s === null) this.link = null;
    this.show();
    this.search(queue);
    // Only what is entered from now on is followed: a game of before may be over.
    if (before && party?.game && party.game !== before.game && this.companions === 0) this.enter(party.game);
  }

  async attempt(task) {
    setText(this.trouble, '');
    try {
      await task();
      if (!this.stop) this.follow();
    } catch (error) {
      setText(this.trouble, error.message);
    }
  }

  async join(token) {
    await joinParty(token);
    this.follow();
  }

  found() {
    this.attempt(async () => {
      await foundParty();
      await this.invite();
    });
  }

  async invite() {
    const { link } = await inviteToParty();
    this.link = `${window.location.origin}${link}`;
    this.show();
  }

  leave() {
    this.left = true;
    this.attempt(leaveParty);
  }

  show() {
    refresh(this.body, JSON.stringify([this.party?.members, this.party?.invited_s === null, this.link, this.party?.you]), () => (this.party ? this.inside() : this.outside()));
  }

  outside() {
    return [
      h('p', { class: 'facts' }, 'Enter lobbies and ranked team games together.'),
      button('Start a party', () => this.found(), { class: 'btn', id: 'found-party' }),
    ];
  }

  inside() {
    const leads = this.party.members.some(({ member, leader }) => leader && member === this.party.you);
    return [
      h('ul', { class: 'members' }, this.party.members.map((member) => this.member(member, leads))),
      leads ? this.invitation() : h('p', { class: 'facts' }, 'You follow the leader into games.'),
      h('div', { class: 'actions' }, button('Leave the party', () => this.leave(), { class: 'btn small' })),
    ];
  }

  member({ member, name, leader }, leads) {
    const mine = member === this.party.you;
    const powers = leads && !mine ? [
      button('Make leader', () => this.attempt(() => leadParty(member)), { class: 'btn quiet small', 'aria-label': `Make ${name} the leader` }),
      button('Kick', () => this.attempt(() => kickMember(member)), { class: 'btn quiet small', 'aria-label': `Kick ${name}` }),
    ] : [];
    return h('li', {}, h('span', { class: 'name' }, name), mine ? h('small', {}, 'you') : null, leader ? h('small', {}, 'leads') : null, h('span', { class: 'seat-tools' }, powers));
  }

  invitation() {
    if (!this.link) return button(this.party.invited_s === null ? 'Invite friends' : 'New invitation', () => this.attempt(() => this.invite()), { class: 'btn small' });
    return h('div', { class: 'party-link' }, h('p', { class: 'facts' }, 'Whoever has this link can join for an hour:'), h('p', { class: 'link' }, this.link),
      h('div', { class: 'actions' }, copyButton(this.link), button('Take it back', () => this.attempt(closeParty), { class: 'btn quiet' })));
  }

  close() {
    this.stop?.();
  }
}
