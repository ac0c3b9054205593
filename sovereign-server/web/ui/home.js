// The start: play now, choose a game, join friends, watch what was.

import { AccountBar } from './account.js';
import { button, h } from './dom.js';
import { Backdrop } from './backdrop.js';
import { botsOf, GameForm } from './game-form.js';
import { OpenGames } from './open-games.js';
import { PartyCard } from './party.js';
import { RankedCard } from './ranked.js';
import { createGame, forget, gameInfo, joinGame, listReplays, myReplays, rememberedGames } from '../net/api.js';
import { hasSession, rename, session, storedName } from '../net/session.js';
import { ticksAsTime } from '../words.js';

const POLL_MS = 8000;
const LISTED = 8;

export class Home {
  /** @param wish the code of a game to `join`, or the invitation to a `party` */
  constructor(host, go, { join: code = '', party = '' } = {}) {
    Object.assign(this, { host, go });
    host.className = 'home';
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.own = h('nav', { class: 'own', 'aria-label': 'Your games', hidden: true });
    this.replays = h('ul', { class: 'list' });
    this.mine = h('ul', { class: 'list' });
    this.form = new GameForm();
    this.open = new OpenGames((id) => this.join(id));
    this.ranked = new RankedCard((id) => this.enter(id));
    this.party = new PartyCard((id) => this.enter(id), (queue) => this.ranked.hear(queue));
    this.backdrop = new Backdrop();
    this.account = new AccountBar();
    host.replaceChildren(this.backdrop.element, this.account.element, h('div', { class: 'home-inner' },
      h('header', { class: 'masthead' }, h('h1', {}, 'Sovereign Lines'), h('p', {}, 'Take land. Keep your word, or break it. Hold the map.')),
      this.quick(), this.own, this.trouble, h('div', { class: 'columns' },
        h('div', {}, this.ranked.element, this.openGames()), h('div', {}, this.ownGame()), h('div', {}, this.friends(code), this.past()))));
    this.loadLists();
    this.timer = setInterval(() => this.loadLists(), POLL_MS);
    this.rename = () => this.showName();
    session.addEventListener('change', this.rename);
    if (code) this.join(code);
    if (party) this.joinParty(party);
  }

  quick() {
    this.name = h('input', { id: 'name', maxLength: 24, value: storedName(), placeholder: 'Guest', autocomplete: 'nickname', on: { change: () => this.attempt(() => rename(this.name.value.trim())) } });
    this.playNow = button('Play now', () => this.attempt(() => this.play({ map: 'world', bots: botsOf('mixed', 5), private: true }), this.playNow), { class: 'btn primary huge', id: 'play-now' });
    return h('section', { class: 'quick' }, this.playNow, h('p', { class: 'facts' }, 'The whole world against five bots. No account needed.'),
      h('label', { class: 'field name' }, h('span', {}, 'Your name'), this.name));
  }

  ownGame() {
    const create = button('Open the lobby', () => this.attempt(() => this.lobby(), create), { class: 'btn' });
    const begin = button('Start at once', () => this.attempt(() => this.play(this.form.options()), begin), { class: 'btn primary' });
    return h('section', { class: 'block glass' }, h('h2', {}, 'Your own game'), this.form.element, h('div', { class: 'actions' }, begin, create));
  }

  friends(code) {
    this.code = h('input', { id: 'code', value: code, maxLength: 40, placeholder: 'Code', autocapitalize: 'characters', autocomplete: 'off' });
    const join = button('Join', () => this.join(this.code.value.trim()), { class: 'btn primary' });
    const form = h('form', { class: 'join', on: { submit: (event) => { event.preventDefault(); join.click(); } } }, this.code, join);
    return h('section', { class: 'block glass' }, h('h2', {}, 'With friends'),
      h('label', { class: 'field', htmlFor: 'code' }, h('span', {}, 'Join by code or link')), form, this.party.element);
  }

  openGames() {
    return h('section', { class: 'block glass', id: 'open-games' }, h('h2', {}, 'Open games'), this.open.element);
  }

