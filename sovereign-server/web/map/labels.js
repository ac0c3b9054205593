// Numbers and structures on the land. What would lie on top of each other is left
// out, the more important first: the chosen, one's own, others', neutral land.

import { drawIcon } from './icons.js';
import { drawSprite, textSprite } from './sprites.js';
import { INK, OWN_LINE } from './palette.js';

const HALO = 'rgba(20, 16, 10, 0.78)';
/** A territory smaller than this on the screen, in pixels, has no number of its own. */
const SMALL = 13;
const NAMES_FROM = 70;

function textSize(scale, fit) {
  return Math.round(Math.min(Math.max(11 + 1.7 * Math.log2(scale / fit + 0.5), 11), 17));
}

function numberStyle(own, held, size) {
  if (own) return { size: size + 1, weight: 750, ink: INK, pill: OWN_LINE, line: 'rgba(20,16,10,.8)' };
  return held ? { size, weight: 700, halo: HALO } : { size: size - 1, weight: 500, ink: 'rgba(45, 38, 26, 0.78)' };
}

/** How much a territory's number matters. */
function rank(look, id) {
  if (look.isMarked(id)) return 4;
  const owner = look.owner(id);
  if (owner === look.me && owner >= 0) return 3;
  return owner >= 0 ? 2 : 1;
}

/** A coarse grid of the screen that remembers what is taken. */
class Clearing {
  constructor() {
    this.cells = new Set();
  }

  /** Takes a box if it is free. */
  take(x, y, width, height) {
    const keys = [];
    for (let i = Math.floor((x - width / 2) / 8); i <= Math.floor((x + width / 2) / 8); i += 1) {
      for (let j = Math.floor((y - height / 2) / 8); j <= Math.floor((y + height / 2) / 8); j += 1) {
        const key = i * 4096 + j;
        if (this.cells.has(key)) return false;
        keys.push(key);
      }
    }
    keys.forEach((key) => this.cells.add(key));
    return true;
  }
}

export class Labels {
  constructor(map, shapes) {
    Object.assign(this, { map, shapes });
    this.order = map.territories.map((_, id) => id);
    this.order.sort((a, b) => shapes.boxes[b].size - shapes.boxes[a].size);
  }

  draw(c, camera, look) {
    const clearing = new Clearing();
    const size = textSize(camera.scale, camera.fitScale);
    const seen = this.visible(camera);
    for (const wanted of [4, 3, 2, 1]) {
      for (const { id, at } of seen) {
        if (rank(look, id) === wanted) this.drawOne(c, camera, look, { id, at, size, clearing, wanted });
      }
    }
  }

  visible(camera) {
    const found = [];
    for (const id of this.order) {
      const { x, y, terrain } = this.map.territories[id];
      if (terrain === 'impassable') continue;
      const at = camera.toScreen(x, y);
      if (at.x > -20 && at.y > -20 && at.x < camera.width + 20 && at.y < camera.height + 20) found.push({ id, at });
    }
    return found;
  }

  drawOne(c, camera, look, { id, at, size, clearing, wanted }) {
    const across = this.shapes.boxes[id].size * camera.scale;
    if ((across < SMALL && wanted < 3) || look.hides?.(id)) return;
    const troops = look.troops(id);
    const own = wanted === 3 || (wanted === 4 && look.owner(id) === look.me);
    const sprite = textSprite(String(troops), numberStyle(own, look.owner(id) >= 0, size));
    if (!clearing.take(at.x, at.y, sprite.width - 4, sprite.height - 5) && wanted < 4) return;
    drawSprite(c, sprite, at.x, at.y);
    this.drawStructure(c, look, id, at, sprite, size);
    if (across > NAMES_FROM) this.drawName(c, look, id, at, sprite, size, clearing);
  }

  drawStructure(c, look, id, at, sprite, size) {
    const structure = look.structure(id);
    if (!structure) return;
    const [x, y] = [at.x, at.y - sprite.height / 2 - size * 0.62];
    c.beginPath();
    c.arc(x, y, size * 0.72, 0, 2 * Math.PI);
    c.fillStyle = 'rgba(18, 22, 30, 0.82)';
    c.fill();
    const progress = look.buildProgress(id);
    if (progress < 1) {
      c.beginPath();
      c.arc(x, y, size * 0.72, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * progress);
      c.strokeStyle = OWN_LINE;
      c.lineWidth = 2;
      c.stroke();
    }
    drawIcon(c, structure, x, y, size * 0.95, progress < 1 ? 'rgba(255,246,216,.6)' : '#fff6d8');
  }

  drawName(c, look, id, at, sprite, size, clearing) {
    const name = textSprite(this.map.territories[id].name, look.owner(id) >= 0
      ? { size: size - 2, weight: 500, ink: 'rgba(255,255,255,.94)', halo: 'rgba(20,16,10,.6)' }
      : { size: size - 2, weight: 500, ink: 'rgba(45, 38, 26, 0.9)', halo: 'rgba(201, 188, 157, 0.55)' });
    const y = at.y + sprite.height / 2 + name.height / 2 - 4;
    if (clearing.take(at.x, y, name.width - 8, name.height - 8)) drawSprite(c, name, at.x, y);
  }
}
