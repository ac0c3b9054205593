// Mouse, touch and pen on the map, told as what they mean: tap, hover, pan, zoom, and
// a drag from one territory to another.

/** A pointer that moves less than this, in pixels, has tapped. */
const TAP_SLOP = 7;
const WHEEL_STEP = 0.0016;
const GLIDE_DECAY = 0.92;

export class Gestures {
  /**
   * @param element what is touched
   * @param on callbacks: `tap(x, y, event)`, `hover(x, y)`, `leave()`, `pan(dx, dy)`,
   *   `zoom(x, y, factor)`, `grab(x, y, event)` (whether an order drag begins there),
   *   `drag(x, y)`, `drop(x, y)`, `cancel()`
   */
  constructor(element, on) {
    Object.assign(this, { element, on });
    this.pointers = new Map();
    this.mode = null;
    this.speed = { x: 0, y: 0 };
    const listen = (name, handler, options) => element.addEventListener(name, handler.bind(this), options);
    listen('pointerdown', this.down);
    listen('pointermove', this.move);
    listen('pointerup', this.up);
    listen('pointercancel', this.stop);
    listen('pointerleave', () => this.on.leave());
    listen('wheel', this.wheel, { passive: false });
    listen('contextmenu', (event) => event.preventDefault());
  }

  place(event) {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  down(event) {
    this.element.setPointerCapture(event.pointerId);
    const at = this.place(event);
    this.pointers.set(event.pointerId, at);
    this.speed = { x: 0, y: 0 };
    if (this.pointers.size === 1) {
      const orders = event.button === 0 && this.on.grab(at.x, at.y, event);
      this.begun = { ...at, orders, button: event.button };
      this.mode = 'press';
    } else {
      if (this.mode === 'drag') this.on.cancel();
      this.mode = 'pinch';
    }
  }

  move(event) {
    const at = this.place(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType !== 'touch') this.on.hover(at.x, at.y);
      return;
    }
    if (this.mode === 'pinch') this.pinch(event.pointerId, at);
    else this.moveOne(before, at);
    this.pointers.set(event.pointerId, at);
  }

  moveOne(before, at) {
    const far = Math.hypot(at.x - this.begun.x, at.y - this.begun.y) > TAP_SLOP;
    if (this.mode === 'press' && far) this.mode = this.begun.orders ? 'drag' : 'pan';
    if (this.mode === 'drag') this.on.drag(at.x, at.y);
    if (this.mode !== 'pan') return;
    this.speed = { x: at.x - before.x, y: at.y - before.y };
    this.on.pan(this.speed.x, this.speed.y);
  }

  pinch(id, at) {
    const other = [...this.pointers].find(([key]) => key !== id)?.[1];
    const before = this.pointers.get(id);
    if (!other) return;
    const grown = Math.hypot(at.x - other.x, at.y - other.y) / Math.max(Math.hypot(before.x - other.x, before.y - other.y), 1);
    this.on.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    this.on.zoom((at.x + other.x) / 2, (at.y + other.y) / 2, grown);
  }

  up(event) {
    const at = this.place(event);
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.mode === 'press' && this.begun.button === 0) this.on.tap(at.x, at.y, event);
    if (this.mode === 'drag') this.on.drop(at.x, at.y);
    if (this.mode === 'pan') this.glide();
    this.mode = this.pointers.size > 0 ? 'pinched' : null;
  }

  stop(event) {
    if (this.mode === 'drag') this.on.cancel();
    this.pointers.delete(event.pointerId);
    this.mode = null;
  }

  /** Lets a flung map run on for a moment. */
  glide() {
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const step = () => {
      this.speed = { x: this.speed.x * GLIDE_DECAY, y: this.speed.y * GLIDE_DECAY };
      if (this.mode || Math.hypot(this.speed.x, this.speed.y) < 0.5) return;
      this.on.pan(this.speed.x, this.speed.y);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  wheel(event) {
    event.preventDefault();
    const at = this.place(event);
    const lines = event.deltaMode === 1 ? 20 : 1;
    const amount = Math.max(Math.min(event.deltaY * lines, 300), -300);
    this.on.zoom(at.x, at.y, Math.exp(-amount * WHEEL_STEP));
  }
}
