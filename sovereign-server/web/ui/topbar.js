// The bar at the top: gold, troops, land, time, connection.

import { button, h, setText } from './dom.js';
import { reserveAt } from '../state/turn.js';
import { goldAt, hasTurns, immuneUntil, landToWin } from '../state/view.js';
import { short, ticksAsTime } from '../words.js';

const CONNECTION = { open: 'Connected', connecting: 'Connecting …', waiting: 'Connection lost: coming back …', closed: 'Not connected' };

export class TopBar {
  constructor(client, on) {
    this.client = client;
    const figure = (name, label) => {
      this[name] = h('b', {}, '–');
      return h('span', { class: `figure ${name}`, title: label, 'aria-label': label }, this[name]);
    };
    this.phase = h('div', { class: 'phase', role: 'timer' });
    this.dot = h('span', { class: 'dot', role: 'img' });
    this.element = h('header', { class: 'topbar glass' },
      button('‹', on.leave, { class: 'btn quiet back', 'aria-label': 'Leave the game', title: 'Leave the game' }),
      h('div', { class: 'figures', role: 'group', 'aria-label': 'Yours' },
        figure('gold', 'Your gold and what it grows by each second'),
        figure('troops', 'All your troops'),
        figure('land', 'Your territories, and how many win')),
      this.phase,
      h('div', { class: 'tools' },
        this.dot,
        button('?', on.help, { class: 'btn quiet', 'aria-label': 'Help', title: 'Help (?)' }),
        button('⚑', on.surrender, { class: 'btn quiet surrender', 'aria-label': 'Surrender', title: 'Surrender' })));
  }

  refresh(census) {
    const { client } = this;
    const { mirror, me, own, tick } = client;
    const mine = me >= 0 ? census[me] : null;
    this.element.classList.toggle('watching', !mine);
    if (mine) {
      const income = own ? (own.income * 20) / 1_000_000 : 0;
      const gold = `${short(goldAt(own, tick))} +${income.toFixed(1)}/s`;
      setText(this.gold, hasTurns(mirror) ? `${reserveAt(own, tick)} to place` : gold);
      setText(this.troops, short(mine.troops));
      setText(this.land, `${mine.territories} / ${landToWin(mirror)}`);
    }
    setText(this.phase, this.phaseText());
    this.showConnection();
  }

  phaseText() {
    const { mirror, clock } = this.client;
    const { phase, until, started } = mirror.game;
    if (phase === 'lobby') return 'Waiting for players';
    if (phase === 'spawn') return `Choose your start · ${ticksAsTime(Math.max((until ?? 0) - clock.last, 0))}`;
    if (phase === 'finished') return 'The game is over';
    const immune = immuneUntil(mirror, clock.last);
    const time = ticksAsTime(clock.last - started);
    return immune ? `${time} · players are safe for ${ticksAsTime(immune - clock.last)}` : time;
  }

  showConnection() {
    const { connection } = this.client;
    this.dot.className = `dot ${connection}`;
    this.dot.title = CONNECTION[connection];
    this.dot.setAttribute('aria-label', CONNECTION[connection]);
  }
}
