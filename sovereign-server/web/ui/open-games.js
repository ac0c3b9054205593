// The public games, those that can be joined before those that can be watched: filtered, sorted,
// and as they are now.

import { button, h, refresh } from './dom.js';
import { presetWords } from './game-form.js';
import { listGames, listMaps, listRules } from '../net/api.js';
import { follow } from '../net/news.js';
import { ticksAsTime } from '../words.js';

const SORTS = [['newest', 'Newest first'], ['oldest', 'Waiting longest'], ['fullest', 'Nearly full'], ['largest', 'Largest']];
const LISTED = 30;

const isOpen = ({ status, seats }) => status === 'lobby' && seats.some(({ kind }) => kind === 'open');
const isWatchable = ({ status, watching }) => status === 'running' && watching.view !== 'none';

export class OpenGames {
  /** @param join called with the id of a game to enter */
  constructor(join) {
    this.join = join;
    const choice = (label, options) => h('select', { 'aria-label': label, on: { change: () => this.search() } },
      options.map(([value, text]) => h('option', { value }, text)));
    this.map = choice('Map', [['', 'All maps']]);
    this.rules = choice('Game', [['', 'All games']]);
    this.sort = choice('Order', SORTS);
    this.list = h('ul', { class: 'list', 'aria-live': 'polite' });
    this.element = h('div', { class: 'open-games' }, h('div', { class: 'filters' }, this.map, this.rules, this.sort), this.list);
    this.offer();
    this.search();
  }

  async offer() {
    const [maps, presets] = await Promise.all([listMaps(), listRules()]).catch(() => [[], []]);
    this.titles = new Map(maps.map(({ name, title }) => [name, title ?? name]));
    this.map.append(...maps.map(({ name, title }) => h('option', { value: name }, title ?? name)));
    this.rules.append(...presets.map(({ name }) => h('option', { value: name }, presetWords(name).split(':')[0])));
    if (this.games) this.show(this.games);
  }

  search() {
    this.stop?.();
    const wish = { map: this.map.value, rules: this.rules.value, sort: this.sort.value };
    this.stop = follow((since, signal) => listGames({ ...wish, since }, signal), ({ games }) => this.show([...games.filter(isOpen), ...games.filter(isWatchable)]), (error) => this.say(error.message));
  }

  say(text) {
    refresh(this.list, text, () => h('li', { class: 'none' }, text));
  }

  show(games) {
    this.games = games;
    const wanted = this.map.value || this.rules.value;
    if (games.length === 0) return this.say(wanted ? 'No such game is waiting right now.' : 'Nobody is waiting right now. Open a lobby and send the code to a friend.');
    return refresh(this.list, JSON.stringify([games, [...this.titles ?? []]]), () => games.slice(0, LISTED).map((game) => this.row(game)));
  }

  row({ id, map, rules, seats, status, tick }) {
    if (status === 'running') return this.running(id, map, seats, tick);
    const host = seats.find((seat) => seat.host)?.name ?? '';
    const taken = seats.filter((seat) => seat.kind !== 'open').length;
    const title = this.titles?.get(map) ?? map;
    const game = rules === 'custom' ? 'rules of their own' : presetWords(rules).split(':')[0];
    return h('li', {}, h('span', { class: 'what' }, `${host}: ${title}`, h('small', {}, `${game} · ${taken} of ${seats.length} seats taken`)),
      button('Join', () => this.join(id), { class: 'btn small', 'aria-label': `Join ${host}` }));
  }

  running(id, map, seats, tick) {
    const people = seats.filter(({ kind }) => kind === 'person').map(({ name }) => name).join(', ');
    return h('li', {}, h('span', { class: 'what' }, `${people || 'Bots'}: ${this.titles?.get(map) ?? map}`, h('small', {}, `is being played, ${ticksAsTime(tick ?? 0)}`)),
      h('a', { class: 'btn small', href: `#/game/${id}` }, 'Watch'));
  }

  close() {
    this.stop();
  }
}
