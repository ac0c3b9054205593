// Pictures of short texts, drawn once and then only copied: text is slow to draw.

const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
/** Pictures kept; the oldest go first. */
const KEPT_MAX = 1500;

const kept = new Map();

function ratio() {
  return Math.min(window.devicePixelRatio || 1, 3);
}

/**
 * A text as a picture `{canvas, width, height}` in pixels of the page.
 *
 * @param {{size: number, weight?: number, ink?: string, halo?: string, pill?: string, line?: string}} style
 */
export function textSprite(text, style) {
  const key = `${ratio()}|${style.size}|${style.weight}|${style.ink}|${style.halo}|${style.pill}|${style.line}|${text}`;
  const found = kept.get(key);
  if (found) return found;
  if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value);
  const sprite = paint(text, style);
  kept.set(key, sprite);
  return sprite;
}

const measuring = document.createElement('canvas').getContext('2d');

function paint(text, { size, weight = 600, ink = '#fff', halo, pill, line }) {
  const font = `${weight} ${size}px ${FONT}`;
  measuring.font = font;
  const [padX, padY] = pill ? [size * 0.5, size * 0.22] : [3, 3];
  const width = Math.ceil(measuring.measureText(text).width + 2 * padX);
  const height = Math.ceil(size * 1.15 + 2 * padY);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * ratio());
  canvas.height = Math.ceil(height * ratio());
  const c = canvas.getContext('2d');
  c.scale(ratio(), ratio());
  if (pill) paintPill(c, width, height, pill, line);
  Object.assign(c, { font, textAlign: 'center', textBaseline: 'middle', lineJoin: 'round' });
  if (halo) {
    Object.assign(c, { strokeStyle: halo, lineWidth: 3 });
    c.strokeText(text, width / 2, height / 2 + 0.5);
  }
  c.fillStyle = ink;
  c.fillText(text, width / 2, height / 2 + 0.5);
  return { canvas, width, height };
}

function paintPill(c, width, height, fill, line) {
  c.beginPath();
  c.roundRect(1, 1, width - 2, height - 2, (height - 2) / 2);
  c.fillStyle = fill;
  c.fill();
  if (!line) return;
  c.strokeStyle = line;
  c.lineWidth = 1.4;
  c.stroke();
}

/** Draws a sprite around a place of the screen. */
export function drawSprite(c, sprite, x, y) {
  c.drawImage(
    sprite.canvas,
    Math.round(x - sprite.width / 2), Math.round(y - sprite.height / 2), sprite.width, sprite.height,
  );
}
