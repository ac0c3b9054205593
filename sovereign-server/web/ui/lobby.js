// Before the game: who is there, and how friends join.

import { Backdrop } from './backdrop.js';
import { button, h, refresh, setText } from './dom.js';
import { styleOf } from '../map/palette.js';
import { copied } from './clipboard.js';
import { gameInfo, joinGame, leaveGame, startGame } from '../net/api.js';

const POLL_MS = 1000;

export class Lobby {
  /** @param begun called when the game has begun */
  constructor(host, info, go, begun) {
    Object.assign(this, { host, info, go, begun });
    host.className = 'home';
    this.backdrop = new Backdrop();
    this.seats = h('ol', { class: 'seats' });
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.waiting = h('p', { class: 'facts' });
    this.start = button('Start the game', () => this.attempt(() => startGame(info.id)), { class: 'btn primary big', id: 'start' });
    this.join = button('Take a seat', () => this.attempt(() => joinGame(info.id)), { class: 'btn primary big' });
    host.replaceChildren(this.backdrop.element, h('section', { class: 'lobby glass', 'aria-label': 'Lobby' },
      h('h1', {}, 'Lobby'), h('p', { class: 'map-title' }, `Map: ${info.map} · rules: ${info.rules}`), this.invitation(info.code), this.seats, this.trouble,
      h('div', { class: 'actions' }, this.start, this.join, button('Leave', () => this.leave(), { class: 'btn' })), this.waiting));
    this.show(info);
    this.timer = setInterval(() => this.poll(), POLL_MS);
  }

  invitation(code) {
    const link = `${window.location.origin}/#/join/${code}`;
    const copy = button('Copy the link', async () => {
      setText(copy, await copied(link) ? 'Copied' : 'Mark the link and copy it');
    }, { class: 'btn' });
    return h('div', { class: 'invitation' }, h('p', {}, 'Friends join with this code or link:'), h('output', { class: 'code' }, code),
      h('p', { class: 'link' }, link), copy);
  }

  async attempt(task) {
    setText(this.trouble, '');
    this.start.disabled = true;
    try {
      await task();
      await this.poll();
    } catch (error) {
      setText(this.trouble, error.message);
    }
    this.start.disabled = false;
  }

  async leave() {
    if (this.info.you !== null) await this.attempt(() => leaveGame(this.info.id));
    this.go('#/');
  }

  async poll() {
    let info;
    try {
      info = await gameInfo(this.info.id);
    } catch (error) {
      setText(this.trouble, error.message);
      return;
    }
    if (this.closed) return;
    if (info.status === 'lobby') this.show(info);
    else this.begun(info);
  }

  show(info) {
    this.info = info;
    const hosting = info.seats.some((seat) => seat.host && seat.seat === info.you);
    const free = info.seats.some((seat) => seat.kind === 'open');
    const seated = info.seats.filter((seat) => seat.kind !== 'open').length;
    this.start.hidden = !hosting;
    this.start.disabled = seated < 2;
    this.join.hidden = info.you !== null || !free;
    setText(this.waiting, this.waitingWords(hosting, seated, free));
    refresh(this.seats, JSON.stringify(info.seats), () => info.seats.map((seat) => this.seat(seat)));
  }

  waitingWords(hosting, seated, free) {
    if (!hosting) return 'The game begins when the host starts it.';
    if (seated < 2) return 'At least two must play.';
    return free ? 'You can start now: open seats stay empty.' : 'Everybody is here.';
  }

  seat({ seat, kind, name, host }) {
    const { colour, symbol } = styleOf(seat);
    const badge = h('span', { class: 'badge', 'aria-hidden': 'true' }, kind === 'open' ? '' : symbol);
    if (kind !== 'open') badge.style.background = colour;
    const mine = seat === this.info.you;
    return h('li', { class: `seat ${kind} ${mine ? 'me' : ''}` }, badge, kind === 'open' ? 'open seat' : name,
      mine ? h('small', {}, 'you') : null, host && !mine ? h('small', {}, 'host') : null, kind === 'bot' ? h('small', {}, 'bot') : null);
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    this.backdrop.close();
  }
}
