// A replay: the same map, and a bar to move through time.

import { button, h, setText } from './dom.js';
import { Curtain } from './curtain.js';
import { Feed } from './feed.js';
import { GameClient } from '../state/client.js';
import { Leaderboard } from './leaderboard.js';
import { Look } from '../state/look.js';
import { MapView } from '../map/map-view.js';
import { Toasts } from './toast.js';
import { census } from '../state/view.js';
import { endWords, namesOf, ticksAsTime } from '../words.js';
import { publish } from '../hooks.js';
import { token } from '../net/session.js';

const SPEEDS = [1, 2, 4, 8, 16, 32];
const REFRESH_MS = 200;
/** The slider asks the server at most this often while it is dragged. */
const SEEK_MS = 150;

export class ReplayScreen {
  constructor(host, id, go) {
    Object.assign(this, { host, id, go, playing: true, speed: 4, bounds: null });
    host.className = 'game replay';
    host.replaceChildren(h('div', { class: 'loading', role: 'status' }, 'Loading the replay …'));
    this.toasts = new Toasts(host);
    this.client = new GameClient({ path: `/v1/replays/${encodeURIComponent(id)}/ws`, token });
    const on = (type, heard) => this.client.addEventListener(type, ({ detail }) => heard(detail));
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
    this.makeBar();
    host.querySelector('.loading')?.remove();
    host.prepend(stage, this.head, this.board.element, this.feed.element, this.bar);
    this.view = new MapView(stage, client.map, this.look, { tap: () => {}, hover: () => {}, grab: () => false, drop: () => {} });
    this.view.setInsets({ top: 56, right: window.innerWidth > 1100 ? 284 : 0, bottom: 76, left: 0 });
    this.view.showAll();
    this.timer = setInterval(() => this.refresh(), REFRESH_MS);
    this.keys = (event) => this.press(event);
    document.addEventListener('keydown', this.keys);
    publish(this);
    this.changed();
    this.tell();
  }

  makeBar() {
    this.title = h('div', { class: 'phase' });
    this.head = h('header', { class: 'topbar glass watching' },
      button('‹', () => this.go('#/'), { class: 'btn quiet back', 'aria-label': 'Back to the start' }),
      h('b', {}, 'Replay'), this.title);
    this.play = button('', () => this.flip(), { class: 'btn primary play' });
    this.time = h('output', { class: 'time' });
    this.slider = h('input', {
      type: 'range', min: '0', max: String(this.end), step: '1', value: '0', 'aria-label': 'Time',
      on: { input: () => this.slide(), change: () => this.seek(Number(this.slider.value)) },
    });
    this.speedChoice = h('select', { 'aria-label': 'Speed', on: { change: () => this.setSpeed(Number(this.speedChoice.value)) } },
      SPEEDS.map((speed) => h('option', { value: String(speed), selected: speed === this.speed }, `${speed}×`)));
    this.bar = h('div', { class: 'replay-bar glass', role: 'group', 'aria-label': 'Replay' }, this.play, this.slider, this.time, this.speedChoice);
  }

  press(event) {
    if (event.target.closest?.('input, select, dialog, button')) return;
    if (event.key === ' ') this.flip();
    else if (event.key === 'ArrowRight') this.seek(this.client.tick + 200);
    else if (event.key === 'ArrowLeft') this.seek(this.client.tick - 200);
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

  setSpeed(speed) {
    this.speed = speed;
    this.tell();
  }

  slide() {
    this.sliding = true;
    clearTimeout(this.slideTimer);
    this.slideTimer = setTimeout(() => this.tell(Number(this.slider.value)), SEEK_MS);
  }

  seek(tick) {
    clearTimeout(this.slideTimer);
    this.sliding = false;
    this.tell(Math.min(Math.max(tick, 0), this.end));
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
    const tick = Math.min(client.tick, this.end);
    if (!this.sliding) this.slider.value = String(tick);
    this.slider.style.setProperty('--part', `${(Number(this.slider.value) / Math.max(this.end, 1)) * 100}%`);
    setText(this.time, `${ticksAsTime(tick)} / ${ticksAsTime(this.end)}`);
    setText(this.play, this.playing && tick < this.end ? '❚❚' : '▶');
    this.play.setAttribute('aria-label', this.playing ? 'Pause' : 'Play');
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

  close() {
    clearInterval(this.timer);
    document.removeEventListener('keydown', this.keys);
    this.client.close();
    this.view?.close();
  }
}
