// Ranked games: choose a ladder, wait for somebody of one's strength, and play.

import { showSignUp } from './account.js';
import { button, h, refresh, setText } from './dom.js';
import { enterQueue, leaveQueue, listLadders, myRatings, queueInfo } from '../net/api.js';
import { follow } from '../net/news.js';
import { hasSession, session, who } from '../net/session.js';
import { duration, ladderWords } from '../words.js';

const CLOCK_MS = 1000;
const GOING = ['waiting', 'starting'];

export class RankedCard {
  /** @param enter called with the id of the game that was found */
  constructor(enter) {
    Object.assign(this, { enter, ladders: [], ratings: [], search: null, stop: null });
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.body = h('div', { class: 'ranked-body' });
    this.element = h('section', { class: 'block glass ranked', id: 'ranked' }, h('h2', {}, 'Ranked'), this.body, this.trouble,
      h('a', { class: 'quiet-link', href: '#/history' }, 'Your games and ratings'));
    this.changed = () => this.load();
    session.addEventListener('change', this.changed);
    this.clock = setInterval(() => this.show(), CLOCK_MS);
    this.load();
    this.resume();
  }

  async load() {
    try {
      this.ladders = await listLadders();
      this.ratings = who() ? await myRatings() : [];
    } catch {
      // What is not known is not shown.
    }
    this.show();
  }

  /** A search that goes on, for instance after the page was loaded anew. */
  async resume() {
    if (!hasSession()) return;
    const found = await queueInfo().catch(() => null);
    if (found) this.hear(found.state);
  }

  /** The party or the server says how the own search stands. */
  hear(state) {
    if (GOING.includes(state) && !this.stop) this.follow();
  }

  follow() {
    this.stop = follow(queueInfo, (search) => this.told(search), (error) => setText(this.trouble, error.message));
  }

  told(search) {
    this.search = { ...search, began: performance.now() - search.waited_s * 1000 };
    if (!GOING.includes(search.state)) {
      this.stop?.();
      this.stop = null;
      this.search = null;
    }
    this.show();
    if (search.state === 'matched') this.enter(search.game);
    else if (search.state === 'ended' && !this.left) setText(this.trouble, 'The search has ended.');
  }

  async attempt(task) {
    setText(this.trouble, '');
    try {
      await task();
    } catch (error) {
      setText(this.trouble, error.message);
    }
  }

  play(name) {
    this.left = false;
    this.attempt(async () => this.hear((await enterQueue(name)).state));
  }

  cancel() {
    this.left = true;
    this.attempt(leaveQueue);
  }

  show() {
    const key = JSON.stringify([this.ladders, this.ratings, this.search?.state, this.search?.ladder, Boolean(who()?.login)]);
    refresh(this.body, key, () => (this.search ? this.waiting() : this.choices()));
    this.tick();
  }

  choices() {
    const guest = !who()?.login;
    const rows = this.ladders.map((ladder) => this.ladder(ladder, guest));
    const aside = guest ? h('p', { class: 'facts' }, 'Ranked games are played with an account, so that your rating stays yours. ', button('Sign up', showSignUp, { class: 'btn small' })) : null;
    return [h('ul', { class: 'ladders' }, rows), aside];
  }

  ladder({ name, players, teams }, guest) {
    const rating = this.ratings.find((one) => one.ladder === name);
    const shown = rating ? `${rating.points} ± ${rating.plus_minus}` : 'not rated yet';
    return h('li', {}, h('span', { class: 'what' }, ladderWords(name, players, teams), h('small', {}, guest ? `${players} players` : shown)),
      button('Play', () => this.play(name), { class: 'btn primary small', disabled: guest, 'aria-label': `Play ${name}`, data: { ladder: name } }));
  }

  waiting() {
    this.time = h('b', {}, '0:00');
    this.reach = h('p', { class: 'facts' });
    const words = this.search.state === 'starting' ? 'A game was found …' : 'Searching …';
    return h('div', { class: 'searching', role: 'status' }, h('span', { class: 'ring', 'aria-hidden': 'true' }),
      h('div', {}, h('p', {}, words, ' ', this.time), this.reach),
      button('Stop', () => this.cancel(), { class: 'btn', disabled: this.search.state === 'starting' }));
  }

  tick() {
    if (!this.search || !this.time) return;
    const { began, ladder, people, searching, width_points: width } = this.search;
    setText(this.time, duration((performance.now() - began) / 1000));
    const others = Math.max(searching - people, 0);
    setText(this.reach, `${ladderWords(ladder)}: within ${width} points, soon wider · ${others === 1 ? 'one other searches' : `${others} others search`}`);
  }

  close() {
    clearInterval(this.clock);
    this.stop?.();
    session.removeEventListener('change', this.changed);
  }
}
