import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grow, growGold, phase, quotient, quotientUp, share, shareUp } from '../state/growth.js';

const RULES = {
  bands: [{ below: 100, rate: 600 }, { below: 500, rate: 1000 }, { below: 850, rate: 500 }, { below: 1000, rate: 200 }],
  decay: 200_000,
};

/** The definition: one tick after the other. */
function iterate(cap, away, rate, troops, since, to) {
  const room = Math.max(cap - away, 0);
  let now = troops;
  for (let t = since; t < to; t += 1) {
    const gain = (r) => phase(r, t + 1) - phase(r, t);
    const band = RULES.bands.find((b) => now + away < shareUp(b.below, cap));
    if (now > room) now = Math.max(now - gain(RULES.decay), room);
    else if (band) now = Math.min(now + gain(share(band.rate, rate)), room);
  }
  return now;
}

/** Throws that are the same in every run. */
function dice(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('the closed form equals the iteration', () => {
  const below = dice(7);
  for (let round = 0; round < 1500; round += 1) {
    const [cap, rate, troops, since, ticks] = [below(1500), below(3_000_000), below(2000), below(1_000_000), below(800)];
    const away = round % 2 === 0 ? 0 : below(1600);
    assert.equal(
      grow(RULES, cap, away, rate, troops, since, since + ticks), iterate(cap, away, rate, troops, since, since + ticks),
      `cap ${cap} away ${away} rate ${rate} troops ${troops} since ${since} ticks ${ticks}`,
    );
  }
});

test('quotients of the largest products are exact', () => {
  const product = (2 ** 28 - 1) * (2 ** 24 - 1);
  assert.equal(BigInt(quotient(product, 1_000_000)), BigInt(product) / 1_000_000n);
  assert.equal(quotientUp(7, 3), 3);
  assert.equal(quotientUp(6, 3), 2);
});

test('gold grows by its income and not backwards', () => {
  assert.equal(growGold(100, 500_000, 10, 30), 110);
  assert.equal(growGold(100, 500_000, 30, 10), 100);
});
