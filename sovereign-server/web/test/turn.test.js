import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayOrder, reserveAt, stageOf } from '../state/turn.js';

const game = (turn) => ({ rules: { turns: { ticks: 100, moves_max: 1 } }, game: { phase: 'playing', turn } });
const own = (reserve) => ({ reserve, levy: 0, gold_since: 5 });

test('what a turn waits for', () => {
  const turn = { player: 1, round: 2, until: 90, moves: 0 };
  assert.equal(stageOf(game(turn), 0, own(3), 10), null);
  assert.equal(stageOf(game(turn), 1, own(3), 10), 'deploy');
  assert.equal(stageOf(game(turn), 1, own(0), 10), 'attack');
  assert.equal(stageOf(game({ ...turn, moves: 1 }), 1, own(0), 10), 'done');
  assert.equal(stageOf(game({ ...turn, round: 0 }), 1, own(0), 10), 'done');
  assert.equal(stageOf(game({ ...turn, until: null }), 1, own(0), 10), null);
});

test('who may order, and what the reserve has grown to', () => {
  const turn = { player: 1, round: 2, until: 90, moves: 0 };
  assert.equal(mayOrder(game(turn), 1), true);
  assert.equal(mayOrder(game(turn), 0), false);
  assert.equal(mayOrder({ ...game(turn), rules: { turns: { ticks: 0 } } }, 0), true);
  assert.equal(reserveAt({ reserve: 2, levy: 500_000, gold_since: 10 }, 15), 4);
  assert.equal(reserveAt({ reserve: 2, levy: 500_000, gold_since: 10 }, 5), 2);
  assert.equal(reserveAt(null, 5), 0);
});
