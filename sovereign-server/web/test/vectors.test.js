import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../vendor/msgpack/encode.mjs';
import { rowHash } from '../state/murmur.js';
import { grow, growGold } from '../state/growth.js';
import { decodeFrame } from '../net/codec.js';
import { commandFrame } from '../net/shapes.js';
import { bytesOf, hexOf, readVectors } from './vectors.js';

const vectors = readVectors('protocol-vectors.json');

test('rows hash as documented', () => {
  for (const { table, words, hash, row } of vectors.mirror_row_hash) assert.equal(rowHash(table, words), hash, row);
});

test('garrisons grow as documented', () => {
  for (const { bands: pairs, decay, cap, away, rate, troops, since, at, becomes } of vectors.growth) {
    const bands = pairs.map(([below, speed]) => ({ below, rate: speed }));
    assert.equal(grow({ bands, decay }, cap, away, rate, troops, since, at), becomes, `${troops} of ${cap} from ${since} to ${at}`);
  }
});

test('gold grows as documented', () => {
  for (const { gold, income, gold_since: since, at, becomes } of vectors.gold) {
    assert.equal(growGold(gold, income, since, at), becomes, `${gold} from ${since} to ${at}`);
  }
});

/** What a client says, built the way the page builds it. */
function said([name, fields]) {
  if (name === 'order') {
    const [kind, of] = Object.entries(fields.command)[0];
    return { order: [fields.seq, commandFrame({ kind, ...of })] };
  }
  if (name === 'hello') return { hello: [fields.token, fields.resume && [fields.resume.epoch, fields.resume.tick]] };
  const order = { quick_chat: ['phrase', 'to'], emoji: ['emoji', 'to'], mark: ['territory', 'to'], chat: ['text', 'to', 'allies'], mute: ['player', 'on'], ping: ['nonce'], watch: ['from', 'speed'], renew: ['token'] };
  return { [name]: order[name].map((field) => fields[field] ?? null) };
}

test('the page writes what it says as documented', () => {
  for (const { name, json, msgpack } of vectors.from_client) {
    assert.equal(hexOf(encode(said(Object.entries(json)[0]))), msgpack, name);
  }
});

/** A choice of JSON, `{name: fields}` or `name`, the way the page keeps it. */
function tagged(tag, value) {
  if (typeof value === 'string') return { [tag]: value };
  const [name, fields] = Object.entries(value)[0];
  return { [tag]: name, ...fields };
}

const answerOf = (answer) => ({
  seq: answer.seq, tick: answer.tick ?? null, refused: answer.refused ? tagged('code', answer.refused) : null, message: answer.message ?? null,
});

const deltaOf = (delta) => ({
  ...delta,
  territories: delta.territories.map((row) => ({ since: delta.tick, ...row })),
  events: delta.events.map((event) => tagged('kind', event)),
});

/** A message of JSON the way the page keeps it. */
function kept(json) {
  const message = tagged('type', json);
  if (message.delta) message.delta = deltaOf(message.delta);
  if (message.answers) message.answers = message.answers.map(answerOf);
  if (message.events) message.events = message.events.map((event) => tagged('kind', event));
  return message;
}

test('the page reads what the server says as documented', async () => {
  for (const { name, json, msgpack, frame } of vectors.to_client) {
    const bytes = frame ? bytesOf(frame) : bytesOf(`00${msgpack}`.replace(/^00(00|01)(?=8)/, '$1'));
    assert.deepEqual(await decodeFrame(bytes.buffer), kept(json), name);
  }
});

test('compressed frames say the same', async () => {
  const { frame, message } = vectors.compressed;
  const plain = vectors.to_client.find(({ name }) => name === message);
  assert.deepEqual(await decodeFrame(bytesOf(frame).buffer), kept(plain.json));
});
