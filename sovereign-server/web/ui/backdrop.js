// The world, quietly, behind the start.

import { h } from './dom.js';
import { fetchMap } from '../net/api.js';
import { prepareMap } from '../state/map-graph.js';
import { shapesOf } from '../map/geometry.js';
import { shade, styleOf } from '../map/palette.js';

const OWNERS = 8;

export class Backdrop {
  constructor() {
    this.element = h('canvas', { class: 'backdrop', 'aria-hidden': 'true' });
    this.resized = () => this.draw();
    window.addEventListener('resize', this.resized);
    this.load();
  }

  async load() {
    try {
      this.map = prepareMap(await fetchMap('world'));
    } catch {
      return;
    }
    this.shapes = shapesOf(this.map);
    this.draw();
    this.element.classList.add('shown');
  }

  draw() {
    if (!this.shapes) return;
    const { innerWidth: width, innerHeight: height } = window;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    Object.assign(this.element, { width: width * ratio, height: height * ratio });
    const c = this.element.getContext('2d');
    const scale = Math.max(width / this.map.width, height / this.map.height) * ratio * 1.05;
    c.translate((width * ratio - this.map.width * scale) / 2, (height * ratio - this.map.height * scale) / 2);
    c.scale(scale, scale);
    this.shapes.paths.forEach((path, id) => {
      const region = this.map.territories[id].region ?? id;
      c.fillStyle = shade(styleOf(region % OWNERS).colour, -0.45);
      c.fill(path, 'evenodd');
    });
    c.strokeStyle = 'rgba(11, 23, 38, 0.8)';
    c.lineWidth = (1.2 * ratio) / scale;
    c.stroke(this.shapes.land);
  }

  close() {
    window.removeEventListener('resize', this.resized);
  }
}
