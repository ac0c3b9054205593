// Which territory or army lies under a point of the screen.

const NEAR = 16;
const TINY = 22;
const ARMY_NEAR = 15;

const scratch = document.createElement('canvas').getContext('2d');

/** The territory under a point of the screen; null for the sea. */
export function territoryAt(map, shapes, camera, px, py) {
  const tiny = nearest(map, shapes, camera, px, py, (size) => size * camera.scale < TINY, 11);
  if (tiny !== null) return tiny;
  const { x, y } = camera.toMap(px, py);
  for (let id = 0; id < shapes.boxes.length; id += 1) {
    const box = shapes.boxes[id];
    const inside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    if (inside && scratch.isPointInPath(shapes.paths[id], x, y, 'evenodd')) return id;
  }
  return nearest(map, shapes, camera, px, py, () => true, NEAR);
}

function nearest(map, shapes, camera, px, py, fits, reach) {
  let [best, found] = [reach, null];
  map.territories.forEach((territory, id) => {
    if (!fits(shapes.boxes[id].size)) return;
    const at = camera.toScreen(territory.x, territory.y);
    const distance = Math.hypot(at.x - px, at.y - py);
    if (distance < best) [best, found] = [distance, id];
  });
  return found;
}

/** The army of `armies` (with places on the screen) under a point; null if there is none. */
export function armyAt(armies, px, py) {
  const near = armies.find((army) => Math.abs(army.x - px) < ARMY_NEAR + 6 && Math.abs(army.y - py) < ARMY_NEAR);
  return near?.id ?? null;
}

/** The neighbour of a territory in a direction of the keyboard; null if there is none. */
export function neighbourTowards(map, from, dx, dy) {
  const here = map.territories[from];
  let [best, found] = [Infinity, null];
  for (const { to } of map.edgesOf[from]) {
    let [x, y] = [map.territories[to].x - here.x, map.territories[to].y - here.y];
    if (Math.abs(x) > map.width / 2) x -= Math.sign(x) * map.width;
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    const cost = Math.hypot(x, y) + aside * 1.5;
    if (along > 0 && along >= aside * 0.4 && cost < best) [best, found] = [cost, to];
  }
  return found;
}
