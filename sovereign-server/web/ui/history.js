// One's own games that are over, the ratings they gave, and who is best.

import { AccountBar, showSignUp } from './account.js';
import { Backdrop } from './backdrop.js';
import { button, h, setText } from './dom.js';
import { ladder, listLadders, listMaps, myGames, myRatings } from '../net/api.js';
import { recall, session } from '../net/session.js';
import { ladderWords, ticksAsTime } from '../words.js';

const OUTCOMES = { won: 'Won', lost: 'Lost', drawn: 'Drawn', broken_off: 'Broken off' };

const signed = (number) => (number > 0 ? `+${number}` : String(number).replace('-', '−'));

export class History {
  constructor(host, go) {
    Object.assign(this, { host, go });
    host.className = 'home';
    this.backdrop = new Backdrop();
    this.account = new AccountBar();
    this.ratings = h('ul', { class: 'ratings' });
    this.games = h('ol', { class: 'past-games' });
    this.more = button('Earlier games', () => this.load(), { class: 'btn', hidden: true });
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.choice = h('select', { 'aria-label': 'Ladder', on: { change: () => this.lead() } });
    this.leaders = h('ol', { class: 'leaders' });
    host.replaceChildren(this.backdrop.element, this.account.element, h('div', { class: 'home-inner history' },
      h('header', { class: 'history-head' }, h('h1', {}, 'Your games'), h('a', { class: 'btn', href: '#/' }, 'Back to the start')), this.trouble,
      h('div', { class: 'columns wide' },
        h('section', { class: 'block glass' }, h('h2', {}, 'Games'), this.games, this.more),
        h('div', {}, h('section', { class: 'block glass' }, h('h2', {}, 'Ratings'), this.ratings),
          h('section', { class: 'block glass' }, h('h2', {}, 'Best players'), this.choice, this.leaders)))));
    this.changed = () => this.open();
    session.addEventListener('change', this.changed);
    this.begin();
  }

  async begin() {
    const [ladders, maps] = await Promise.all([listLadders(), listMaps()]).catch(() => [[], []]);
    this.titles = new Map(maps.map(({ name, title }) => [name, title ?? name]));
    this.ladders = ladders;
    this.choice.replaceChildren(...ladders.map(({ name, players, teams }) => h('option', { value: name }, ladderWords(name, players, teams))));
    this.lead();
    await recall();
    this.open();
  }

  /** All anew: for whoever plays here now. */
  async open() {
    const me = await recall();
    if (this.shownFor === (me?.account ?? null) || !this.titles) return;
    this.shownFor = me?.account ?? null;
    this.games.replaceChildren();
    this.before = null;
    if (!me) {
      this.games.replaceChildren(h('li', { class: 'none' }, 'What you play is listed here when it is over.'));
      this.ratings.replaceChildren(this.unrated());
      return;
    }
    this.rate(me);
    this.load();
  }

  async load() {
    try {
      const { games, before } = await myGames(this.before);
      this.before = before;
      this.games.append(...games.map((game) => this.game(game)));
      if (this.games.children.length === 0) this.games.append(h('li', { class: 'none' }, 'No game of yours is over yet.'));
      this.more.hidden = before === null;
    } catch (error) {
      setText(this.trouble, error.message);
    }
  }

  async rate(me) {
    const ratings = await myRatings().catch(() => []);
    const row = (rating) => h('li', {}, h('span', { class: 'what' }, ladderWords(rating.ladder), h('small', {}, `${rating.wins} of ${rating.games} games won`)),
      h('b', {}, String(rating.points), h('small', {}, ` ± ${rating.plus_minus}`)));
    this.ratings.replaceChildren(...(ratings.length ? ratings.map(row) : [this.unrated(!me.login)]));
  }

  unrated(stranger = true) {
    return h('li', { class: 'none' }, stranger ? 'Ranked games need an account. ' : 'You have played no ranked game yet.', stranger ? button('Sign up', showSignUp, { class: 'btn small' }) : null);
  }

  game({ id, ended_ms: ended, game, seat, outcome, place, ladder: name, rating, names, replay }) {
    const when = new Date(ended).toLocaleString([], { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
    const others = names.filter((one) => one.seat !== seat).map((one) => one.name);
    const bots = game.seats?.filter(({ bot }) => bot).length ?? 0;
    const against = [...others, bots > 0 ? (bots === 1 ? 'one bot' : `${bots} bots`) : null].filter(Boolean).join(', ');
    const title = `${OUTCOMES[outcome]}${outcome === 'lost' && place > 2 ? `, place ${place}` : ''}${against ? ` · against ${against}` : ''}`;
    const change = rating ? h('span', { class: `change ${rating.change >= 0 ? 'up' : 'down'}`, title: `Now ${rating.points} ± ${rating.plus_minus}` }, signed(rating.change)) : null;
    return h('li', { class: outcome }, h('span', { class: 'what' }, title, h('small', {}, `${name ? `Ranked: ${ladderWords(name)}` : this.titles.get(game.map) ?? game.map} · ${ticksAsTime(game.ticks)} · ${when}`)),
      change, replay ? h('a', { class: 'btn small', href: `#/replay/${id}`, 'aria-label': `Watch the game of ${when}` }, 'Watch') : null);
  }

  async lead() {
    if (!this.choice.value) return;
    const { leaders } = await ladder(this.choice.value).catch(() => ({ leaders: [] }));
    const row = ({ name, points, plus_minus: plusMinus }) => h('li', {}, h('span', { class: 'name' }, name), h('b', {}, String(points), h('small', {}, ` ± ${plusMinus}`)));
    this.leaders.replaceChildren(...(leaders.length ? leaders.map(row) : [h('li', { class: 'none' }, 'Nobody is rated here yet.')]));
  }

  close() {
    session.removeEventListener('change', this.changed);
    this.account.close();
    this.backdrop.close();
  }
}
