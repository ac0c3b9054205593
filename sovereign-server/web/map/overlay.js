// The layer that is drawn anew in every frame: marks, arrows, armies, battles, labels.

import { drawIcon } from './icons.js';
import { drawSprite, textSprite } from './sprites.js';
import { pointOn, waysBetween } from './geometry.js';
import { INK, OWN_LINE, shade, styleOf } from './palette.js';

const TURN = 2 * Math.PI;
/** The colour of one's own supply lines. */
const SUPPLY = '#9fe0c0';
/** Ink and line of what is said at a target: promising, not promising, neither. */
const CHIPS = { true: ['#d9ffe9', '#5fd0a0'], false: ['#ffe1d6', '#e58a66'], null: ['#eef3f8', 'rgba(176, 206, 232, 0.5)'] };
/** From this many times the scale of the whole map on, others' armies show their numbers. */
const CLOSE = 1.7;

export class Overlay {
  constructor(canvas, map, shapes, labels) {
    Object.assign(this, { canvas, map, shapes, labels });
    this.context = canvas.getContext('2d');
    this.ways = new Map();
  }

  /** Armies of this frame with their places on the screen, for hit tests. */
  armiesAt = [];

  resize(width, height) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.ratio = ratio;
  }

  draw(camera, look, now) {
    const c = this.context;
    Object.assign(this, { camera, look, now });
    c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    c.clearRect(0, 0, camera.width, camera.height);
    c.lineJoin = 'round';
    c.lineCap = 'round';
    this.drawRegion(c);
    this.drawMarks(c);
    this.drawSupplies(c);
    this.drawArrows(c);
    this.drawTrails(c);
    this.drawBattles(c);
    this.drawPointers(c);
    this.labels.draw(c, camera, look);
    this.drawArmies(c);
    this.drawChip(c);
  }

  inMap(c, draw) {
    const { camera } = this;
    c.save();
    c.translate(camera.width / 2, camera.height / 2);
    c.scale(camera.scale, camera.scale);
    c.translate(-camera.x, -camera.y);
    draw(1 / camera.scale);
    c.restore();
  }

  drawRegion(c) {
    const { hovered, selected } = this.look;
    const id = hovered ?? selected;
    const region = id === null || id === undefined ? null : this.map.territories[id].region;
    if (region === null || region === undefined) return;
    this.inMap(c, (unit) => {
      c.setLineDash([6 * unit, 5 * unit]);
      c.strokeStyle = 'rgba(255, 246, 216, 0.3)';
      c.lineWidth = 1.5 * unit;
      c.stroke(this.shapes.regions[region]);
    });
  }

  drawMarks(c) {
    const { look } = this;
    const pulse = look.calm ? 0.95 : 0.86 + 0.14 * Math.sin(this.now / 260);
    this.inMap(c, (unit) => {
      for (const { id, kind } of look.marks()) {
        c.fillStyle = `rgba(255, 255, 255, ${{ selected: 0.22, hovered: 0.12, cursor: 0.1, target: 0.1 }[kind] ?? 0})`;
        c.fill(this.shapes.paths[id], 'evenodd');
        if (kind === 'target') continue;
        c.strokeStyle = INK;
        c.lineWidth = (kind === 'hovered' ? 3.4 : 5.5) * unit;
        c.stroke(this.shapes.paths[id]);
        c.setLineDash(kind === 'cursor' ? [6 * unit, 4 * unit] : []);
        c.strokeStyle = kind === 'selected' ? `rgba(255, 255, 255, ${pulse})` : '#fff';
        c.lineWidth = (kind === 'hovered' ? 1.6 : 3) * unit;
        c.stroke(this.shapes.paths[id]);
        c.setLineDash([]);
      }
    });
  }

  waysOf(from, to) {
    const key = from * 4194304 + to;
    if (!this.ways.has(key)) this.ways.set(key, waysBetween(this.map, from, to));
    return this.ways.get(key);
  }

  toScreen(way) {
    const { camera } = this;
    const [a, b, m] = [camera.toScreen(way.x0, way.y0), camera.toScreen(way.x1, way.y1), camera.toScreen(way.cx, way.cy)];
    return { x0: a.x, y0: a.y, x1: b.x, y1: b.y, cx: m.x, cy: m.y };
  }

  drawArrows(c) {
    for (const arrow of this.look.arrows()) {
      for (const way of this.waysOf(arrow.from, arrow.to)) this.drawArrow(c, this.toScreen(way), arrow);
    }
    const { drag } = this.look;
    if (!drag) return;
    const { x, y } = this.camera.toScreen(this.map.territories[drag.from].x, this.map.territories[drag.from].y);
    const way = { x0: x, y0: y, cx: (x + drag.x) / 2, cy: (y + drag.y) / 2, x1: drag.x, y1: drag.y };
    this.drawArrow(c, way, { kind: 'attack', strong: true });
  }

  drawArrow(c, way, { kind, blocked, strong }) {
    const length = Math.hypot(way.x1 - way.x0, way.y1 - way.y0);
    if (length < 14) return;
    const [begin, end] = [pointOn(way, Math.min(14 / length, 0.3)), pointOn(way, 1 - Math.min(13 / length, 0.3))];
    const colour = blocked ? 'rgba(200, 205, 212, 0.5)' : { attack: '#ffd9a0', move: '#bfe6ff' }[kind];
    const width = strong ? 4 : 2.4;
    c.setLineDash(blocked ? [3, 6] : []);
    for (const [stroke, wide] of [['rgba(14, 18, 26, 0.7)', width + 3], [colour, width]]) {
      c.strokeStyle = stroke;
      c.lineWidth = wide;
      c.beginPath();
      c.moveTo(begin.x, begin.y);
      c.quadraticCurveTo(way.cx, way.cy, end.x, end.y);
      c.stroke();
    }
    c.setLineDash([]);
    if (!blocked) this.drawHead(c, end, Math.atan2(way.y1 - way.cy, way.x1 - way.cx), colour, strong ? 12 : 9);
  }

  drawHead(c, at, angle, colour, size) {
    c.save();
    c.translate(at.x, at.y);
    c.rotate(angle);
    c.beginPath();
    c.moveTo(size * 0.8, 0);
    c.lineTo(-size * 0.5, size * 0.6);
    c.lineTo(-size * 0.25, 0);
    c.lineTo(-size * 0.5, -size * 0.6);
    c.closePath();
    c.fillStyle = colour;
    c.strokeStyle = 'rgba(14, 18, 26, 0.8)';
    c.lineWidth = 1.2;
    c.fill();
    c.stroke();
    c.restore();
  }

  drawSupplies(c) {
    for (const { from, to } of this.look.supplies()) {
      for (const line of this.waysOf(from, to)) {
        const way = this.toScreen(line);
        this.drawTrail(c, way, SUPPLY, 1);
        this.drawHead(c, pointOn(way, 0.5), Math.atan2(way.y1 - way.y0, way.x1 - way.x0), SUPPLY, 7);
      }
    }
  }

  drawTrails(c) {
    this.armiesAt = [];
    for (const army of this.look.armies()) {
      for (const way of this.waysOf(army.from, army.to)) this.placeArmy(c, army, this.toScreen(way));
    }
    for (const { from, to } of this.look.pending()) {
      for (const way of this.waysOf(from, to)) this.drawTrail(c, this.toScreen(way), 'rgba(255,255,255,.5)', 1);
    }
  }

  placeArmy(c, army, way) {
    const at = pointOn(way, army.at);
    const inside = at.x > -40 && at.y > -40 && at.x < this.camera.width + 40 && at.y < this.camera.height + 40;
    const { colour } = styleOf(army.owner);
    if (!army.fighting && this.showsTrail(army)) this.drawTrail(c, way, colour, army.at);
    if (inside) this.armiesAt.push({ ...army, x: at.x, y: at.y });
  }

  /** From afar only the ways that concern the viewer are drawn: the others would hide the map. */
  showsTrail({ owner, to }) {
    const { me } = this.look;
    return !this.isFar() || owner === me || (me >= 0 && this.look.owner(to) === me);
  }

  isFar() {
    return this.camera.scale < this.camera.fitScale * CLOSE;
  }

  drawTrail(c, way, colour, upTo) {
    c.strokeStyle = colour;
    c.lineWidth = 2;
    c.globalAlpha = 0.75;
    c.setLineDash([4, 5]);
    c.lineDashOffset = this.look.calm ? 0 : -this.now / 50;
    c.beginPath();
    c.moveTo(way.x0, way.y0);
    const end = pointOn(way, upTo);
    const bend = { x: way.x0 + (way.cx - way.x0) * upTo, y: way.y0 + (way.cy - way.y0) * upTo };
    c.quadraticCurveTo(bend.x, bend.y, end.x, end.y);
    c.stroke();
    c.setLineDash([]);
    c.lineDashOffset = 0;
    c.globalAlpha = 1;
  }

  drawArmies(c) {
    for (const army of this.armiesAt) {
      const { colour, symbol } = styleOf(army.owner);
      const own = army.owner === this.look.me;
      const chosen = army.id === this.look.selectedArmy;
      const far = !own && !chosen && this.isFar();
      const sprite = textSprite(far ? symbol : `${symbol} ${army.troops}`, {
        size: far ? 8 : 12, weight: 750, ink: '#fff', pill: shade(colour, -0.42), line: own ? OWN_LINE : shade(colour, 0.25),
      });
      if (chosen) this.ring(c, army.x, army.y, sprite.width / 2 + 4, '#fff');
      drawSprite(c, sprite, army.x, army.y);
      if (army.purpose === 'return') drawIcon(c, 'flag', army.x + sprite.width / 2 + 2, army.y - 9, 11, '#fff');
    }
  }

  ring(c, x, y, radius, colour, part = 1) {
    c.beginPath();
    c.arc(x, y, radius, -TURN / 4, -TURN / 4 + TURN * part);
    c.strokeStyle = colour;
    c.lineWidth = 2.4;
    c.stroke();
  }

  drawBattles(c) {
    const beat = this.look.calm ? 0 : 2.5 * Math.sin(this.now / 130);
    for (const { territory, part } of this.look.battles()) {
      const { x, y } = this.camera.toScreen(this.map.territories[territory].x, this.map.territories[territory].y);
      const radius = 17 + beat;
      c.beginPath();
      c.arc(x, y, radius, 0, TURN);
      c.fillStyle = 'rgba(150, 24, 18, 0.45)';
      c.fill();
      this.ring(c, x, y, radius, 'rgba(255, 210, 190, 0.95)', part);
      drawIcon(c, 'swords', x + 17, y - 15, 15, '#fff', null);
    }
  }

  /** Waves around what somebody has pointed at. */
  drawPointers(c) {
    for (const { territory, owner, part } of this.look.pointers(this.now)) {
      const { x, y } = this.camera.toScreen(this.map.territories[territory].x, this.map.territories[territory].y);
      const { colour } = styleOf(owner);
      const wave = this.look.calm ? 0.5 : (part * 5) % 1;
      c.globalAlpha = 1 - part;
      this.ring(c, x, y, 14, '#fff');
      this.ring(c, x, y, 16 + 26 * wave, shade(colour, 0.25));
      drawIcon(c, 'eye', x, y, 17, '#fff', shade(colour, -0.3));
      c.globalAlpha = 1;
    }
  }

  drawChip(c) {
    const chip = this.look.chip();
    if (!chip) return;
    const { x, y } = this.map.territories[chip.at];
    const at = this.camera.toScreen(x, y);
    const [ink, line] = CHIPS[String(chip.good)];
    const sprite = textSprite(chip.text, { size: 13, weight: 650, ink, pill: 'rgba(12, 16, 24, 0.92)', line });
    const over = at.y > 80 ? -34 : 34;
    drawSprite(c, sprite, Math.min(Math.max(at.x, sprite.width / 2 + 6), this.camera.width - sprite.width / 2 - 6), at.y + over);
  }
}
