// Which land the page takes to be seen: the rules of docs/rules.md, Fog.

import assert from 'node:assert/strict';
import test from 'node:test';
import { prepareMap } from '../state/map-graph.js';
import { NOBODY } from '../state/mirror.js';
import { seenLand } from '../state/view.js';

// 0 - 1 - 2 → 3 - 4, and 5 alone.
const edges = [{ a: 0, b: 1 }, { a: 1, b: 2 }, { a: 2, b: 3, one_way: true }, { a: 3, b: 4, kind: 'sea' }];
const map = prepareMap({ territories: Array.from({ length: 6 }, () => ({})), edges });

function mirror(radius, phase = 'playing') {
  const players = [0, 1, 2].map((id) => ({ id, standing: 'playing', team: 0 }));
  return {
    map, players, rules: { fog: { radius } }, game: { phase }, pacts: new Map(),
    owner: [0, NOBODY, NOBODY, NOBODY, 1, 2],
  };
}

const seen = (of, me) => [...seenLand(of, me)].flatMap((flag, id) => (flag ? [id] : []));

test('land within the radius is seen, over edges of any kind and either way', () => {
  assert.deepEqual(seen(mirror(1), 0), [0, 1]);
  assert.deepEqual(seen(mirror(2), 0), [0, 1, 2]);
  assert.deepEqual(seen(mirror(2), 1), [2, 3, 4]);
});

test('allies share what they see, who is out sees nothing', () => {
  const allied = mirror(1);
  allied.pacts.set(0, { a: 0, b: 1, until: 100, embargo: 0 });
  assert.deepEqual(seen(allied, 0), [0, 1, 3, 4]);
  const out = mirror(1);
  out.players[0].standing = 'eliminated';
  assert.deepEqual(seen(out, 0), []);
});

test('without fog, outside of the playing phase and for who watches all is seen', () => {
  for (const all of [seenLand(mirror(0), 0), seenLand(mirror(1, 'spawn'), 0), seenLand(mirror(1), -1)]) assert.equal(all, null);
});
