// Who holds how much, and what can be done with whom.

import { button, h, setText } from './dom.js';
import { allianceOf, friendly, isFoggy, isOut, isTraitor, landToWin } from '../state/view.js';
import { iconElement } from '../map/icons.js';
import { styleOf } from '../map/palette.js';
import { short, ticksAsTime } from '../words.js';

/** What is seen of a number that fog may hide more of. */
const atLeast = (seen, write) => (seen > 0 ? `${write(seen)}+` : '?');

export class Leaderboard {
  /** @param on `player(id)`: somebody's row was chosen */
  constructor(client, on) {
    Object.assign(this, { client, on, rowOf: new Map() });
    this.rows = h('ol', { class: 'rows' });
    this.goal = h('span', { class: 'goal' });
    this.toggle = button('Players', () => this.flip(), { class: 'btn quiet toggle', 'aria-expanded': 'true' });
    this.element = h('section', { class: 'leaderboard glass', 'aria-label': 'Players by land' },
      h('div', { class: 'head' }, this.toggle, this.goal), this.rows);
    if (window.innerWidth < 760 || window.innerHeight < 520) this.flip();
  }

  flip() {
    const closed = this.element.classList.toggle('folded');
    this.toggle.setAttribute('aria-expanded', String(!closed));
  }

  refresh(census) {
    const { mirror } = this.client;
    const needed = landToWin(mirror);
    setText(this.goal, `${needed} of ${mirror.map.playable} lands win`);
    const ids = mirror.players.filter((p) => p.seat !== 'open' || census[p.id].territories > 0).map((p) => p.id);
    ids.sort((a, b) => this.order(a, census) - this.order(b, census) || a - b);
    ids.forEach((id) => this.show(id, census, needed));
    this.arrange(ids);
  }

  order(id, census) {
    const player = this.client.mirror.players[id];
    return isOut(player) ? 1_000_000 + player.place : -census[id].territories;
  }

  /** Puts the rows in order; a row that is pressed right now keeps its place. */
  arrange(ids) {
    const order = ids.join();
    if (order === this.arranged || this.rows.querySelector(':active')) return;
    this.arranged = order;
    const focused = document.activeElement;
    this.rows.replaceChildren(...ids.map((id) => this.rowOf.get(id).item));
    if (this.rows.contains(focused)) focused.focus();
  }

  show(id, census, needed) {
    if (!this.rowOf.has(id)) this.rowOf.set(id, this.row(id));
    const { row, name, marks, count, troops, fill } = this.rowOf.get(id);
    const out = isOut(this.client.mirror.players[id]);
    row.classList.toggle('me', id === this.client.me);
    row.classList.toggle('out', out);
    setText(name, this.client.nameOf(id));
    const unsure = isFoggy(this.client.mirror, this.client.me) && !friendly(this.client.mirror, this.client.me, id) && !out;
    setText(count, unsure ? atLeast(census[id].territories, String) : String(census[id].territories));
    setText(troops, unsure ? atLeast(census[id].troops, short) : short(census[id].troops));
    fill.style.width = `${Math.min(census[id].territories / needed, 1) * 100}%`;
    this.showMarks(marks, id);
  }

  row(id) {
    const { colour, symbol } = styleOf(id);
    const [name, marks] = [h('span', { class: 'name' }), h('span', { class: 'marks' })];
    const [count, troops] = [h('span', { class: 'count', title: 'Territories' }), h('span', { class: 'troops', title: 'Troops' })];
    const fill = h('span', { class: 'fill' });
    fill.style.background = colour;
    const badge = h('span', { class: 'badge', 'aria-hidden': 'true' }, symbol);
    badge.style.background = colour;
    const row = button('', () => this.on.player(id), { class: 'row', data: { player: id }, 'aria-haspopup': 'dialog' });
    row.append(badge, name, marks, count, troops, h('span', { class: 'bar' }, fill));
    return { item: h('li', {}, row), row, name, marks, count, troops, fill };
  }

  showMarks(element, id) {
    const { mirror, me, tick } = this.client;
    const player = mirror.players[id];
    const ally = me >= 0 ? allianceOf(mirror, me, id) : null;
    const traitor = isTraitor(mirror, id, tick);
    const key = [ally?.until, traitor, player.presence, player.place].join();
    if (element.dataset.shown === key) return;
    element.dataset.shown = key;
    const mark = (sign, title, tone) => h('span', { class: `mark ${tone}`, title, role: 'img', 'aria-label': title }, sign);
    element.replaceChildren(...[
      ally && mark(iconElement('ally'), 'Your ally', 'ally'),
      traitor && mark('traitor', `A traitor for ${ticksAsTime(player.traitor_until - tick)}: weaker in defence`, 'traitor'),
      player.presence === 'away' && mark('away', 'Not connected', 'away'),
      player.presence === 'taken_over' && mark('bot plays', 'Not connected: a bot plays on', 'away'),
      player.place > 0 && mark(`${player.place}.`, 'Place', 'place'),
    ].filter(Boolean));
  }
}
