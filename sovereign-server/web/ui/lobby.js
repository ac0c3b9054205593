// Before the game: who is there, what it will be like, and how friends join.

import { Backdrop } from './backdrop.js';
import { copyButton } from './clipboard.js';
import { button, h, refresh, setText } from './dom.js';
import { GameForm, presetWords } from './game-form.js';
import { styleOf } from '../map/palette.js';
import {
  changeGame, chooseTeam, gameInfo, gameSettings, handOver, joinGame, kick, leaveGame, startGame,
} from '../net/api.js';
import { follow } from '../net/news.js';

export class Lobby {
  /** @param begun called when the game has begun */
  constructor(host, info, go, begun) {
    Object.assign(this, { host, info, go, begun });
    host.className = 'home';
    this.backdrop = new Backdrop();
    this.seats = h('ol', { class: 'seats' });
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.waiting = h('p', { class: 'facts' });
    this.about = h('p', { class: 'map-title' });
    this.form = new GameForm((changes) => this.attempt(() => changeGame(info.id, changes)));
    this.settings = h('details', { class: 'settings' }, h('summary', {}, 'Settings'), this.form.element);
    this.start = button('Start the game', () => this.attempt(() => startGame(info.id)), { class: 'btn primary big', id: 'start' });
    this.join = button('Take a seat', () => this.attempt(() => joinGame(info.id)), { class: 'btn primary big' });
    host.replaceChildren(this.backdrop.element, h('section', { class: 'lobby glass', 'aria-label': 'Lobby' },
      h('h1', {}, 'Lobby'), this.about, this.invitation(info.code), this.seats, this.settings, this.trouble,
      h('div', { class: 'actions' }, this.start, this.join, button('Leave', () => this.leave(), { class: 'btn' })), this.waiting));
    this.show(info);
    this.form.ready.then(() => this.closed || this.show(this.info));
    this.stop = follow((since, signal) => gameInfo(info.id, since, signal), (news) => this.hear(news), (error) => this.lost(error));
  }

  invitation(code) {
    const link = `${window.location.origin}/#/join/${code}`;
    return h('div', { class: 'invitation' }, h('p', {}, 'Friends join with this code or link:'), h('output', { class: 'code' }, code),
      h('p', { class: 'link' }, link), copyButton(link));
  }

  async attempt(task) {
    setText(this.trouble, '');
    this.start.disabled = true;
    try {
      this.hear(await task());
    } catch (error) {
      setText(this.trouble, error.message);
      this.arrange();
    }
    this.start.disabled = this.tooFew;
  }

  async leave() {
    this.stop();
    if (this.info.you !== null) await leaveGame(this.info.id).catch(() => null);
    this.go('#/');
  }

  hear(info) {
    if (this.closed) return;
    if (info.status === 'lobby') this.show(info);
    else this.begun(info);
  }

  lost(error) {
    if (error.status === 404) this.stop();
    setText(this.trouble, error.status === 404 ? 'This lobby is gone: everybody has left, or nobody began the game for long.' : error.message);
  }

  get hosting() {
    const { seats, you } = this.info;
    return seats.some((seat) => seat.host && seat.seat === you);
  }

  show(info) {
    const seated = this.info.you !== null;
    this.info = info;
    const free = info.seats.some((seat) => seat.kind === 'open');
    const count = info.seats.filter((seat) => seat.kind !== 'open').length;
    this.tooFew = count < 2;
    this.start.hidden = !this.hosting;
    this.start.disabled = this.tooFew;
    this.join.hidden = info.you !== null || !free;
    const rules = info.rules === 'custom' ? 'rules of its own' : presetWords(info.rules);
    setText(this.about, `${this.form.titleOf(info.map)} · ${rules}${info.private ? ' · only with the code' : ''}`);
    setText(this.waiting, seated && info.you === null ? 'The host has put you out of this game.' : this.waitingWords(count, free));
    refresh(this.seats, JSON.stringify([info.seats, this.hosting]), () => info.seats.map((seat) => this.seat(seat)));
    this.settings.hidden = !this.hosting;
    this.arrange();
  }

  /** Shows the host what stands. */
  async arrange() {
    if (!this.hosting) return;
    const settings = await gameSettings(this.info.id).catch(() => null);
    if (settings && !this.closed) this.form.show(settings);
  }

  waitingWords(seated, free) {
    if (!this.hosting) return 'The game begins when the host starts it.';
    if (seated < 2) return 'At least two must play.';
    return free ? 'You can start now: open seats stay empty.' : 'Everybody is here.';
  }

  seat({ seat, kind, name, host, team }) {
    const { colour, symbol } = styleOf(seat);
    const badge = h('span', { class: 'badge', 'aria-hidden': 'true' }, kind === 'open' ? '' : symbol);
    if (kind !== 'open') badge.style.background = colour;
    const mine = seat === this.info.you;
    return h('li', { class: `seat ${kind} ${mine ? 'me' : ''}` }, badge, h('span', { class: 'name' }, kind === 'open' ? 'open seat' : name),
      mine ? h('small', {}, 'you') : null, host ? h('small', {}, 'host') : null, kind === 'bot' ? h('small', {}, 'bot') : null,
      h('span', { class: 'seat-tools' }, this.teamOf(seat, kind, name, team, mine), kind === 'person' && !mine && this.hosting ? this.powers(seat, name) : null));
  }

  /** The team: as a choice for whoever may choose. */
  teamOf(seat, kind, name, team, mine) {
    const { id, teams } = this.info;
    if (teams === 0 || kind === 'open') return null;
    if (!mine && !this.hosting) return h('small', {}, `team ${team}`);
    const choose = h('select', { 'aria-label': `Team of ${name}`, on: { change: () => this.attempt(() => chooseTeam(id, seat, Number(choose.value))) } },
      Array.from({ length: teams }, (_, at) => h('option', { value: String(at + 1) }, `Team ${at + 1}`)));
    choose.value = String(team);
    return choose;
  }

  powers(seat, name) {
    const { id } = this.info;
    return [
      button('Make host', () => this.attempt(() => handOver(id, seat)), { class: 'btn quiet small', 'aria-label': `Make ${name} the host` }),
      button('Kick', () => this.attempt(() => kick(id, seat)), { class: 'btn quiet small', 'aria-label': `Kick ${name}` }),
    ];
  }

  close() {
    this.closed = true;
    this.stop();
    this.backdrop.close();
  }
}
