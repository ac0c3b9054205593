// A game as this page knows it: the socket, the mirror it keeps up, and who sits where.

import { Mirror, MirrorError } from './mirror.js';
import { Clock } from './clock.js';
import { prepareMap } from './map-graph.js';
import { GameSocket } from '../net/socket.js';
import { fetchMap } from '../net/api.js';

export class GameClient extends EventTarget {
  /**
   * @param {{path: string, token: (renew: boolean) => Promise<string|null>, view?: number|null}} options
   *   `view`: whose eyes somebody looks through who only watches
   */
  constructor({ path, token, view = null }) {
    super();
    Object.assign(this, {
      mirror: null, map: null, me: -1, own: null, epoch: 0, names: [], paused: null, connection: 'connecting',
      welcome: null, sent: new Map(), muted: new Set(), view,
    });
    this.clock = new Clock(50);
    this.held = [];
    this.socket = new GameSocket(view === null ? path : `${path}?view=${view}`, {
      token,
      resume: () => this.resumePoint(),
      isReady: () => this.connection === 'open',
      message: (message) => this.take(message),
      state: (state, detail) => this.changeConnection(state, detail),
    });
  }

  /** The last body that was taken; null asks for a snapshot. */
  resumePoint() {
    return this.mirror && this.mirror.tick > 0 ? [this.epoch, this.mirror.tick] : null;
  }

  changeConnection(state, detail) {
    this.connection = state;
    if (state !== 'open') this.clock.samples = [];
    this.tell('connection', { state, ...detail });
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** Messages wait until the map is there. */
  take(message) {
    if (this.loading && message.type !== 'welcome') {
      this.held.push(message);
      return;
    }
    if (message.epoch !== undefined) this.epoch = message.epoch;
    this[`take_${message.type}`]?.(message);
  }

  take_welcome(welcome) {
    this.welcome = welcome;
    this.me = welcome.you ?? -1;
    this.clock.setSpeed(welcome.tick_ms);
    welcome.answers.forEach((answer) => this.answered(answer));
    // A server that has restarted has forgotten them.
    for (const player of this.muted) this.socket.send('mute', [player, true]);
    if (this.map?.name === welcome.map) {
      this.take_names(welcome);
      return;
    }
    this.held = [];
    this.loading = this.load(welcome);
  }

  async load(welcome) {
    try {
      this.map = prepareMap(await fetchMap(welcome.map));
    } catch (error) {
      this.loading = null;
      this.tell('trouble', { message: `The map could not be loaded: ${error.message}` });
      this.socket.drop();
      return;
    }
    this.loading = null;
    this.take_names(welcome);
    for (const message of this.held.splice(0)) this.take(message);
  }

  take_names({ names }) {
    for (const name of names) this.names[name.player] = name;
    this.tell('names');
  }

  take_snapshot({ delta }) {
    const fresh = !this.mirror;
    this.mirror = new Mirror(this.map, this.welcome.rules, this.welcome.seats);
    this.applied(delta, true);
    this.tell(fresh ? 'ready' : 'restored');
  }

  take_delta({ delta }) {
    if (this.mirror) this.applied(delta, false);
  }

  applied(delta, whole) {
    try {
      this.mirror.apply(delta);
    } catch (error) {
      if (!(error instanceof MirrorError)) throw error;
      console.error('asking for a fresh snapshot:', error.message);
      this.mirror = null;
      this.socket.drop();
      return;
    }
    this.clock.announce(delta.tick, performance.now());
    this.tell('delta', { delta, whole });
    delta.events.forEach((event) => this.tell('event', event));
  }

  take_tail({ answers, own, events, tick }) {
    if (own) this.own = own;
    this.clock.announce(Math.max(tick, this.clock.last), performance.now());
    answers.forEach((answer) => this.answered(answer));
    events.forEach((event) => this.tell('event', event));
    this.tell('own');
  }

  answered(answer) {
    const command = this.sent.get(answer.seq);
    if (!command) return;
    this.sent.delete(answer.seq);
    this.tell(answer.refused ? 'refused' : 'done', { command, ...answer });
  }

  take_heartbeat({ tick }) {
    this.clock.announce(tick, performance.now());
  }

  take_paused({ reason }) {
    this.paused = reason;
    this.clock.paused = true;
    this.tell('paused', { reason });
  }

  take_resumed({ tick }) {
    this.paused = null;
    this.clock.paused = false;
    this.clock.samples = [];
    this.clock.announce(tick, performance.now());
    this.tell('resumed');
  }

  take_social(message) {
    this.tell('social', message);
  }

  take_chat(message) {
    this.tell('chat', message);
  }

  take_notice({ code, message }) {
    this.tell('trouble', { code, message });
  }

  /** The last tick that the server has announced: what numbers are shown for. */
  get tick() {
    return this.clock.last;
  }

  /** Sends an order; its answer comes as `done` or `refused`. */
  order(command) {
    const seq = this.socket.order(command);
    this.sent.set(seq, command);
    this.tell('sent', { seq, command });
    return seq;
  }

  quickChat(phrase, to = null) {
    this.socket.send('quick_chat', [phrase, to]);
  }

  /** Points at a territory, for the allies. */
  mark(territory) {
    this.socket.send('mark', [territory, null]);
  }

  /** Words, to one player, to the allies, or to everybody. */
  chat(text, to, allies) {
    this.socket.send('chat', [text, to, allies]);
  }

  /** To hear nothing more of what a player says, or to hear it again. */
  mute(player, on) {
    if (on) this.muted.add(player);
    else this.muted.delete(player);
    this.socket.send('mute', [player, on]);
  }

  emoji(emoji, to = null) {
    this.socket.send('emoji', [emoji, to]);
  }

  /** Where a replay goes on and how fast: thousandths of real time, 0 stands still. */
  watch(from, speed) {
    this.socket.send('watch', [from, speed]);
    if (speed > 0 && this.welcome) this.clock.setSpeed((this.welcome.tick_ms * 1000) / speed);
  }

  /** Whose sight it is that is shown; below 0 nothing is hidden. */
  get eye() {
    return this.me >= 0 ? this.me : this.view ?? -1;
  }

  nameOf(player) {
    if (player === this.me) return 'You';
    return this.names[player]?.name ?? `Player ${player + 1}`;
  }

  close() {
    this.socket.close();
  }
}
