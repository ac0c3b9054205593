// One connection to a game or a replay that mends itself: it comes back with growing,
// jittered pauses, resumes where it was, and sends again what was not answered.

import { SUBPROTOCOL, decodeFrame, encodeFrame } from './codec.js';
import { session, tokenOfSession } from './session.js';
import { commandFrame } from './shapes.js';

const PAUSE_MIN_MS = 400;
const PAUSE_MAX_MS = 12_000;
/** Pause before the first try after a connection that has lasted: another server may have the game already. */
const FIRST_MS = 60;
const LASTED_MS = 5000;
/** A server says something every second; after this silence it is asked whether it is there. */
const QUIET_MS = 4000;
/** After this silence the connection is given up. */
const SILENT_MS = 9000;
/** So long another server's own address is tried. */
const THERE_MS = 3000;
const TRY_LATER_MS = 5000;
const POLICY_MS = 60_000;

/** Close codes after which there is no use in coming back. */
const FINAL = new Set([1000, 1002, 1003, 1007, 1009, 4000, 4003, 4004, 4005, 4011]);
const AUTH = 4001;
/** The session has ended; another tab may have begun the next one, as a new password does. */
const REVOKED = 4006;
/** Numbers of orders that are left free at first: those of the page before may still be on their way. */
const LEFT_FREE_MIN = 64;
const LEFT_FREE = 65_536;
const PAUSES = { 1008: POLICY_MS, 1013: TRY_LATER_MS };

/** How long a server that restarts asks to stay away; not all come back at one moment. */
const askedFor = (reason) =>
  1000 * (Number(/retry_after_s=(\d{1,3})\b/.exec(reason)?.[1]) || 0) * (1 + Math.random() / 2);

/** Where the page came from, for sockets. */
const home = () => `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}`;

