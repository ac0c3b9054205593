// The tick to show now. It follows what the server announces, evenly, and never runs
// past it: between two announcements it stays as far behind as they lie apart.

const WINDOW = 40;
const JUMP_TICKS = 60;

export class Clock {
  constructor(tickMs) {
    this.tickMs = tickMs;
    this.reset();
  }

  reset() {
    this.last = 0;
    this.shown = 0;
    this.samples = [];
    this.paused = false;
  }

  /** How fast time passes: 1 is a game, more a replay that is watched faster. */
  setSpeed(tickMs) {
    this.tickMs = tickMs;
    this.samples = [];
  }

  /** The server has come to `tick`; `now` in milliseconds. */
  announce(tick, now) {
    if (Math.abs(tick - this.shown) > JUMP_TICKS || tick < this.last) {
      this.samples = [];
      this.shown = tick;
    }
    const gap = this.samples.length ? tick - this.last : 0;
    this.last = tick;
    this.samples.push({ offset: now - tick * this.tickMs, gap });
    if (this.samples.length > WINDOW) this.samples.shift();
  }

  /** The tick to show, with its fraction: never earlier than before, never past the last announced. */
  at(now) {
    if (this.samples.length === 0 || this.paused) return this.shown;
    const offset = Math.min(...this.samples.map((sample) => sample.offset));
    const gap = Math.max(...this.samples.slice(-8).map((sample) => sample.gap));
    const target = (now - offset) / this.tickMs - gap;
    this.shown = Math.max(this.shown, Math.min(target, this.last));
    return this.shown;
  }
}
