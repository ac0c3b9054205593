// Where the map is looked at from: a centre in map units and a scale in pixels a unit.

const ZOOM_MAX = 9;
const FLY_MS = 450;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const eased = (t) => (t < 0.5 ? 4 * t ** 3 : 1 - (-2 * t + 2) ** 3 / 2);

export class Camera {
  constructor(map) {
    this.map = map;
    this.x = map.width / 2;
    this.y = map.height / 2;
    this.scale = 1;
    this.width = 1;
    this.height = 1;
    this.insets = { top: 0, right: 0, bottom: 0, left: 0 };
    this.flight = null;
  }

  /** The scale at which the whole map fits between the panels. */
  get fitScale() {
    const { top, right, bottom, left } = this.insets;
    const across = Math.max(this.width - left - right, 50) / this.map.width;
    const down = Math.max(this.height - top - bottom, 50) / this.map.height;
    return Math.min(across, down) * 0.98;
  }

  resize(width, height) {
    [this.width, this.height] = [width, height];
    this.settle();
  }

  /** Shows the whole map. On a tall screen it fills the height instead: there is no use in a stripe. */
  showAll() {
    const tall = this.height > this.width;
    const full = (this.height - this.insets.top - this.insets.bottom) / this.map.height;
    this.scale = tall ? Math.max(this.fitScale, full * 0.62) : this.fitScale;
    this.centreOn(this.map.width / 2, this.map.height / 2);
  }

  centreOn(x, y) {
    const { top, right, bottom, left } = this.insets;
    this.x = x + (right - left) / 2 / this.scale;
    this.y = y + (bottom - top) / 2 / this.scale;
    this.settle();
  }

  settle() {
    this.scale = clamp(this.scale, this.fitScale * 0.9, ZOOM_MAX);
    this.x = clamp(this.x, 0, this.map.width);
    this.y = clamp(this.y, 0, this.map.height);
  }

  panBy(dx, dy) {
    this.flight = null;
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.settle();
  }

  /** Zooms so that what lies under a point of the screen stays there. */
  zoomAt(px, py, factor) {
    this.flight = null;
    const under = this.toMap(px, py);
    this.scale *= factor;
    this.settle();
    this.x = under.x - (px - this.width / 2) / this.scale;
    this.y = under.y - (py - this.height / 2) / this.scale;
    this.settle();
  }

  toMap(px, py) {
    return { x: (px - this.width / 2) / this.scale + this.x, y: (py - this.height / 2) / this.scale + this.y };
  }

  toScreen(x, y) {
    return { x: (x - this.x) * this.scale + this.width / 2, y: (y - this.y) * this.scale + this.height / 2 };
  }

  /** Glides to a place; jumps there for people who want no motion. */
  flyTo(x, y, scale, now, calm) {
    const to = new Camera(this.map);
    Object.assign(to, { width: this.width, height: this.height, insets: this.insets, scale });
    to.centreOn(x, y);
    if (calm) Object.assign(this, { x: to.x, y: to.y, scale: to.scale });
    else this.flight = { from: { x: this.x, y: this.y, scale: this.scale }, to, began: now };
  }

  /** Moves a flight on. Says whether it goes on. */
  advance(now) {
    if (!this.flight) return false;
    const { from, to, began } = this.flight;
    const at = eased(clamp((now - began) / FLY_MS, 0, 1));
    this.scale = from.scale * (to.scale / from.scale) ** at;
    this.x = from.x + (to.x - from.x) * at;
    this.y = from.y + (to.y - from.y) * at;
    if (at === 1) this.flight = null;
    return true;
  }

  /** Whether a place is well within what can be seen. */
  sees(x, y) {
    const at = this.toScreen(x, y);
    const { top, right, bottom, left } = this.insets;
    return at.x > left + 30 && at.x < this.width - right - 30
      && at.y > top + 30 && at.y < this.height - bottom - 30;
  }
}
