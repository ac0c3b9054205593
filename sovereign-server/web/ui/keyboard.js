// The game by keyboard.

import { neighbourTowards } from '../map/hit.js';
import { ownerOf, troopsAt } from '../state/view.js';
import { h, setText } from './dom.js';
import { showHelp } from './dialog.js';

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const BUILDS = { c: 'city', f: 'fort', p: 'port' };
const SHARE_STEP = 10;

export class Keyboard {
  constructor(client, choice, view, talk) {
    Object.assign(this, { client, choice, view, talk, released: false });
    this.spoken = h('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
    view.host.append(this.spoken);
    this.listener = (event) => this.press(event);
    document.addEventListener('keydown', this.listener);
  }

  close() {
    document.removeEventListener('keydown', this.listener);
  }

  press(event) {
    const busy = event.target.closest?.('input, textarea, select, dialog') || document.querySelector('dialog[open]');
    if (busy || event.ctrlKey || event.metaKey || event.altKey || !this.client.mirror) return;
    const onMap = event.target === this.view.overCanvas || event.target === document.body;
    if (this.anywhere(event) || (onMap && this.onMap(event))) event.preventDefault();
  }

  anywhere({ key }) {
    const { choice, view } = this;
    if (/^[0-9]$/.test(key)) choice.setShare(key === '0' ? 100 : Number(key) * 10);
    else if (key === '[') choice.setShare(Math.max(choice.share - SHARE_STEP, 10));
    else if (key === ']') choice.setShare(choice.share + SHARE_STEP);
    else if (key === '?') showHelp();
    else if (key === '+' || key === '=') view.zoomBy(1.3);
    else if (key === '-') view.zoomBy(1 / 1.3);
    else if (key === 'm') view.showAll();
    else if (key === 'h') this.home();
    else if (key === 'l') this.point();
    else if (key === 't') this.talk.open(null);
    else if (BUILDS[key] && choice.source !== null) choice.build(choice.source, BUILDS[key]);
    else if (key === 'Escape') return this.escape();
    else return false;
    return true;
  }

  escape() {
    if (!this.choice.clear()) this.released = true;
    return true;
  }

  onMap({ key, shiftKey }) {
    if (key === 'Tab') return this.step(shiftKey ? -1 : 1);
    if (ARROWS[key]) return this.go(...ARROWS[key]);
    if (key !== 'Enter' && key !== ' ') return false;
    const at = this.choice.cursor ?? this.choice.selected;
    if (at !== null) this.choice.act(at, true);
    return true;
  }

  /** Says where the keys have led, for those who cannot see it. */
  speak(id) {
    const { client } = this;
    const owner = ownerOf(client.mirror, id);
    const target = this.choice.targets().find(({ to }) => to === id);
    const what = target ? { attack: 'Enter attacks.', move: 'Enter moves troops there.' }[target.kind] : '';
    setText(this.spoken, `${client.map.territories[id].name}, ${owner < 0 ? 'neutral' : client.nameOf(owner)}, ${troopsAt(client.mirror, id, client.tick)} troops. ${what}`);
  }

  mine() {
    const { mirror, me } = this.client;
    return mirror.map.territories.map((_, id) => id).filter((id) => me >= 0 && ownerOf(mirror, id) === me);
  }

  /** The next own territory; after Escape the key moves on to the panels instead. */
  step(by) {
    const mine = this.mine();
    if (this.released || mine.length === 0) {
      this.released = false;
      return false;
    }
    const at = mine.indexOf(this.choice.selected);
    const next = at < 0 ? 0 : (at + by + mine.length) % mine.length;
    this.choice.select(mine[next]);
    this.view.reveal(mine[next]);
    this.speak(mine[next]);
    return true;
  }

  go(dx, dy) {
    const { choice, client, view } = this;
    const from = choice.cursor ?? choice.selected ?? this.mine()[0] ?? 0;
    const next = neighbourTowards(client.map, from, dx, dy);
    this.released = false;
    choice.cursor = next ?? from;
    choice.hover(null);
    choice.changed();
    view.reveal(choice.cursor);
    this.speak(choice.cursor);
    return true;
  }

  /** Points at the chosen territory, for the allies. */
  point() {
    const { choice, client } = this;
    const at = choice.cursor ?? choice.hovered ?? choice.selected;
    if (at !== null && at !== undefined && client.me >= 0) client.mark(at);
  }

  home() {
    const best = this.choice.selected ?? this.mine()[0];
    if (best !== undefined) this.view.flyToTerritory(best);
  }
}
