// The layer that rarely changes: sea, land, owners, borders, ways over water.
//
// It is drawn once, larger than the screen, and then only moved and scaled by the
// compositor while the map is panned and zoomed. It is drawn anew when its owners
// change, when the view leaves it, or when it rests at another scale.

import { FOG, INK, NEUTRAL, OWN_LINE, SEA, patternOf, shade, styleOf } from './palette.js';

/** How far beyond the screen the layer reaches, as a share of the screen. */
const MARGIN = 0.3;
/** Pixels of the layer's canvas, at most. */
const PIXELS_MAX = 9_000_000;
const SCALE_DRIFT = 1.6;
const REST_MS = 140;
/** In the heat of a late game owners change many times a second; they are shown this often. */
const REPAINT_MS = 150;

/** How wide the shallow water is drawn around coasts, as shares of the map's width. */
const SHELF = [0.0125, 0.0085, 0.005, 0.0022];
const SHELF_PIXELS = 2400;

/**
 * The shallow water around all coasts, as a picture: lines that wide are slow to draw, and
 * a soft edge may be stretched.
 */
function paintShelf(map, shapes) {
  const rim = map.width * SHELF[0];
  const scale = Math.min(SHELF_PIXELS / (map.width + 2 * rim), 1);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil((map.width + 2 * rim) * scale);
  canvas.height = Math.ceil((map.height + 2 * rim) * scale);
  const c = canvas.getContext('2d');
  c.setTransform(scale, 0, 0, scale, rim * scale, rim * scale);
  c.lineJoin = 'round';
  c.strokeStyle = SEA.shallow;
  for (const reach of SHELF) {
    c.lineWidth = reach * map.width;
    c.stroke(shapes.land);
  }
  return { canvas, rim };
}

export class LandLayer {
  constructor(canvas, map, shapes) {
    Object.assign(this, { canvas, map, shapes });
    this.context = canvas.getContext('2d', { alpha: false });
    this.drawn = null;
    this.stale = true;
    this.movedAt = 0;
    this.drawnAt = 0;
  }

  /** Marks that owners changed. */
  invalidate() {
    this.stale = true;
  }

  /** Puts the layer in its place for this frame. `look` says who owns what. */
  place(camera, look, now) {
    if (this.needsDrawing(camera, now)) {
      this.draw(camera, look);
      this.drawnAt = now;
    }
    const { x, y, scale, ratio } = this.drawn;
    const zoom = camera.scale / scale;
    const at = camera.toScreen(x, y);
    if (zoom === 1) {
      // Whole pixels: sharper, and the compositor only copies.
      at.x = Math.round(at.x * ratio) / ratio;
      at.y = Math.round(at.y * ratio) / ratio;
    }
    this.canvas.style.transform = `translate(${at.x}px, ${at.y}px) scale(${zoom / ratio})`;
  }

  needsDrawing(camera, now) {
    if (!this.drawn) return true;
    if (this.stale && now - this.drawnAt > REPAINT_MS) return true;
    const zoom = camera.scale / this.drawn.scale;
    if (zoom !== this.drawn.zoom) [this.drawn.zoom, this.movedAt] = [zoom, now];
    if (zoom > SCALE_DRIFT || zoom < 1 / SCALE_DRIFT) return true;
    if (zoom !== 1 && now - this.movedAt > REST_MS) return true;
    return !this.covers(camera);
  }

  covers(camera) {
    const from = camera.toMap(0, 0);
    const to = camera.toMap(camera.width, camera.height);
    const { x, y, width, height } = this.drawn;
    return from.x >= x && from.y >= y && to.x <= x + width && to.y <= y + height;
  }

  draw(camera, look) {
    const margin = MARGIN;
    const [width, height] = [camera.width * (1 + 2 * margin), camera.height * (1 + 2 * margin)];
    const ratio = Math.min(window.devicePixelRatio || 1, Math.sqrt(PIXELS_MAX / (width * height)));
    const from = camera.toMap(-camera.width * margin, -camera.height * margin);
    this.fit(Math.ceil(width * ratio), Math.ceil(height * ratio));
    this.drawn = {
      ...from, scale: camera.scale, ratio, zoom: 1, width: width / camera.scale, height: height / camera.scale,
    };
    this.stale = false;
    this.paint(look);
  }

  fit(width, height) {
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
  }

