// Small pictures drawn on the map, each within a square from -8 to 8.

const ICONS = {
  city: 'M-7 7V-1l4-3v-3h6v5l4 2v7zM-4 3h2M-4 0h2M2 1h2M2 4h2M-1 -4h2',
  fort: 'M-7 7V-6h3v2h2.5v-2h3v2H4v-2h3V7zM-1.5 7V3a1.5 1.5 0 0 1 3 0v4',
  port: 'M0 -4V7M-4 -1h8M-7 2c0 3 3 5 7 5s7-2 7-5M0 -4a2 2 0 1 0-.01 0',
  barracks: 'M-7 7V-2l7-5 7 5v9zM-2.5 7V2h5v5M-4.5 -1h1M3.5 -1h1',
  silo: 'M-6 7h12M-3 7V-2c0-3 3-5 3-5s3 2 3 5V7M-3 2l-3 2v3M3 2l3 2v3',
  interceptor: 'M-6 7h12M0 7V2M-5 2h10M0 2l5-8M2 -7l3 1-1 3M-5 2l2-4',
  swords: 'M-6 -6L5 5M6 -6L-5 5M3 7l4-4M-3 7l-4-4',
  crown: 'M-7 5V-4l4 4 3-6 3 6 4-4v9z',
  speech: 'M-7 -6h14v9H1l-4 4v-4h-4z',
  home: 'M-7 0l7-7 7 7M-5 -1v8h10v-8',
  ally: 'M-8 0l4-4 4 3 4-3 4 4M-4 -4l-1 5 4 4 2-1 2 1 4-4-1-5M-1 5l-2-2M3 4l-2-2',
  eye: 'M-8 0q8-11 16 0q-8 11-16 0M0 -2.5a2.5 2.5 0 1 0 .01 0',
  flag: 'M-4 8V-7M-4 -7h10l-3 3.5 3 3.5h-10',
};

const paths = new Map();

function pathOf(name) {
  if (!paths.has(name)) paths.set(name, new Path2D(ICONS[name]));
  return paths.get(name);
}

/** Draws an icon of `size` pixels around a place of the screen. */
export function drawIcon(c, name, x, y, size, stroke, fill) {
  c.save();
  c.translate(x, y);
  c.scale(size / 16, size / 16);
  c.lineJoin = 'round';
  c.lineCap = 'round';
  if (fill) {
    c.fillStyle = fill;
    c.fill(pathOf(name));
  }
  c.lineWidth = 1.6;
  c.strokeStyle = stroke;
  c.stroke(pathOf(name));
  c.restore();
}

/** An icon as an element, for panels. */
export function iconElement(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '-9 -9 18 18');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
