// A map file as a graph: the edges that leave each territory, and regions.

/** @returns the map file with `edgesOf`, `bordersOf`, `members` and `playable` added. */
export function prepareMap(file) {
  const edgesOf = file.territories.map(() => []);
  const bordersOf = file.territories.map(() => []);
  for (const { a, b, kind = 'land', length = 100, one_way: oneWay = false } of file.edges) {
    edgesOf[a].push({ to: b, kind, length });
    bordersOf[a].push(b);
    bordersOf[b].push(a);
    if (!oneWay) edgesOf[b].push({ to: a, kind, length });
  }
  const members = (file.regions ?? []).map(() => []);
  file.territories.forEach((t, id) => {
    if (t.region !== undefined && t.region !== null) members[t.region].push(id);
  });
  const playable = file.territories.filter((t) => t.terrain !== 'impassable').length;
  return { ...file, regions: file.regions ?? [], edgesOf, bordersOf, members, playable };
}

/** The edge from one territory to another, if there is one. */
export const edgeBetween = (map, from, to) => map.edgesOf[from].find((edge) => edge.to === to);
