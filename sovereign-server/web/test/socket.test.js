import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decode } from '../vendor/msgpack/decode.mjs';
import { encode } from '../vendor/msgpack/encode.mjs';

// What a browser would bring along.
const location = { protocol: 'http:', host: 'play.example' };
globalThis.window = Object.assign(new EventTarget(), { location });
globalThis.localStorage = { getItem: () => null, setItem() {}, removeItem() {} };

class FakeSocket {
  static OPEN = 1;

  static all = [];

  constructor(url) {
    Object.assign(this, { url, readyState: 0, said: [], closedWith: null });
    FakeSocket.all.push(this);
  }

  begin() {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }

  send(frame) {
    this.said.push(decode(frame));
  }

  close(code) {
    this.closedWith = code;
    this.end(code);
  }

  /** The server says something. */
  tell(name, fields) {
    this.onmessage({ data: Uint8Array.of(0, ...encode({ [name]: fields })).buffer });
  }

  end(code) {
    this.readyState = 3;
    this.onclose?.({ code, reason: '' });
  }
}
globalThis.WebSocket = FakeSocket;

const { GameSocket } = await import('../net/socket.js');

const settled = () => new Promise((resolve) => { setTimeout(resolve, 5); });
const welcome = (epoch) => [epoch, 'g', 0, 2, 'classic', '', {}, 50, '', 0, [], [], null];

/** A page with a first socket that is open and has heard tick 7. */
async function page() {
  FakeSocket.all = [];
  const heard = { point: [1, 7], types: [], states: [] };
  const socket = new GameSocket('/v1/games/g/ws', {
    token: async () => 'token',
    resume: () => heard.point,
    isReady: () => true,
    state: (state) => heard.states.push(state),
    message: (message) => {
      heard.types.push([message.type, message.tick]);
      if (message.type === 'heartbeat') heard.point = [message.epoch, message.tick];
    },
  });
  await settled();
  const [first] = FakeSocket.all;
  first.begin();
  first.tell('welcome', welcome(1));
  await settled();
  return { socket, heard, first };
}

test('a page leaves numbers of orders free once, for those of the page before', async () => {
  const { socket, first } = await page();
  const number = socket.order({ kind: 'surrender' });
  assert.ok(number > 64 && number <= 65_600, `${number}`);
  first.tell('welcome', welcome(1));
  await settled();
  assert.equal(socket.order({ kind: 'surrender' }), number + 1);
  socket.close();
});

test('a second socket takes over before the first is closed, and nothing is taken twice', async () => {
  const { socket, heard, first } = await page();
  first.tell('migrate', [null, 10]);
  await settled();
  const [, second] = FakeSocket.all;
  second.begin();
  assert.deepEqual(second.said, [{ hello: ['token', [1, 7]] }]);
  first.tell('heartbeat', [1, 8]);
  await settled();
  assert.equal(first.closedWith, null);
  second.tell('welcome', welcome(1));
  for (const tick of [8, 9]) second.tell('heartbeat', [1, tick]);
  await settled();
  assert.equal(first.closedWith, 1000);
  assert.deepEqual(heard.types.slice(2), [['heartbeat', 8], ['welcome', undefined], ['heartbeat', 9]]);
  assert.deepEqual(heard.states, ['connecting', 'open', 'open']);
  socket.close();
});

test('nothing is taken twice after a reconnect either', async () => {
  const { socket, heard, first } = await page();
  first.end(1006);
  socket.hurry();
  await settled();
  const [, second] = FakeSocket.all;
  second.begin();
  second.tell('welcome', welcome(1));
  for (const tick of [6, 7, 8]) second.tell('heartbeat', [1, tick]);
  await settled();
  assert.deepEqual(heard.types.slice(-2), [['welcome', undefined], ['heartbeat', 8]]);
  socket.close();
});

test('that the first is fenced by the second is no error', async () => {
  const { socket, heard, first } = await page();
  first.tell('migrate', [null, 10]);
  await settled();
  const [, second] = FakeSocket.all;
  second.begin();
  first.end(4003);
  second.tell('welcome', welcome(1));
  await settled();
  assert.deepEqual(heard.states, ['connecting', 'open', 'open']);
  socket.close();
});

test('a second socket that comes to nothing leaves the first as it is', async () => {
  const { socket, heard, first } = await page();
  first.tell('migrate', [null, 10]);
  await settled();
  FakeSocket.all[1].end(1006);
  first.tell('heartbeat', [1, 8]);
  await settled();
  assert.deepEqual(heard.types.at(-1), ['heartbeat', 8]);
  assert.equal(FakeSocket.all.length, 2);
  first.end(4010);
  assert.equal(heard.states.at(-1), 'waiting');
  socket.close();
});

const N2 = 'https://n2.play.example';
const urls = () => FakeSocket.all.map(({ url }) => url);

test('a detour is left for the address of the server that has the game', async () => {
  const { socket, first } = await page();
  first.tell('migrate', [N2, null]);
  await settled();
  const [, second] = FakeSocket.all;
  assert.equal(second.url, 'wss://n2.play.example/v1/games/g/ws');
  second.begin();
  second.tell('welcome', welcome(1));
  await settled();
  assert.equal(first.closedWith, 1000);
  // When that ends, the page comes back by where it came from.
  second.end(1006);
  socket.hurry();
  await settled();
  assert.equal(urls().at(-1), first.url);
  socket.close();
});

test('a detour stays where nothing nearer can be reached', async () => {
  const { socket, heard, first } = await page();
  first.tell('migrate', [N2, null]);
  await settled();
  FakeSocket.all[1].end(1006);
  const unfit = [null, 'http://play.example', 'ftp://n2.play.example', 'nonsense'];
  for (const url of unfit) first.tell('migrate', [url, null]);
  first.tell('heartbeat', [1, 8]);
  await settled();
  assert.deepEqual(heard.types.at(-1), ['heartbeat', 8]);
  assert.equal(FakeSocket.all.length, 2);
  socket.close();
});

test('who must go and does not get there goes by where the page came from', async () => {
  const { socket, heard, first } = await page();
  first.tell('migrate', [N2, 10]);
  await settled();
  FakeSocket.all[1].end(1006);
  assert.deepEqual(urls(), [first.url, 'wss://n2.play.example/v1/games/g/ws', first.url]);
  const [, , third] = FakeSocket.all;
  third.begin();
  third.tell('welcome', welcome(1));
  await settled();
  assert.equal(first.closedWith, 1000);
  assert.deepEqual(heard.states, ['connecting', 'open', 'open']);
  socket.close();
  assert.equal(FakeSocket.all.length, 3);
});

test('a page that came by TLS speaks without it to nobody', async () => {
  location.protocol = 'https:';
  const { socket, first } = await page();
  first.tell('migrate', ['http://n2.play.example', 10]);
  await settled();
  assert.deepEqual(urls(), [first.url, first.url]);
  location.protocol = 'http:';
  socket.close();
});
