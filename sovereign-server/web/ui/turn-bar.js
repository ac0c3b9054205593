// The banner of games in which players take turns: whose it is, how long, what it waits for,
// how many troops a tap places, and the button that ends it.

import { button, h, setText } from './dom.js';
import { hasTurns } from '../state/view.js';
import { reserveAt, stageOf } from '../state/turn.js';
import { ticksAsTime } from '../words.js';

const ADVICE = {
  deploy: 'tap land of yours to place troops there',
  attack: 'attack as often as you like; a move ends it',
  move: 'move once more, or end it',
  done: 'end it',
};

export class TurnBar {
  constructor(client, choice) {
    Object.assign(this, { client, choice });
    this.who = h('b', { class: 'who' });
    this.time = h('span', { class: 'time', role: 'timer' });
    this.todo = h('span', { class: 'todo' });
    this.input = h('input', {
      type: 'range', min: '1', step: '1', 'aria-label': 'Troops that a tap places',
      on: { input: () => { choice.portion = Number(this.input.value); this.refresh(); } },
    });
    this.amount = h('output', {});
    this.placing = h('span', { class: 'placing' }, this.input, this.amount);
    this.end = button('End turn', () => client.order({ kind: 'end_turn' }), { class: 'btn primary end' });
    this.element = h('section', { class: 'turn-bar glass', 'aria-label': 'Turn', hidden: true },
      h('div', { class: 'line' }, this.who, this.time), this.todo, this.placing, this.end);
  }

  refresh() {
    const { client } = this;
    const { mirror, me, own, tick } = client;
    const { turn, phase } = mirror.game;
    this.element.hidden = !hasTurns(mirror) || phase !== 'playing' || !turn;
    if (this.element.hidden) return;
    const stage = stageOf(mirror, me, own, tick);
    const mine = turn.player === me;
    this.element.classList.toggle('mine', mine);
    setText(this.who, mine ? 'Your turn' : `${client.nameOf(turn.player)}'s turn`);
    setText(this.time, `${turn.round === 0 ? 'opening' : `round ${turn.round}`} · ${this.left(turn)}`);
    setText(this.todo, mine ? ADVICE[stage] ?? 'your armies finish' : '');
    this.showReserve(stage === 'deploy' ? reserveAt(own, tick) : 0);
    this.end.hidden = stage === null || stage === 'deploy';
  }

  left(turn) {
    return turn.until === null ? 'ends' : ticksAsTime(Math.max(turn.until - this.client.tick, 0));
  }

  showReserve(reserve) {
    this.placing.hidden = reserve === 0;
    if (reserve === 0) return;
    const portion = Math.min(this.choice.portion, reserve);
    this.input.max = String(reserve);
    this.input.value = String(portion);
    this.input.style.setProperty('--part', `${(portion / reserve) * 100}%`);
    setText(this.amount, `${portion} of ${reserve}`);
  }
}
