// Help in the first minutes: one bubble at a time, about the next thing to do. Each
// goes when it has been done, and none comes back once all have been.

import { button, h } from './dom.js';
import { hasTurns, landToWin } from '../state/view.js';

const DONE_KEY = 'sovereign.hints';
/** Ticks that a hint which asks for nothing stays. */
const READ_TICKS = 240;

const HINTS = [
  {
    id: 'start',
    when: ({ mirror }) => mirror.game.phase === 'spawn',
    done: ({ census, me }) => census[me].territories > 0,
    text: () => 'Tap a country to start there. You may change your mind until the game begins.',
  },
  {
    id: 'choose',
    when: ({ mirror, choice }) => mirror.game.phase === 'playing' && choice.source === null,
    done: ({ choice }) => choice.source !== null,
    text: () => 'Your land has the bright border. Tap it to choose it.',
  },
  {
    id: 'attack',
    when: ({ choice }) => choice.source !== null,
    done: ({ client, me }) => [...client.mirror.armies.values()].some((army) => army.owner === me),
    text: ({ choice, touch }) => (choice.targets().every(({ blocked }) => blocked === 'port')
      ? 'From here every way leads over the sea: build a port first.'
      : `Now tap a neighbour to attack it${touch ? '' : ', or drag an arrow there'}. The number by the target says how it will end.`),
  },
  {
    id: 'share',
    when: ({ census, me }) => census[me].armies > 0 || census[me].territories > 1,
    done: ({ choice, base }) => choice.share !== base.share,
    lasts: READ_TICKS,
    text: ({ touch }) => `The slider says how many of the troops go${touch ? '' : ': also with the keys 1 to 9 and 0'}. Who stays behind grows back fastest from a tenth to a half of the limit.`,
  },
  {
    id: 'build',
    when: ({ gold, census, me }) => gold >= 100 && census[me].territories > 2,
    done: ({ census, me }) => Object.values(census[me].structures).some((owned) => owned > 0),
    lasts: READ_TICKS * 2,
    text: () => 'You have gold: choose land of yours and build a city. It brings gold and holds more troops.',
  },
  {
    id: 'win',
    when: ({ census, me }) => census[me].territories > 3,
    done: () => false,
    lasts: READ_TICKS,
    text: ({ mirror }) => `Hold ${landToWin(mirror)} territories to win. A whole region brings extra gold; alliances keep your back free.`,
  },
];

export class Hints {
  constructor(client, choice) {
    Object.assign(this, { client, choice, base: { share: choice.share } });
    this.over = new Set(JSON.parse(localStorage.getItem(DONE_KEY) ?? '[]'));
    this.since = new Map();
    this.text = h('p', {});
    this.element = h('aside', { class: 'hint glass', 'aria-live': 'polite', hidden: true }, this.text,
      button('×', () => this.dismiss(), { class: 'btn quiet close', 'aria-label': 'No more of this hint' }));
  }

  refresh(census, gold) {
    const { client, choice, base } = this;
    const { mirror, me, tick } = client;
    // Where there are turns, their banner says what is to be done.
    if (me < 0 || !choice.canAct || hasTurns(mirror)) {
      this.element.hidden = true;
      return;
    }
    const touch = window.matchMedia('(pointer: coarse)').matches;
    const facts = { client, choice, base, mirror, me, tick, census, gold, touch };
    this.current = HINTS.find((hint) => this.applies(hint, facts)) ?? null;
    this.element.hidden = this.current === null;
    const text = this.current?.text(facts) ?? '';
    if (this.text.textContent !== text) this.text.textContent = text;
  }

  applies(hint, facts) {
    if (this.over.has(hint.id)) return false;
    if (hint.done(facts) && (hint.when(facts) || this.since.has(hint.id))) {
      this.finish(hint.id);
      return false;
    }
    if (!hint.when(facts)) return false;
    if (!this.since.has(hint.id)) this.since.set(hint.id, facts.tick);
    if (hint.lasts && facts.tick - this.since.get(hint.id) > hint.lasts) this.finish(hint.id);
    return !this.over.has(hint.id);
  }

  finish(id) {
    this.over.add(id);
    localStorage.setItem(DONE_KEY, JSON.stringify([...this.over]));
  }

  dismiss() {
    if (this.current) this.finish(this.current.id);
    this.element.hidden = true;
  }
}
