// The map on the screen: two canvases, a camera, and what the pointer does.

import { Camera } from './camera.js';
import { Gestures } from './gestures.js';
import { shapesOf } from './geometry.js';
import { Labels } from './labels.js';
import { LandLayer } from './land-layer.js';
import { Overlay } from './overlay.js';
import { armyAt, territoryAt } from './hit.js';

/** Territories smaller than this, in units of the map, are shown as if they were as large. */
const NEARBY = 60;

const calmly = window.matchMedia('(prefers-reduced-motion: reduce)');

export class MapView {
  /**
   * @param host the element to fill
   * @param map a prepared map
   * @param look what to show: see state/look.js
   * @param on callbacks: `tap({territory, army}, event)`, `hover(territory)`,
   *   `grab(territory, event)` (whether an order drag may begin), `drop(from, to)`
   */
  constructor(host, map, look, on) {
    Object.assign(this, { host, map, look, on });
    this.shapes = shapesOf(map);
    this.camera = new Camera(map);
    this.landCanvas = this.canvas('land');
    this.overCanvas = this.canvas('over');
    Object.assign(this.overCanvas, { tabIndex: 0 });
    this.overCanvas.setAttribute('role', 'application');
    this.overCanvas.setAttribute('aria-label', 'Map. Tab: next territory of yours; arrows: to a neighbour; Enter: act; Escape: let go; question mark: help.');
    this.land = new LandLayer(this.landCanvas, map, this.shapes);
    this.overlay = new Overlay(this.overCanvas, map, this.shapes, new Labels(map, this.shapes));
    this.gestures = new Gestures(this.overCanvas, this.callbacks());
    this.frames = { count: 0, since: performance.now(), rate: 0 };
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
    this.resize();
    this.camera.showAll();
    this.running = requestAnimationFrame((now) => this.frame(now));
  }

  canvas(name) {
    const canvas = document.createElement('canvas');
    canvas.className = `map-${name}`;
    this.host.append(canvas);
    return canvas;
  }

  callbacks() {
    return {
      tap: (x, y, event) => this.on.tap(this.under(x, y), event),
      hover: (x, y) => this.hover(x, y),
      leave: () => this.on.hover(null),
      pan: (dx, dy) => this.camera.panBy(dx, dy),
      zoom: (x, y, factor) => this.camera.zoomAt(x, y, factor),
      grab: (x, y, event) => this.grab(x, y, event),
      drag: (x, y) => this.drag(x, y),
      drop: (x, y) => this.drop(x, y),
      cancel: () => this.letGo(),
    };
  }

  under(x, y) {
    return {
      territory: territoryAt(this.map, this.shapes, this.camera, x, y),
      army: armyAt(this.overlay.armiesAt, x, y),
    };
  }

  hover(x, y) {
    const { territory, army } = this.under(x, y);
    this.overCanvas.classList.toggle('pointing', army !== null || territory !== null);
    this.on.hover(territory);
  }

  grab(x, y, event) {
    const { territory } = this.under(x, y);
    this.grabbed = territory !== null && this.on.grab(territory, event) ? territory : null;
    return this.grabbed !== null;
  }

  drag(x, y) {
    this.look.drag = { from: this.grabbed, x, y };
    this.on.hover(this.under(x, y).territory);
  }

  drop(x, y) {
    const { territory } = this.under(x, y);
    const from = this.grabbed;
    this.letGo();
    if (territory !== null && territory !== from) this.on.drop(from, territory);
  }

  letGo() {
    this.look.drag = null;
    this.grabbed = null;
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width === 0 || height === 0) return;
    const first = this.camera.width === 1;
    this.camera.resize(width, height);
    this.overlay.resize(width, height);
    this.land.invalidate();
    if (first) this.camera.showAll();
  }

  /** Keeps the map clear of panels: pixels that they cover on each side. */
  setInsets(insets) {
    this.camera.insets = insets;
  }

  frame(now) {
    this.running = requestAnimationFrame((next) => this.frame(next));
    this.camera.advance(now);
    this.look.beforeFrame?.(now);
    this.look.calm = calmly.matches;
    this.land.place(this.camera, this.look, now);
    this.overlay.draw(this.camera, this.look, now);
    this.countFrame(now);
  }

  countFrame(now) {
    const { frames } = this;
    frames.count += 1;
    if (now - frames.since < 1000) return;
    frames.rate = Math.round((frames.count * 1000) / (now - frames.since));
    Object.assign(frames, { count: 0, since: now });
  }

  /** Owners or ports changed. */
  repaint() {
    this.land.invalidate();
  }

  /** Shows a territory, zoomed in so far that one can see where it lies. */
  flyToTerritory(id, zoom = 3) {
    const { x, y } = this.map.territories[id];
    const scale = Math.max(this.camera.scale, this.camera.fitScale * zoom);
    this.camera.flyTo(x, y, scale, performance.now(), calmly.matches);
  }

  /** Shows a territory with its neighbours. */
  flyToNeighbourhood(id) {
    const { camera, map, shapes } = this;
    const own = Math.max(shapes.boxes[id].size, NEARBY);
    const near = map.edgesOf[id].map((edge) => edge.to).filter((to) => shapes.boxes[to].size < own * 3 && this.near(id, to));
    const boxes = [id, ...near].map((one) => shapes.boxes[one]);
    const [left, right] = [Math.min(...boxes.map((b) => b.left)), Math.max(...boxes.map((b) => b.right))];
    const [top, bottom] = [Math.min(...boxes.map((b) => b.top)), Math.max(...boxes.map((b) => b.bottom))];
    const room = 0.55 * Math.min(camera.width / (right - left), camera.height / (bottom - top));
    const scale = Math.min(Math.max(room, camera.fitScale * 1.4), camera.fitScale * 6);
    const { x, y } = map.territories[id];
    camera.flyTo(x, y, scale, performance.now(), calmly.matches);
  }

  near(a, b) {
    const [from, to] = [this.map.territories[a], this.map.territories[b]];
    return Math.hypot(from.x - to.x, from.y - to.y) < this.map.width / 6;
  }

  /** Moves on only if the territory cannot be seen well. */
  reveal(id) {
    const { x, y } = this.map.territories[id];
    if (!this.camera.sees(x, y)) this.camera.flyTo(x, y, this.camera.scale, performance.now(), calmly.matches);
  }

  zoomBy(factor) {
    this.camera.zoomAt(this.camera.width / 2, this.camera.height / 2, factor);
  }

  showAll() {
    this.camera.showAll();
  }

  /** Where a territory's label is, in pixels of the page. */
  placeOf(id) {
    const { x, y } = this.map.territories[id];
    return this.camera.toScreen(x, y);
  }

  close() {
    cancelAnimationFrame(this.running);
    this.observer.disconnect();
    this.landCanvas.remove();
    this.overCanvas.remove();
  }
}
