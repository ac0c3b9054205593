// The start: play now, choose a game, join friends, watch what was.

import { AccountBar } from './account.js';
import { button, h } from './dom.js';
import { Backdrop } from './backdrop.js';
import {
  createGame, fetchRules, forget, gameInfo, joinGame, listGames, listMaps, listReplays, listRules, myReplays, rememberedGames,
} from '../net/api.js';
import { hasSession, rename, session, storedName } from '../net/session.js';
import { ticksAsTime } from '../words.js';

const BOTS_MAX = 15;
const POLL_MS = 4000;
const LISTED = 8;
const BOT_KINDS = [
  ['mixed', 'Mixed: some of each'], ['random', 'Random: anything goes'], ['expander', 'Expanders: grow steadily'],
  ['opportunist', 'Opportunists: strike where it pays'], ['diplomat', 'Diplomats: make friends, and break with them'],
  ['searcher', 'Searchers: think ahead'],
];
/** What the shipped games are like; those that have no words here go by their name. */
const PRESETS = {
  classic: 'Classic: the game as it is meant', blitz: 'Blitz: a few minutes', teams: 'Teams: two sides',
  fog: 'Fog: you see what lies near', generals: 'Generals: take their capitals', dice: 'Dice: the board game, in turns',
};
/** How others may watch: as usual is live, and not at all where there is fog. */
const WATCHING = [
  ['', 'As usual'], ['{"view":"all","delay_s":60}', 'A minute later'], ['{"view":"all","delay_s":180}', 'Three minutes later'],
  ['{"view":"side","delay_s":60}', 'A minute later, one side only'], ['{"view":"none"}', 'Nobody'],
];
/** Who sits at a mixed table, in turn. */
const MIXED = ['expander', 'opportunist', 'expander', 'diplomat', 'random'];
/** The names of so many bots of a kind. */
const botsOf = (kind, count) => Array.from({ length: count }, (_, at) => (kind === 'mixed' ? MIXED[at % MIXED.length] : kind));

export class Home {
  constructor(host, go, code = '') {
    Object.assign(this, { host, go });
    host.className = 'home';
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.own = h('nav', { class: 'own', 'aria-label': 'Your games', hidden: true });
    this.games = h('ul', { class: 'list' });
    this.replays = h('ul', { class: 'list' });
    this.mine = h('ul', { class: 'list' });
    this.maps = h('select', { id: 'map', name: 'map' }, h('option', { value: 'world' }, 'The World'));
    this.backdrop = new Backdrop();
    this.account = new AccountBar();
    host.replaceChildren(this.backdrop.element, this.account.element, h('div', { class: 'home-inner' },
      h('header', { class: 'masthead' }, h('h1', {}, 'Sovereign Lines'), h('p', {}, 'Take land. Keep your word, or break it. Hold the map.')),
      this.quick(), this.own, this.trouble, h('div', { class: 'columns' }, this.ownGame(), this.friends(code), this.past())));
    this.loadLists();
    this.timer = setInterval(() => this.loadLists(), POLL_MS);
    this.loadChoices();
    this.rename = () => this.showName();
    session.addEventListener('change', this.rename);
    if (code) this.join(code);
  }

  quick() {
    this.name = h('input', { id: 'name', maxLength: 24, value: storedName(), placeholder: 'Guest', autocomplete: 'nickname', on: { change: () => this.attempt(() => rename(this.name.value.trim())) } });
    this.playNow = button('Play now', () => this.attempt(() => this.play({ map: 'world', bots: botsOf('mixed', 5), private: true }), this.playNow), { class: 'btn primary huge', id: 'play-now' });
    return h('section', { class: 'quick' }, this.playNow, h('p', { class: 'facts' }, 'The whole world against five bots. No account needed.'),
      h('label', { class: 'field name' }, h('span', {}, 'Your name'), this.name));
  }

  ownGame() {
    this.count = h('input', { id: 'bots', type: 'number', min: '0', max: String(BOTS_MAX), value: '5' });
    this.preset = h('select', { id: 'preset', on: { change: () => this.attempt(() => this.showRules()) } }, h('option', { value: 'classic' }, PRESETS.classic));
    this.kind = h('select', { id: 'kind' }, BOT_KINDS.map(([value, label]) => h('option', { value }, label)));
    this.seats = h('input', { id: 'seats', type: 'number', min: '0', max: '15', value: '0' });
    this.secret = h('input', { type: 'checkbox', checked: true });
    this.words = h('input', { id: 'words', type: 'checkbox' });
    this.watchers = h('select', { id: 'watchers' }, WATCHING.map(([value, label]) => h('option', { value }, label)));
    const create = button('Open the lobby', () => this.attempt(() => this.lobby(), create), { class: 'btn' });
    const begin = button('Start at once', () => this.attempt(() => this.play(this.options()), begin), { class: 'btn primary' });
    const field = (label, input) => h('label', { class: 'field' }, h('span', {}, label), input);
    return h('section', { class: 'block glass' }, h('h2', {}, 'Your own game'),
      field('Map', this.maps), field('Game', this.preset), field('Bots', this.count), field('Kind of bots', this.kind), field('Seats for friends', this.seats), field('Only with the code', this.secret), field('Free text chat', this.words), field('Others may watch', this.watchers), this.ownRules(),
      h('div', { class: 'actions' }, begin, create));
  }

