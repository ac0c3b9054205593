import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mirror, MirrorError } from '../state/mirror.js';
import { prepareMap } from '../state/map-graph.js';
import { goldAt, ownerOf, troopsAt } from '../state/view.js';
import { decodeFrame } from '../net/codec.js';
import { bytesOf, recordedGames } from './vectors.js';

const games = recordedGames();

const decoded = (frame) => decodeFrame(bytesOf(frame.msgpack).buffer);

async function untouched(game) {
  const welcome = await decoded(game.frames[0]);
  return new Mirror(prepareMap(game.map), welcome.rules, welcome.seats);
}

test('there are recorded games', () => assert.ok(games.length > 0));

for (const [name, game] of games) {
  test(`an untouched mirror has the documented hash: ${name}`, async () => {
    assert.equal((await untouched(game)).check, game.untouched);
  });

  test(`a recorded game comes out as it was, frame by frame: ${name}`, async () => {
    const mirror = await untouched(game);
    let own = null;
    for (const [at, frame] of game.frames.entries()) {
      const message = await decoded(frame);
      if (message.type === 'snapshot') Object.assign(mirror, await untouched(game));
      if (message.delta) mirror.apply(message.delta);
      if (message.own) own = message.own;
      assert.equal(mirror.check, frame.check, `hash after frame ${at}`);
      if (frame.shown) compare(mirror, own, frame.shown, at);
    }
  });
}

/** Between a body and its tail no gold is shown: a new income comes with the tail. */
function compare(mirror, own, shown, at) {
  const lands = mirror.map.territories.map((_, id) => [ownerOf(mirror, id), troopsAt(mirror, id, shown.at)]);
  assert.deepEqual(lands, shown.lands, `lands after frame ${at}`);
  if (shown.gold !== null) assert.equal(goldAt(own, shown.at), shown.gold, `gold after frame ${at}`);
}

test('a delta that does not fit is noticed', async () => {
  const [[, game]] = games;
  const mirror = await untouched(game);
  const frames = await Promise.all(game.frames.slice(0, 12).map(decoded));
  mirror.apply(frames.find(({ type }) => type === 'snapshot').delta);
  const { delta } = frames.find(({ type }) => type === 'delta');
  assert.throws(() => mirror.apply({ ...delta, check: (delta.check + 1) % 2 ** 32 }), MirrorError);
});

test('a territory that does not exist is refused', async () => {
  const mirror = await untouched(games[0][1]);
  const rows = { players: [], armies: [], battles: [], pacts: [], events: [], game: null };
  const delta = { ...rows, tick: 1, territories: [{ id: 7_000_000, troops: 1, since: 1 }], check: 0 };
  assert.throws(() => mirror.apply(delta), MirrorError);
});
