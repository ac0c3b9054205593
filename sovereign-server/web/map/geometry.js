// The shapes of a map, made once: a path for each territory, and the lines between
// them, each known by the two territories that it parts.

const ROUND_CORNERS = 10;

/** Everything that drawing and hit tests need of a prepared map. */
export function shapesOf(map) {
  const rings = map.territories.map((t) => (t.outline?.length ? t.outline : [disc(t, map)]));
  const paths = rings.map(pathOf);
  const land = new Path2D();
  paths.forEach((path) => land.addPath(path));
  const boxes = rings.map(boxOf);
  const regions = map.members.map((members) => joined(paths, members));
  return { paths, land, boxes, regions, borders: bordersOf(rings), routes: routesOf(map) };
}

function joined(paths, members) {
  const path = new Path2D();
  members.forEach((id) => path.addPath(paths[id]));
  return path;
}

function pathOf(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    path.moveTo(ring[0], ring[1]);
    for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i], ring[i + 1]);
    path.closePath();
  }
  return path;
}

/** The outline of a territory that has none: a disc, as large as the map has room for. */
function disc({ x, y }, map) {
  const radius = 0.32 * Math.sqrt((map.width * map.height) / map.territories.length);
  return Array.from({ length: ROUND_CORNERS * 2 }, (_, i) => {
    const angle = (Math.floor(i / 2) / ROUND_CORNERS) * 2 * Math.PI;
    return i % 2 === 0 ? x + radius * Math.cos(angle) : y + radius * Math.sin(angle);
  });
}

function boxOf(rings) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  let largest = 0;
  for (const ring of rings) {
    const own = ringBox(ring);
    box.left = Math.min(box.left, own.left);
    box.top = Math.min(box.top, own.top);
    box.right = Math.max(box.right, own.right);
    box.bottom = Math.max(box.bottom, own.bottom);
    largest = Math.max(largest, Math.sqrt((own.right - own.left) * (own.bottom - own.top)));
  }
  return { ...box, size: largest };
}

function ringBox(ring) {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let i = 0; i < ring.length; i += 2) {
    box.left = Math.min(box.left, ring[i]);
    box.right = Math.max(box.right, ring[i]);
    box.top = Math.min(box.top, ring[i + 1]);
    box.bottom = Math.max(box.bottom, ring[i + 1]);
  }
  return box;
}

const segmentKey = (x1, y1, x2, y2) => (
  x1 < x2 || (x1 === x2 && y1 < y2) ? `${x1},${y1},${x2},${y2}` : `${x2},${y2},${x1},${y1}`
);

function eachSegment(ring, visit) {
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    visit(ring[i], ring[i + 1], ring[j], ring[j + 1]);
  }
}

/** Lines as `{a, b, path}`: b is -1 along a coast. Neighbours share their corners. */
function bordersOf(rings) {
  const sides = new Map();
  rings.forEach((own, id) => own.forEach((ring) => eachSegment(ring, (...ends) => {
    const key = segmentKey(...ends);
    const there = sides.get(key);
    if (there) there.push(id);
    else sides.set(key, [id]);
  })));
  const found = new Map();
  rings.forEach((own, id) => own.forEach((ring) => traceRing(ring, id, sides, found)));
  return [...found.values()];
}

function traceRing(ring, id, sides, found) {
  let before = null;
  eachSegment(ring, (x1, y1, x2, y2) => {
    const there = sides.get(segmentKey(x1, y1, x2, y2));
    const other = there.find((one) => one !== id) ?? -1;
    if (other !== -1 && other < id) {
      before = null;
      return;
    }
    const key = `${id} ${other}`;
    if (!found.has(key)) found.set(key, { a: id, b: other, path: new Path2D() });
    const { path } = found.get(key);
    if (before !== key) path.moveTo(x1, y1);
    path.lineTo(x2, y2);
    before = key;
  });
}

/** The ways over water. */
function routesOf(map) {
  const over = map.edges.filter((edge) => (edge.kind ?? 'land') !== 'land');
  return over.map((edge) => ({ kind: edge.kind, a: edge.a, b: edge.b, ways: waysBetween(map, edge.a, edge.b) }));
}

/**
 * The way from one territory to another as curves `{x0, y0, cx, cy, x1, y1}`. Usually
 * one; two where the shorter way leads over the edge of the map and back in.
 */
export function waysBetween(map, from, to) {
  const [a, b] = [map.territories[from], map.territories[to]];
  const dx = b.x - a.x;
  if (Math.abs(dx) <= map.width / 2) return [curve(a.x, a.y, b.x, b.y)];
  const turn = dx > 0 ? -map.width : map.width;
  return [curve(a.x, a.y, b.x + turn, b.y), curve(a.x - turn, a.y, b.x, b.y)];
}

function curve(x0, y0, x1, y1) {
  const bend = 0.1;
  return {
    x0, y0, x1, y1,
    cx: (x0 + x1) / 2 + (y1 - y0) * bend,
    cy: (y0 + y1) / 2 - (x1 - x0) * bend,
  };
}

/** A point of a curve, `at` from 0 to 1. */
export function pointOn({ x0, y0, cx, cy, x1, y1 }, at) {
  const rest = 1 - at;
  return {
    x: rest * rest * x0 + 2 * rest * at * cx + at * at * x1,
    y: rest * rest * y0 + 2 * rest * at * cy + at * at * y1,
  };
}
