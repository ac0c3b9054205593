import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EMOJI, eventWords, QUICK_CHAT, refusalWords } from '../words.js';
import { event, reject } from '../net/shapes.js';

const CORE = new URL('../../../sovereign-core/src/', import.meta.url);
const source = (path) => readFileSync(new URL(path, CORE), 'utf8');

const names = { player: (id) => `player ${id}`, land: (id) => `land ${id}`, tick: 0 };
/** Reasons that only the system or the lobby can be given. */
const NEVER_SHOWN = ['seat_taken', 'too_few_players', 'presence_unchanged', 'pause_unchanged', 'no_such_team'];

test('there are words for every reason to refuse an order', () => {
  const codes = [...source('command/reject.rs').matchAll(/=> "([a-z_]+)"/g)].map(([, code]) => code);
  assert.ok(codes.length > 25);
  for (const code of codes.filter((one) => !NEVER_SHOWN.includes(one))) {
    const words = refusalWords(reject({ [code]: code === 'wrong_phase' ? ['spawn', 'playing'] : [1, 2] }), names, 'unknown');
    assert.notEqual(words, 'unknown', code);
    assert.doesNotMatch(words, /undefined|NaN/, code);
  }
});

test('every event has its fields', () => {
  const list = source('event/mod.rs').split('pub enum Event {')[1].split(/\n}\n/)[0];
  const kinds = [...list.matchAll(/^ {4}([A-Z]\w+) \{([^}]*)\}/gm)];
  assert.ok(kinds.length > 12);
  for (const [, variant, body] of kinds) {
    const kind = variant.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase();
    const fields = [...body.matchAll(/^ +(\w+):/gm)].map(([, field]) => field);
    const read = event({ [kind]: fields });
    assert.deepEqual(read, { kind, ...Object.fromEntries(fields.map((field) => [field, field])) }, kind);
  }
});

test('events about players read as sentences', () => {
  const read = (kind, fields) => eventWords(event({ [kind]: fields }), names);
  assert.equal(read('captured', [3, 1, null]), 'player 1 took land 3.');
  assert.equal(read('captured', [3, 1, 2]), 'player 1 took land 3 from player 2.');
  assert.equal(read('alliance_broken', [1, 2, true]), 'player 1 broke the alliance with player 2 and is a traitor for a while.');
});

test('phrases and signs are those of the protocol', () => {
  const listed = (name) => source('wire/social.rs').split(`${name}: &[&str] = &[`)[1].split('];')[0];
  const texts = (list) => [...list.matchAll(/"([^"]*)"/g)].map(([, text]) => text);
  assert.deepEqual(QUICK_CHAT, texts(listed('QUICK_CHAT')));
  assert.deepEqual(EMOJI, texts(listed('EMOJI')));
});
