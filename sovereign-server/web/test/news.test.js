import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { follow, query } from '../net/news.js';

/** Lets what is promised happen, then so much time pass. */
async function pass(ms) {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  mock.timers.tick(ms);
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

test('each question names the version of the last answer', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const asked = [];
  const heard = [];
  let rev = 6;
  const stop = follow(async (since) => {
    asked.push(since);
    rev += 1;
    return { rev };
  }, (answer) => heard.push(answer.rev));
  for (let turn = 0; turn < 2; turn += 1) await pass(1000);
  stop();
  await pass(10_000);
  mock.timers.reset();
  assert.deepEqual(asked, [null, 7, 8]);
  assert.deepEqual(heard.slice(0, 2), [7, 8]);
});

test('after a failure everything is asked anew, a while later', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const asked = [];
  const failed = [];
  const stop = follow(async (since) => {
    asked.push(since);
    if (asked.length === 2) throw new Error('gone');
    return { rev: 3 };
  }, () => {}, (error) => failed.push(error.message));
  await pass(1000);
  await pass(1000);
  assert.equal(asked.length, 2, 'not at once');
  await pass(3000);
  stop();
  mock.timers.reset();
  assert.deepEqual(asked, [null, 3, null]);
  assert.deepEqual(failed, ['gone']);
});

test('an address says only what is wished', () => {
  assert.equal(query('/v1/games', { since: null, map: '', sort: 'newest' }), '/v1/games?sort=newest');
  assert.equal(query('/v1/queue', {}), '/v1/queue');
});
