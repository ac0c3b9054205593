import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from '../state/clock.js';

test('the clock never runs past what was announced, and never back', () => {
  const clock = new Clock(50);
  let before = 0;
  for (let tick = 1; tick <= 200; tick += 1) {
    // The network is late by a different time for every message.
    const arrives = tick * 50 + ((tick * 37) % 23);
    if (tick % 3 === 0) clock.announce(tick, arrives);
    const shown = clock.at(arrives + 10);
    assert.ok(shown <= clock.last, `${shown} is past ${clock.last}`);
    assert.ok(shown >= before, `${shown} is before ${before}`);
    before = shown;
  }
  assert.ok(before > 180, 'it keeps up');
});

test('between rare heartbeats time passes evenly', () => {
  const clock = new Clock(50);
  for (let tick = 20; tick <= 200; tick += 20) clock.announce(tick, tick * 50);
  const steps = Array.from({ length: 10 }, (_, i) => clock.at(10_000 + i * 100));
  const apart = steps.slice(1).map((shown, i) => shown - steps[i]);
  assert.ok(apart.every((ticks) => Math.abs(ticks - 2) < 0.01), String(apart));
});

test('a paused clock stands still', () => {
  const clock = new Clock(50);
  clock.announce(100, 5000);
  clock.paused = true;
  const shown = clock.at(5000);
  assert.equal(clock.at(60_000), shown);
});

test('a jump in a replay is followed at once', () => {
  const clock = new Clock(50);
  clock.announce(4000, 1000);
  clock.announce(100, 1100);
  assert.equal(clock.at(1100), 100);
});