  /** Rules as a text that can be edited; those of the chosen game to begin with. */
  ownRules() {
    this.rules = h('textarea', { id: 'rules', rows: 10, spellcheck: false, 'aria-label': 'Rules' });
    this.written = h('details', { on: { toggle: () => this.attempt(() => this.showRules()) } }, h('summary', {}, 'Rules of your own'), this.rules);
    return this.written;
  }

  /** Shows the chosen game's rules, once they are looked at, unless something of one's own is written there. */
  async showRules() {
    if (!this.written.open || this.rules.value !== (this.shippedRules ?? '')) return;
    this.shippedRules = (await fetchRules(this.preset.value)).toml;
    this.rules.value = this.shippedRules;
  }

  options(seats = 0) {
    const count = Math.min(Math.max(Number(this.count.value) || 0, 0), BOTS_MAX);
    const friends = Math.max(seats, Number(this.seats.value) || 0);
    const options = { map: this.maps.value, rules: this.preset.value, bots: botsOf(this.kind.value, count), private: this.secret.checked, chat: this.words.checked ? 'free' : 'phrases' };
    if (this.watchers.value) options.watching = JSON.parse(this.watchers.value);
    if (this.rules.value && this.rules.value !== (this.shippedRules ?? '')) options.rules = this.rules.value;
    return friends > 0 ? { ...options, seats: count + 1 + friends } : options;
  }

  friends(code) {
    this.code = h('input', { id: 'code', value: code, maxLength: 40, placeholder: 'Code', autocapitalize: 'characters', autocomplete: 'off' });
    const join = button('Join', () => this.join(this.code.value.trim()), { class: 'btn primary' });
    const form = h('form', { class: 'join', on: { submit: (event) => { event.preventDefault(); join.click(); } } }, this.code, join);
    return h('section', { class: 'block glass' }, h('h2', {}, 'With friends'),
      h('label', { class: 'field', htmlFor: 'code' }, h('span', {}, 'Join by code or link')), form,
      h('h3', {}, 'Open games'), this.games);
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
    const { id } = await createGame(this.options(1));
    this.go(`#/game/${id}`);
  }

  join(text) {
    const code = text.split('/').pop().trim();
    if (!code) return;
    this.attempt(async () => {
      const { id } = await joinGame(code);
      this.go(`#/game/${id}`);
    });
  }

  async loadChoices() {
    try {
      const maps = await listMaps();
      const presets = await listRules();
      this.preset.replaceChildren(...presets.map(({ name }) => h('option', { value: name }, PRESETS[name] ?? name)));
      this.maps.replaceChildren(...maps.map(({ name, title, territories }) => h('option', { value: name, selected: name === 'world' }, `${title ?? name} (${territories} lands)`)));
    } catch {
      // The world and the classic game are offered anyway.
    }
  }

  async loadLists() {
    await this.loadOwn();
    await this.fill(this.games, () => this.openGames(), (game) => this.openGame(game), 'Nobody is waiting right now. Open a lobby and send the code to a friend.');
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

  /** Those that can be joined, then those that can be watched. */
  async openGames() {
    const games = await listGames();
    const open = games.filter((game) => game.status === 'lobby' && game.seats.some((seat) => seat.kind === 'open'));
    return [...open, ...games.filter((game) => game.status === 'running' && game.watching.view !== 'none')];
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

  openGame({ id, map, seats, status, tick }) {
    if (status === 'running') {
      const people = seats.filter((seat) => seat.kind === 'person').map((seat) => seat.name).join(', ');
      return h('li', {}, h('span', { class: 'what' }, `${map}: ${people || 'bots'}`, h('small', {}, `is being played, ${ticksAsTime(tick ?? 0)}`)),
        h('a', { class: 'btn small', href: `#/game/${id}` }, 'Watch'));
    }
    const go = button('Join', () => this.attempt(async () => {
      await joinGame(id);
      this.go(`#/game/${id}`);
    }), { class: 'btn small' });
    const host = seats.find((seat) => seat.host)?.name ?? '';
    const taken = seats.filter((seat) => seat.kind !== 'open').length;
    return h('li', {}, h('span', { class: 'what' }, `${map}: ${host}`, h('small', {}, `${taken} of ${seats.length} seats taken`)), go);
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
    session.removeEventListener('change', this.rename);
    this.account.close();
    this.backdrop.close();
  }
}
