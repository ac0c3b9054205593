// What happened, newest last, and read out by screen readers.

import { h } from './dom.js';
import { eventWords, namesOf } from '../words.js';

const KEPT_MAX = 60;
const FRESH_MS = 7000;

export class Feed {
  /** @param on `show(territory)`: a line about a place was chosen */
  constructor(client, on) {
    Object.assign(this, { client, on });
    this.lines = h('ol', { class: 'lines', role: 'log', 'aria-live': 'polite', 'aria-label': 'What happened' });
    this.element = h('section', { class: 'feed' }, this.lines);
  }

  /** Adds an event; those of far away wars between others are left out. */
  event(event) {
    if (!this.matters(event)) return;
    const text = eventWords(event, namesOf(this.client));
    if (text) this.add(text, this.tone(event), event.territory);
  }

  matters({ kind, by, from, territory }) {
    const { me, mirror } = this.client;
    if (kind === 'spawned' || kind === 'battle_began') return false;
    if (kind === 'captured') return by === me || from === me || (me < 0 && from !== null);
    if (kind === 'attack_repelled' || kind === 'built') return me >= 0 && mirror?.owner[territory] === me;
    return true;
  }

  tone({ kind, by, from }) {
    const { me } = this.client;
    if (kind === 'captured' && by === me) return 'good';
    if (kind === 'captured' && from === me) return 'bad';
    return ['alliance_formed', 'alliance_broken', 'player_out', 'game_ended'].includes(kind) ? 'loud' : '';
  }

  /** Words of somebody: a text, whatever is in it. */
  said({ from, name, to, allies, text }) {
    const { client } = this;
    const who = from === null ? `${name} (watching)` : client.nameOf(from);
    const mine = to === client.me && client.me >= 0;
    const whom = to !== null ? ` (to ${mine ? 'you' : client.nameOf(to)})` : allies ? ' (to allies)' : '';
    this.add(`${who}${whom}: ${text}`, to !== null || allies ? 'said aside' : 'said');
  }

  add(text, tone = '', territory = undefined) {
    const content = territory === undefined ? text
      : h('button', { type: 'button', class: 'place', on: { click: () => this.on.show(territory) } }, text);
    const line = h('li', { class: `line fresh ${tone}` }, content);
    this.lines.append(line);
    while (this.lines.children.length > KEPT_MAX) this.lines.firstChild.remove();
    this.lines.scrollTop = this.lines.scrollHeight;
    setTimeout(() => line.classList.remove('fresh'), FRESH_MS);
  }
}
