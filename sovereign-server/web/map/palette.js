// How players are told apart: by colour, by pattern and by symbol, so that no one of
// the three has to be seen. The colours keep their distance for every kind of colour
// vision; the patterns tell neighbours apart in grey as well. Neutral land is light and
// bears no pattern.

const COLOURS = [
  '#3f8fe0', '#dc5a24', '#118268', '#e3c322', '#b960b0', '#62c6ea', '#ee9a3a', '#7a6be6',
];
const SYMBOLS = ['●', '▲', '■', '◆', '★', '✚', '⬢', '▼'];
const PATTERNS = ['plain', 'rising', 'dots', 'level', 'falling', 'upright', 'cross', 'rings'];

export const NEUTRAL = { plains: '#cdc1a4', highland: '#c1b395', mountain: '#b4a585', impassable: '#4a4d50' };
/** Land that is not seen. */
export const FOG = { plains: '#3b4350', highland: '#363e4a', mountain: '#313843', impassable: '#262b33' };
export const SEA = { deep: '#0d1e33', shallow: 'rgba(110, 172, 214, 0.085)', line: 'rgba(150, 190, 220, 0.045)' };
export const INK = '#1d1a14';
export const OWN_LINE = '#fff6d8';

const hex = (part) => Math.round(Math.min(Math.max(part, 0), 255)).toString(16).padStart(2, '0');

/** A colour moved towards white (amount > 0) or black (amount < 0). */
export function shade(colour, amount) {
  const goal = amount > 0 ? 255 : 0;
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return `#${parts.map((part) => hex(part + (goal - part) * Math.abs(amount))).join('')}`;
}

/** Colour, pattern and symbol of a seat. Beyond eight, colours come again in other patterns. */
export function styleOf(seat) {
  const [at, round] = [seat % COLOURS.length, Math.floor(seat / COLOURS.length)];
  const colour = round % 3 === 0 ? COLOURS[at] : shade(COLOURS[at], round % 3 === 1 ? -0.3 : 0.35);
  const turned = (at + round * 3) % PATTERNS.length;
  return { colour, pattern: PATTERNS[turned], symbol: SYMBOLS[turned] };
}

const TILE = 10;

const STROKES = {
  rising: (c) => lines(c, [[0, TILE, TILE, 0], [-2, 2, 2, -2], [TILE - 2, TILE + 2, TILE + 2, TILE - 2]]),
  falling: (c) => lines(c, [[0, 0, TILE, TILE], [-2, TILE - 2, 2, TILE + 2], [TILE - 2, -2, TILE + 2, 2]]),
  level: (c) => lines(c, [[0, TILE / 2, TILE, TILE / 2]]),
  upright: (c) => lines(c, [[TILE / 2, 0, TILE / 2, TILE]]),
  cross: (c) => lines(c, [[0, TILE / 2, TILE, TILE / 2], [TILE / 2, 0, TILE / 2, TILE]]),
  dots: (c) => discs(c, 1.7, true),
  rings: (c) => discs(c, 2.6, false),
};

function lines(context, all) {
  context.beginPath();
  for (const [x1, y1, x2, y2] of all) {
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
  }
  context.stroke();
}

function discs(context, radius, filled) {
  context.beginPath();
  context.arc(TILE / 2, TILE / 2, radius, 0, Math.PI * 2);
  if (filled) context.fill();
  else context.stroke();
}

const tiles = new Map();

/** A repeating pattern for a seat, to be laid over its colour; null for plain ones. */
export function patternOf(context, seat) {
  const { pattern, colour } = styleOf(seat);
  if (pattern === 'plain') return null;
  const key = `${pattern} ${colour}`;
  if (!tiles.has(key)) tiles.set(key, tile(pattern, colour));
  return context.createPattern(tiles.get(key), 'repeat');
}

function tile(pattern, colour) {
  const canvas = document.createElement('canvas');
  canvas.width = TILE;
  canvas.height = TILE;
  const context = canvas.getContext('2d');
  context.strokeStyle = shade(colour, -0.5);
  context.fillStyle = context.strokeStyle;
  context.globalAlpha = 0.7;
  context.lineWidth = 1.5;
  STROKES[pattern](context);
  return canvas;
}
