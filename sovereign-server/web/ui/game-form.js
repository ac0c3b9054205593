// What a game is like: map, rules, bots and seats. On the start page for a game of one's own, in
// the lobby for its host.

import { h } from './dom.js';
import { fetchRules, listMaps, listRules } from '../net/api.js';

const BOTS_MAX = 15;
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
export const botsOf = (kind, count) => Array.from({ length: count }, (_, at) => (kind === 'mixed' ? MIXED[at % MIXED.length] : kind));

export const presetWords = (name) => PRESETS[name] ?? name;
export const mapWords = ({ name, title, territories }) => `${title ?? name} (${territories} lands)`;

const number = (id, value) => h('input', { id, type: 'number', min: '0', max: String(BOTS_MAX), value });
const within = (input) => Math.min(Math.max(Math.trunc(Number(input.value)) || 0, 0), BOTS_MAX);
const field = (label, input) => h('label', { class: 'field' }, h('span', {}, label), input);

export class GameForm {
  /** @param changed told what differs, as a host would send it */
  constructor(changed = () => {}) {
    this.map = h('select', { id: 'map', name: 'map' }, h('option', { value: 'world' }, 'The World'));
    this.preset = h('select', { id: 'preset' }, h('option', { value: 'classic' }, PRESETS.classic));
    this.count = number('bots', '5');
    this.kind = h('select', { id: 'kind' }, BOT_KINDS.map(([value, label]) => h('option', { value }, label)));
    this.seats = number('seats', '0');
    this.secret = h('input', { id: 'secret', type: 'checkbox', checked: true });
    this.words = h('input', { id: 'words', type: 'checkbox' });
    this.watchers = h('select', { id: 'watchers' }, WATCHING.map(([value, label]) => h('option', { value }, label)));
    this.element = h('div', { class: 'game-form' }, field('Map', this.map), field('Game', this.preset), field('Bots', this.count),
      field('Kind of bots', this.kind), field('Seats for friends', this.seats), field('Only with the code', this.secret), field('Free text chat', this.words), field('Others may watch', this.watchers), this.ownRules());
    const tell = (input, what) => input.addEventListener('change', () => changed(what()));
    tell(this.map, () => ({ map: this.map.value }));
    tell(this.rules, () => ({ rules: this.rules.value }));
    tell(this.count, () => ({ bots: this.bots() }));
    tell(this.kind, () => ({ bots: this.bots() }));
    tell(this.seats, () => ({ seats: within(this.seats) + 1 + within(this.count) }));
    tell(this.secret, () => ({ private: this.secret.checked }));
    tell(this.words, () => ({ chat: this.chat() }));
    tell(this.watchers, () => ({ watching: this.watching() ?? { view: 'all', delay_s: 0 } }));
    this.preset.addEventListener('change', async () => {
      const mine = this.isWritten();
      await this.showRules().catch(() => null);
      if (!mine) changed({ rules: this.preset.value });
    });
    this.ready = this.load();
  }

  /** Rules as a text that can be edited; those of the chosen game to begin with. */
  ownRules() {
    this.rules = h('textarea', { id: 'rules', rows: 10, spellcheck: false, 'aria-label': 'Rules' });
    this.written = h('details', { on: { toggle: () => this.showRules().catch(() => null) } }, h('summary', {}, 'Rules of your own'), this.rules);
    return this.written;
  }

  isWritten() {
    return this.rules.value !== '' && this.rules.value !== (this.shippedRules ?? '');
  }

  /** Shows the chosen game's rules, once they are looked at, unless something of one's own is written there. */
  async showRules() {
    if (!this.written.open || this.isWritten()) return;
    this.shippedRules = (await fetchRules(this.preset.value)).toml;
    this.rules.value = this.shippedRules;
  }

  async load() {
    try {
      const [maps, presets] = await Promise.all([listMaps(), listRules()]);
      const { value } = this.map;
      this.preset.replaceChildren(...presets.map(({ name }) => h('option', { value: name }, presetWords(name))));
      this.map.replaceChildren(...maps.map((map) => h('option', { value: map.name }, mapWords(map))));
      this.map.value = value;
    } catch {
      // The world and the classic game are offered anyway.
    }
  }

  /** What a map is called. */
  titleOf(map) {
    return [...this.map.options].find(({ value }) => value === map)?.textContent ?? map;
  }

  chat() {
    return this.words.checked ? 'free' : 'phrases';
  }

  /** How others may watch, if anything is said of it. */
  watching() {
    return this.watchers.value ? JSON.parse(this.watchers.value) : null;
  }

  bots() {
    return botsOf(this.kind.value, within(this.count));
  }

  /** What a new game is to be like, with at least so many seats for friends. */
  options(friends = 0) {
    const bots = this.bots();
    const seats = Math.max(friends, within(this.seats));
    const options = { map: this.map.value, rules: this.isWritten() ? this.rules.value : this.preset.value, bots, private: this.secret.checked, chat: this.chat() };
    const watching = this.watching();
    if (watching) options.watching = watching;
    return seats > 0 ? { ...options, seats: bots.length + 1 + seats } : options;
  }

  /** Shows what stands, except where something is being changed. */
  async show({ map, rules, bots, seats, private: secret, chat, watching }) {
    await this.ready;
    const put = (input, value) => {
      if (document.activeElement !== input) input.value = value;
    };
    put(this.map, map);
    const shipped = [...this.preset.options].some(({ value }) => value === rules);
    if (shipped) put(this.preset, rules);
    else put(this.rules, rules);
    put(this.count, bots.length);
    const kind = bots.every((bot) => bot === bots[0]) ? bots[0] : 'mixed';
    if (kind) put(this.kind, kind);
    put(this.seats, seats - bots.length - 1);
    this.secret.checked = secret;
    this.words.checked = chat === 'free';
    const same = ([value]) => value && JSON.parse(value).view === watching?.view && (JSON.parse(value).delay_s ?? watching.delay_s) === watching.delay_s;
    put(this.watchers, WATCHING.find(same)?.[0] ?? '');
  }
}