  past() {
    return h('section', { class: 'block glass' }, h('h2', {}, 'Replays'),
      this.mineTitle = h('h3', { hidden: true }, 'Yours'), this.mine, h('h3', {}, 'Public games'), this.replays);
  }

  /** Does something that may fail, and says so. */
  async attempt(task, control = null) {
    this.trouble.textContent = '';
    if (control) control.disabled = true;
    try {
      await task();
    } catch (error) {
      this.trouble.textContent = error.message;
    }
    if (control) control.disabled = false;
  }

  async play(options) {
    const { id } = await createGame({ ...options, start: true });
    this.go(`#/game/${id}`);
  }

  async lobby() {
    const { id } = await createGame(this.form.options(Math.max(1, this.party.companions)));
    if (this.party.companions > 0) await joinGame(id, true);
    this.enter(id);
  }

  enter(id) {
    this.go(`#/game/${id}`);
  }

  /** The invitation is used up with the address that holds it. */
  joinParty(token) {
    window.history.replaceState(null, '', '#/');
    this.attempt(() => this.party.join(token));
  }

  join(text) {
    const code = text.split('/').pop().trim();
    if (!code) return;
    this.attempt(async () => {
      const { id } = await joinGame(code, this.party.companions > 0);
      this.enter(id);
    });
  }

  async loadLists() {
    await this.loadOwn();
    await this.fill(this.replays, listReplays, (replay) => this.replay(replay), 'Public games that have ended can be watched here.');
    await this.loadMine();
  }

  /** Replays of whoever plays here, private ones too. */
  async loadMine() {
    if (!hasSession()) {
      this.mineTitle.hidden = true;
      this.mine.replaceChildren();
      return;
    }
    await this.fill(this.mine, myReplays, (replay) => this.replay(replay), '');
    this.mineTitle.hidden = !this.mine.querySelector('a');
  }

  /** Games of this browser that still run. */
  async loadOwn() {
    if (!hasSession()) {
      this.own.hidden = true;
      return;
    }
    const found = await Promise.all(rememberedGames().map((id) => gameInfo(id).catch((error) => {
      if (error.status === 404) forget(id);
      return null;
    })));
    const running = found.filter((game) => game && game.you !== null && ['lobby', 'running'].includes(game.status));
    this.own.hidden = running.length === 0;
    this.own.replaceChildren(...running.map((game) => h('a', { class: 'btn', href: `#/game/${game.id}` },
      game.status === 'lobby' ? `Back to your lobby ${game.code}` : `Back to your game: ${game.map}, ${ticksAsTime(game.tick ?? 0)}`)));
  }

  async fill(list, load, row, none) {
    try {
      const rows = (await load()).slice(0, LISTED).map(row);
      const key = rows.map((one) => one.textContent).join('|');
      if (list.dataset.shown === key && list.children.length > 0) return;
      list.dataset.shown = key;
      list.replaceChildren(...(rows.length || !none ? rows : [h('li', { class: 'none' }, none)]));
    } catch (error) {
      list.replaceChildren(h('li', { class: 'none' }, error.message));
    }
  }

  replay({ id, ended_ms: ended, game, names }) {
    const when = new Date(ended).toLocaleString([], { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
    const winner = names.find(({ player }) => player === game.winner)?.name;
    return h('li', {}, h('span', { class: 'what' }, winner ? `${winner} won` : game.reason ? 'Nobody won' : 'Broken off', h('small', {}, `${game.map}, ${ticksAsTime(game.ticks)} · ${when}`)),
      h('a', { class: 'btn small', href: `#/replay/${id}` }, 'Watch'));
  }

  /** The name of whoever plays here now, unless one is being typed. */
  showName() {
    if (document.activeElement !== this.name) this.name.value = storedName();
    this.loadOwn();
  }

  close() {
    clearInterval(this.timer);
    this.open.close();
    this.ranked.close();
    this.party.close();
    session.removeEventListener('change', this.rename);
    this.account.close();
    this.backdrop.close();
  }
}