  paint(look) {
    const { context: c, drawn } = this;
    const scale = drawn.scale * drawn.ratio;
    const unit = drawn.ratio / scale;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.fillStyle = SEA.deep;
    c.fillRect(0, 0, this.canvas.width, this.canvas.height);
    c.setTransform(scale, 0, 0, scale, -drawn.x * scale, -drawn.y * scale);
    c.lineJoin = 'round';
    c.lineCap = 'round';
    this.paintSea(c, unit);
    this.paintRoutes(c, unit, look);
    const seen = this.visible();
    this.paintLand(c, look, seen, scale);
    this.paintBorders(c, unit, look);
  }

  visible() {
    const { x, y, width, height } = this.drawn;
    const inside = (box) => box.right > x && box.left < x + width && box.bottom > y && box.top < y + height;
    return this.shapes.boxes.map((box, id) => (inside(box) ? id : -1)).filter((id) => id >= 0);
  }

  paintSea(c, unit) {
    const { width, height } = this.map;
    c.strokeStyle = SEA.line;
    c.lineWidth = unit;
    c.beginPath();
    for (let i = 0; i <= 24; i += 1) {
      c.moveTo((i * width) / 24, -height);
      c.lineTo((i * width) / 24, 2 * height);
      c.moveTo(-width, (i * height) / 12);
      c.lineTo(2 * width, (i * height) / 12);
    }
    c.stroke();
    this.shelf ??= paintShelf(this.map, this.shapes);
    const rim = this.shelf.rim;
    c.drawImage(this.shelf.canvas, -rim, -rim, width + 2 * rim, height + 2 * rim);
  }

  paintRoutes(c, unit, look) {
    for (const { kind, a, b, ways } of this.shapes.routes) {
      const open = kind === 'strait' || look.ports?.has(a) || look.ports?.has(b);
      c.lineWidth = (kind === 'strait' ? 1.8 : 1.2) * unit;
      c.setLineDash(kind === 'strait' ? [5 * unit, 5 * unit] : [1.5 * unit, 7 * unit]);
      c.strokeStyle = `rgba(190, 214, 232, ${open ? 0.55 : 0.22})`;
      c.beginPath();
      for (const way of ways) {
        c.moveTo(way.x0, way.y0);
        c.quadraticCurveTo(way.cx, way.cy, way.x1, way.y1);
      }
      c.stroke();
    }
    c.setLineDash([]);
  }

  paintLand(c, look, seen, scale) {
    for (const id of seen) {
      const owner = look.owner(id);
      const terrain = this.map.territories[id].terrain ?? 'plains';
      const ground = look.hides?.(id) ? FOG : NEUTRAL;
      c.fillStyle = owner < 0 ? ground[terrain] : styleOf(owner).colour;
      c.fill(this.shapes.paths[id], 'evenodd');
      if (owner >= 0) this.paintPattern(c, id, owner, scale);
    }
  }

  paintPattern(c, id, owner, scale) {
    const pattern = patternOf(c, owner);
    if (!pattern) return;
    // Patterns keep their size on the screen whatever the zoom.
    const size = this.drawn.ratio / scale;
    pattern.setTransform(new DOMMatrix([size, 0, 0, size, 0, 0]));
    c.fillStyle = pattern;
    c.fill(this.shapes.paths[id], 'evenodd');
  }

  paintBorders(c, unit, look) {
    const [within, between, coast, own] = [new Path2D(), new Path2D(), new Path2D(), new Path2D()];
    for (const { a, b, path } of this.shapes.borders) {
      const [left, right] = [look.owner(a), b < 0 ? null : look.owner(b)];
      if (b < 0) coast.addPath(path);
      else if (left === right) within.addPath(path);
      else between.addPath(path);
      if (look.me >= 0 && (left === look.me) !== (right === look.me)) own.addPath(path);
    }
    this.line(c, within, 'rgba(29, 26, 20, 0.38)', unit);
    this.line(c, coast, 'rgba(12, 18, 26, 0.75)', unit);
    this.line(c, between, 'rgba(20, 16, 10, 0.8)', 1.6 * unit);
    this.line(c, own, shade(INK, 0), 5 * unit);
    this.line(c, own, OWN_LINE, 2.4 * unit);
  }

  line(c, path, colour, width) {
    c.strokeStyle = colour;
    c.lineWidth = width;
    c.stroke(path);
  }
}
