import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reloadsUntil, supplyFrom } from '../state/view.js';

globalThis.localStorage = { getItem: () => null, setItem: () => {} };
const { Choice } = await import('../state/choice.js');

/** A choice of a player who holds territories 0 and 1 of three, and what it orders. */
function playing() {
  const orders = [];
  const players = [{ standing: 'playing', heir: null }];
  const mirror = { game: { phase: 'playing' }, owner: [0, 0, -1], players };
  const choice = new Choice({ me: 0, mirror, tick: 5, order: (order) => orders.push(order) });
  choice.select(0);
  return { choice, orders };
}

test('a supply line is set by choosing its end, and ended by none', () => {
  const { choice, orders } = playing();
  choice.takeAim('supply');
  choice.act(1);
  choice.supply(0, null);
  assert.deepEqual(orders, [{ kind: 'supply', from: 0, to: 1 }, { kind: 'supply', from: 0, to: null }]);
  assert.equal(choice.aiming, null);
});

test('a strike is aimed at what is tapped next, unless one thinks better of it', () => {
  const { choice, orders } = playing();
  choice.takeAim('strike');
  choice.takeAim('strike');
  assert.equal(choice.aiming, null);
  choice.takeAim('strike');
  choice.act(2);
  choice.takeAim('strike');
  choice.clear();
  assert.deepEqual(orders, [{ kind: 'strike', from: 0, target: 2 }]);
  assert.equal(choice.aiming, null);
});

test('what is one\'s own says where lines lead and which silos are loaded', () => {
  const own = { supplies: [{ from: 3, to: 4 }], reloads: [{ territory: 7, until: 60 }] };
  assert.deepEqual([supplyFrom(own, 3), supplyFrom(own, 4), supplyFrom(null, 3)], [4, null, null]);
  assert.deepEqual([reloadsUntil(own, 7, 59), reloadsUntil(own, 7, 60), reloadsUntil(null, 7, 0)], [60, null, null]);
});
