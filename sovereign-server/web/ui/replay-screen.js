// A replay: the same map, and a bar to move through time.

import { button, h, setText } from './dom.js';
import { handOn } from './clipboard.js';
import { Curtain } from './curtain.js';
import { Feed } from './feed.js';
import { GameClient } from '../state/client.js';
import { Leaderboard } from './leaderboard.js';
import { Look } from '../state/look.js';
import { MapView } from '../map/map-view.js';
import { ReplayBar } from './replay-bar.js';
import { Toasts } from './toast.js';
import { census } from '../state/view.js';
import { endWords, namesOf, ticksAsTime } from '../words.js';
import { publish } from '../hooks.js';
import { token } from '../net/session.js';

const REFRESH_MS = 200;
/** What the arrow keys go back and on: ten seconds of the game. */
const LEAP = 200;
const STEP = 20;

export class ReplayScreen {
  /** @param at where to begin, as `t=TICK`; at the start if not said */
  constructor(host, id, go, at = '') {
    const from = Number(/^t=(\d{1,8})$/.exec(at ?? '')?.[1] ?? 0);
    Object.assign(this, { host, id, go, from, playing: true, speed: 4, bounds: null, eyes: null });
    host.className = 'game replay';
    host.replaceChildren(h('div', { class: 'loading', role: 'status' }, 'Loading the replay …'));
    this.toasts = new Toasts(host);
    this.keys = (event) => this.press(event);
    document.addEventListener('keydown', this.keys);
    this.connect();
  }

  /** Begins to watch, through the eyes of `this.eyes`. */
  connect() {
    const client = new GameClient({ path: `/v1/replays/${encodeURIComponent(this.id)}/ws`, token, view: this.eyes });
    this.client = client;
    const on = (type, heard) => client.addEventListener(type, ({ detail }) => client === this.client && heard(detail));
    on('ready', () => this.build());
    on('restored', () => this.changed());
    on('delta', ({ delta }) => delta.territories.length + delta.players.length > 0 && this.changed());
    on('event', (event) => this.feed?.event(event));
    on('trouble', ({ message }) => this.toasts.show(message, { tone: 'bad' }));
    on('connection', (state) => this.connection(state));
  }

  build() {
    const { client, host } = this;
    this.end = client.welcome.replay_end ?? 0;
    this.look = new Look(client);
    const stage = h('div', { class: 'stage' });
    this.board = new Leaderboard(client, { player: () => {} });
    this.feed = new Feed(client, { show: (id) => this.view.flyToTerritory(id) });
    this.makeBars();
    host.querySelector('.loading')?.remove();
    this.parts = [stage, this.head, this.board.element, this.feed.element, this.bar.element];
    host.prepend(...this.parts);
    this.view = new MapView(stage, client.map, this.look, { tap: () => {}, hover: () => {}, grab: () => false, drop: () => {} });
    this.view.setInsets({ top: 56, right: window.innerWidth > 1100 ? 284 : 0, bottom: 124, left: 0 });
    this.view.showAll();
    this.timer = setInterval(() => this.refresh(), REFRESH_MS);
    publish(this);
    this.changed();
    this.tell(this.from > 0 ? Math.min(this.from, this.end) : null);
  }

  makeBars() {
    this.title = h('div', { class: 'phase' });
    this.head = h('header', { class: 'topbar glass watching' },
      button('‹', () => this.go('#/'), { class: 'btn quiet back', 'aria-label': 'Back to the start' }),
      h('b', {}, 'Replay'), this.title);
    this.bar = new ReplayBar(this.id, this.end, this, {
      flip: () => this.flip(), seek: (tick) => this.seek(tick), step: (ticks) => this.step(ticks), speed: (times) => this.setSpeed(times),
      view: (eyes) => this.lookThrough(eyes), share: () => this.share(),
    });
    const foggy = this.client.welcome.rules.fog.radius > 0;
    if (foggy) this.bar.offerViews(this.client.names.filter(Boolean), this.eyes);
  }

  press(event) {
    if (!this.view || event.target.closest?.('input, select, dialog, button') || document.querySelector('dialog[open]')) return;
    if (event.key === ' ') this.flip();
    else if (event.key === 'ArrowRight') this.seek(this.client.tick + LEAP);
    else if (event.key === 'ArrowLeft') this.seek(this.client.tick - LEAP);
    else if (event.key === '.') this.step(STEP);
    else if (event.key === ',') this.step(-STEP);
    else return;
    event.preventDefault();
  }

  /** Tells the server what is wanted. */
  tell(from = null) {
    this.bounds = { end: this.end, speed: this.playing ? this.speed : 0 };
    this.client.watch(from, this.playing ? this.speed * 1000 : 0);
    this.refresh();
  }

  flip() {
    this.playing = !this.playing;
    const over = this.playing && this.client.tick >= this.end;
    this.tell(over ? 0 : null);
  }

  /** Stands still, a little before or after. */
  step(ticks) {
    this.playing = false;
    this.seek(this.client.tick + ticks);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.tell();
  }

  seek(tick) {
    this.tell(Math.min(Math.max(tick, 0), this.end));
  }

  /** Goes on where it is, as this player saw it; null sees everything. */
  lookThrough(eyes) {
    Object.assign(this, { eyes, from: this.client.tick });
    this.client.close();
    this.teardown();
    this.host.prepend(h('div', { class: 'loading', role: 'status' }, 'Looking through other eyes …'));
    this.connect();
  }

  /** A link to this moment. Whoever has it may watch, also where the game was private. */
  share() {
    const tick = Math.min(this.client.tick, this.end);
    const link = `${window.location.origin}/replay/${this.id}${tick > 0 ? `#t=${tick}` : ''}`;
    return handOn('Share this replay', `Whoever has this link sees it from ${ticksAsTime(tick)} on.`, link);
  }

  changed() {
    if (!this.view) return;
    if (this.look.refreshOwners()) this.view.repaint();
    this.refresh();
  }

  refresh() {
    const { client } = this;
    if (!this.view || !client.mirror) return;
    this.board.refresh(census(client.mirror, client.tick));
    this.bar.refresh(Math.min(client.tick, this.end));
    const { game } = client.mirror;
    setText(this.title, game.phase === 'finished' ? endWords(game, namesOf(client)) : client.map.title);
  }

  connection(state) {
    // After a broken connection the show begins anew: go on where it was.
    if (state.state === 'open' && this.view) this.tell(this.client.tick);
    if (state.state !== 'closed' || this.view) return;
    const curtain = new Curtain(this.client, { again: () => window.location.reload(), home: () => this.go('#/') });
    curtain.closed = state;
    curtain.element.hidden = false;
    curtain.element.append(curtain.gone());
    this.host.replaceChildren(curtain.element);
  }

  teardown() {
    clearInterval(this.timer);
    this.bar?.close();
    this.view?.close();
    this.view = null;
    this.parts?.forEach((part) => part.remove());
  }

  close() {
    document.removeEventListener('keydown', this.keys);
    this.client.close();
    this.teardown();
  }
}