/** Another server's own address, for sockets; null for none that the page may trust. */
function elsewhere(url) {
  if (!url || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  const there = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`;
  // A page that came by TLS does without it nowhere.
  const isFit = protocol === 'https:' || (protocol === 'http:' && window.location.protocol === 'http:');
  return isFit && there !== home() ? there : null;
}

export class GameSocket {
  /**
   * @param path of the WebSocket
   * @param on `message(message)`, `state(state, detail)` with the states `connecting`,
   *   `open`, `waiting`, `closed`; `token(renew)` gives a token, `resume()` what to resume from
   */
  constructor(path, on) {
    Object.assign(this, { path, on });
    this.seq = 0;
    this.numbered = false;
    this.unanswered = new Map();
    this.attempts = 0;
    this.welcomedAt = Infinity;
    this.renew = false;
    this.revoked = false;
    this.closed = false;
    /** The second socket, while the game moves to another server. */
    this.next = null;
    /** What is tried when that one comes to nothing. */
    this.otherwise = null;
    /** What comes next may have come over a socket before. */
    this.overlaps = false;
    this.queue = Promise.resolve();
    this.nudge = () => this.hurry();
    window.addEventListener('online', this.nudge);
    this.prolong = () => this.prolongToken();
    session.addEventListener('token', this.prolong);
    this.watch = setInterval(() => this.checkPulse(), 1000);
    this.connect();
  }

  async connect() {
    if (this.closed) return;
    this.on.state('connecting', { attempt: this.attempts });
    let token;
    try {
      token = await (this.revoked ? tokenOfSession() : this.on.token(this.renew));
    } catch (error) {
      if (this.revoked && error.status === 401) this.giveUp(REVOKED, 'revoked');
      else this.retry(0);
      return;
    }
    this.renew = false;
    this.revoked = false;
    if (this.closed) return;
    this.open(token);
  }

  open(token) {
    this.socket = this.dial(token);
    this.heardAt = performance.now();
  }

  dial(token, base = home()) {
    const socket = new WebSocket(`${base}${this.path}`, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(encodeFrame('hello', [token, this.on.resume()]));
    socket.onmessage = ({ data }) => this.receive(socket, data);
    socket.onclose = ({ code, reason }) => this.ended(socket, code, reason);
    return socket;
  }

  /**
   * Another server has the game: a second socket is opened before the first is let go. It goes
   * to that server's own address, if there is one, else to where the page came from, which leads
   * there too. A detour that may stay stays where there is no such address.
   */
  async migrate({ url, closes_s: closes }) {
    const there = elsewhere(url);
    if ((closes === null && !there) || this.moving || this.next) return;
    this.moving = true;
    const token = await this.on.token(false).catch(() => undefined);
    this.moving = false;
    if (token === undefined || this.closed || !this.socket) return;
    this.openSecond(token, there, closes !== null);
  }

  openSecond(token, there, mustGo) {
    const next = this.dial(token, there ?? home());
    this.next = next;
    this.otherwise = there && mustGo ? () => this.openSecond(token, null, true) : null;
    this.patience = setTimeout(() => next.close(), there ? THERE_MS : SILENT_MS);
  }

  /** The second socket has been welcomed: it is the only one from now on. */
  changeOver() {
    clearTimeout(this.patience);
    const before = this.socket;
    [this.socket, this.next] = [this.next, null];
    if (!before) return;
    before.onclose = null;
    before.close(1000);
  }

  /** Whether a socket before has brought this already: not every server knows what that was. */
  repeats({ type, epoch, tick, delta }) {
    if (type === 'snapshot') this.overlaps = false;
    if (!this.overlaps || (type !== 'delta' && type !== 'heartbeat')) return false;
    const [knownEpoch, knownTick] = this.on.resume() ?? [-1, -1];
    this.overlaps = epoch === knownEpoch && (delta ?? { tick }).tick <= knownTick;
    return this.overlaps;
  }

  /** Frames are decoded one after the other: inflating takes its time. */
  receive(socket, data) {
    this.heardAt = performance.now();
    this.queue = this.queue.then(async () => {
      const message = await decodeFrame(data);
      if (this.closed) return;
      if (socket === this.next && message.type === 'welcome') this.changeOver();
      if (socket !== this.socket || this.repeats(message)) return;
      if (message.type === 'migrate') this.migrate(message);
      if (message.type === 'welcome') this.welcomed(message);
      if (message.type === 'tail') message.answers.forEach((answer) => this.unanswered.delete(answer.seq));
      this.on.message(message);
    }).catch((error) => {
      console.error('a frame could not be taken', error);
      socket.close();
    });
  }

  welcomed({ last_seq: lastSeq, answers }) {
    this.attempts = 0;
    this.overlaps = true;
    this.welcomedAt = performance.now();
    this.seq = Math.max(this.seq, lastSeq);
    if (!this.numbered) this.seq += LEFT_FREE_MIN + Math.floor(Math.random() * LEFT_FREE);
    this.numbered = true;
    answers.forEach((answer) => this.unanswered.delete(answer.seq));
    this.on.state('open', {});
    for (const [seq, command] of this.unanswered) this.send('order', [seq, commandFrame(command)]);
  }

  ended(socket, code, reason) {
    if (socket === this.next) {
      clearTimeout(this.patience);
      this.next = null;
      if (this.otherwise) this.otherwise();
      else if (!this.socket) this.retry(0);
      return;
    }
    if (socket !== this.socket) return;
    this.socket = null;
    // The second one tells what becomes of us.
    if (this.next) return;
    if (this.closed || FINAL.has(code)) {
      this.giveUp(code, reason);
      return;
    }
    if (code === AUTH) this.renew = true;
    if (code === REVOKED) this.revoked = true;
    this.retry(PAUSES[code] ?? askedFor(reason));
  }

  giveUp(code, reason) {
    this.shut();
    this.on.state('closed', { code, reason });
  }

  /** The token was renewed: the connection may go on with it. */
  async prolongToken() {
    if (this.socket?.readyState === WebSocket.OPEN) this.send('renew', [await this.on.token(false)]);
  }

  retry(least) {
    if (this.closed) return;
    const lasted = this.attempts === 0 && performance.now() - this.welcomedAt > LASTED_MS;
    const pause = lasted ? FIRST_MS : Math.min(PAUSE_MIN_MS * 2 ** this.attempts, PAUSE_MAX_MS);
    const wait = Math.max(least, pause * (0.5 + Math.random() / 2));
    this.attempts += 1;
    this.on.state('waiting', { wait, attempt: this.attempts });
    this.timer = setTimeout(() => this.connect(), wait);
  }

  /** Comes back at once, if it is waiting. */
  hurry() {
    if (this.socket || this.next || this.closed) return;
    clearTimeout(this.timer);
    this.attempts = 0;
    this.connect();
  }

  checkPulse() {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const silence = performance.now() - this.heardAt;
    if (silence > SILENT_MS) this.drop();
    else if (silence > QUIET_MS) this.send('ping', [0]);
  }

  /** Lets go of the connection and comes back: for a fresh start or after silence. */
  drop() {
    const { socket } = this;
    if (!socket) return;
    this.socket = null;
    socket.onclose = null;
    socket.close();
    if (!this.next) this.retry(0);
  }

  send(name, fields) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encodeFrame(name, fields));
  }

  /** Sends an order, now or as soon as the connection is back. Gives its number. */
  order(command) {
    this.seq += 1;
    this.unanswered.set(this.seq, command);
    if (this.on.isReady()) this.send('order', [this.seq, commandFrame(command)]);
    return this.seq;
  }

  shut() {
    this.closed = true;
    this.otherwise = null;
    clearTimeout(this.timer);
    clearTimeout(this.patience);
    clearInterval(this.watch);
    window.removeEventListener('online', this.nudge);
    session.removeEventListener('token', this.prolong);
  }

  /** Leaves for good. */
  close() {
    this.shut();
    this.socket?.close(1000);
    this.next?.close(1000);
    [this.socket, this.next] = [null, null];
  }
}
