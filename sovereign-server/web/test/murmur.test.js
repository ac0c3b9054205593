import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowHash } from '../state/murmur.js';

test('the hash of a row is MurmurHash3', () => {
  // Published vectors of MurmurHash3_x86_32.
  assert.equal(rowHash(0, []), 0);
  assert.equal(rowHash(1, []), 0x514e28b7);
  assert.equal(rowHash(0x9747b28c, [0x61616161]), 0x5a97808a);
  assert.equal(rowHash(0, [0xffffffff]), 0x76293b50);
});
