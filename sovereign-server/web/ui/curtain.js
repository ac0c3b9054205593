// What covers the game: it is paused, the connection is gone, it is open elsewhere, it is over.

import { button, h, refresh } from './dom.js';
import { isOut } from '../state/view.js';
import { styleOf } from '../map/palette.js';
import { endWords, namesOf, PAUSE_WORDS } from '../words.js';

const CLOSED = {
  4003: ['This game is open in another tab', 'Only one tab can play at a time.', 'Play here'],
  4004: ['There is no such game', 'It may have ended long ago, or the link is incomplete.', null],
  4005: ['You have no seat in this game', 'Ask whoever invited you for the code. This game can be watched when it is over.', null],
  4006: ['You have been logged out', 'Your session was ended, here or on another device. Log in again to take your seat back.', null],
  4000: ['This page and the server do not understand each other', 'Reload the page; it may be older than the server.', 'Reload'],
  4011: ['There is a newer version', 'This page is older than the server. Reload it to play on.', 'Reload'],
};

export class Curtain {
  /** @param on `again()` reconnects, `home()`, `replay()`, `rematch()` */
  constructor(client, on) {
    Object.assign(this, { client, on, ended: null, dismissed: false });
    this.element = h('div', { class: 'curtain', hidden: true });
  }

  refresh(census) {
    const state = this.state();
    this.element.hidden = state === null;
    this.element.classList.toggle('light', state === 'waiting' || state === 'connecting');
    if (state === null) return;
    refresh(this.element, `${state} ${this.closed?.code} ${this.client.paused} ${JSON.stringify(this.client.mirror?.game)}`, () => this.content(state, census));
  }

  state() {
    const { client } = this;
    if (this.closed && client.mirror?.game.phase !== 'finished') return 'closed';
    if (client.mirror?.game.phase === 'finished') return this.dismissed ? null : 'finished';
    if (client.paused) return 'paused';
    if (this.isOut() && !this.stays) return 'out';
    if (client.connection === 'waiting') return 'waiting';
    return client.connection === 'connecting' && client.mirror ? 'connecting' : null;
  }

  isOut() {
    const { mirror, me } = this.client;
    return Boolean(mirror) && me >= 0 && isOut(mirror.players[me]);
  }

  /** The player is out, and may stay to watch. */
  out() {
    const { place } = this.client.mirror.players[this.client.me];
    const stay = () => {
      this.stays = true;
      this.element.hidden = true;
    };
    return this.card('You are out', `You reached place ${place}. The others play on, and you may watch.`,
      button('Watch', stay, { class: 'btn primary' }), button('Back to the start', this.on.home, { class: 'btn' }));
  }

  content(state, census) {
    if (state === 'out') return this.out();
    if (state === 'finished') return this.finale(census);
    if (state === 'closed') return this.gone();
    if (state === 'paused') return this.card('Paused', PAUSE_WORDS[this.client.paused] ?? 'The game is paused.');
    return this.card('Connection lost', 'Coming back … Your land is safe, and what you ordered is not forgotten.');
  }

  card(title, text, ...actions) {
    return h('div', { class: 'card glass', role: 'alertdialog', 'aria-label': title }, h('h2', {}, title), h('p', {}, text),
      actions.length ? h('div', { class: 'actions' }, actions) : null);
  }

  gone() {
    const [title, text, again] = CLOSED[this.closed.code] ?? ['The connection has ended', this.closed.reason || 'The server closed it.', 'Try again'];
    return this.card(title, text, again && button(again, again === 'Reload' ? () => window.location.reload() : this.on.again, { class: 'btn primary' }), button('Back to the start', this.on.home, { class: 'btn' }));
  }

  finale(census) {
    const { client } = this;
    const { mirror, me } = client;
    const { winner } = mirror.game;
    const title = winner === me && me >= 0 ? 'Victory!' : winner === null ? 'The game is over' : `${client.nameOf(winner)} wins`;
    return h('div', { class: `card glass finale ${winner === me ? 'won' : ''}`, role: 'dialog', 'aria-label': 'The game is over' },
      h('h1', {}, title), h('p', {}, endWords(mirror.game, namesOf(client))), this.standings(census),
      h('div', { class: 'actions' },
        button('Watch the replay', this.on.replay, { class: 'btn primary' }),
        me >= 0 ? button('Rematch', this.on.rematch, { class: 'btn' }) : null,
        button('Look at the map', () => this.dismiss(), { class: 'btn' }),
        button('Back to the start', this.on.home, { class: 'btn' })));
  }

  dismiss() {
    this.dismissed = true;
    this.element.hidden = true;
  }

  standings(census) {
    const { mirror } = this.client;
    const seated = mirror.players.filter((p) => p.seat !== 'open');
    const order = (p) => (p.id === mirror.game.winner ? -1e9 : isOut(p) ? 1e6 + p.place : p.place || -census[p.id].territories);
    return h('ol', { class: 'standings' }, seated.sort((a, b) => order(a) - order(b)).map((player, at) => {
      const { colour, symbol } = styleOf(player.id);
      const badge = h('span', { class: 'badge', 'aria-hidden': 'true' }, symbol);
      badge.style.background = colour;
      const lands = census[player.id].territories;
      return h('li', { class: player.id === this.client.me ? 'me' : '' }, h('span', { class: 'place' }, `${player.place || at + 1}.`), badge,
        h('span', { class: 'name' }, this.client.nameOf(player.id)), h('span', { class: 'count' }, lands ? `${lands} lands` : player.standing === 'surrendered' ? 'gave up' : 'out'));
    }));
  }
}
