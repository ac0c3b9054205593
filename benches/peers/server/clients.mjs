// All clients of a workload: node clients.mjs KIND PORT SIZE. Prints "ready" when all are in; on "end" in its
// input what they saw. With Colyseus two are of its SDK, which decode all; the others receive and count.
import { createInterface } from 'node:readline';
import { Client } from '@colyseus/sdk';
import { pack } from 'msgpackr';
import WebSocket from 'ws';
import { Orders, SIZES, digest } from './script.mjs';

const [kind, port, name] = process.argv.slice(2);
const size = SIZES[name];
const total = size.rooms * size.clients;
const base = `127.0.0.1:${port}`;
const gaps = [], latencies = [];
const patches = { count: 0, bytes: 0 };
const decoded = [];
const ORDER = 500;

function patch(client, data) {
  const now = performance.now();
  patches.count += 1;
  patches.bytes += data.length;
  if (client.last) gaps.push(now - client.last);
  client.last = now;
  for (const [amount, since] of client.waiting) {
    if (data.indexOf(amount) >= 0) { latencies.push(now - since); client.waiting.delete(amount); }
  }
}

function order(client, send) {
  const orders = new Orders(client.number, size.territories);
  setTimeout(() => setInterval(() => {
    const wish = orders.next();
    const amount = Buffer.alloc(4);
    amount.writeUInt32LE(wish.amount);
    if (client.waiting.size > 8) client.waiting.clear();
    client.waiting.set(amount, performance.now());
    send(wish);
  }, ORDER), ORDER * client.number / total);
}

async function colyseusRaw(client) {
  const answer = await fetch(`http://${base}/matchmake/joinOrCreate/workload`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}',
  });
  const seat = await answer.json();
  const url = `ws://${base}/${seat.processId}/${seat.roomId}?sessionId=${seat.sessionId}`;
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const head = Buffer.concat([Buffer.from([13, 0xa0 | 6]), Buffer.from('attack')]);
  await new Promise((done, failed) => {
    socket.on('error', failed);
    socket.on('close', (code) => failed(new Error(`closed ${code}`)));
    socket.on('message', (data) => {
      const code = data[0] & 0x1f;
      if (code === 10) socket.send(Buffer.from([10]));
      if (code === 14) done();
      if (code === 15) patch(client, data);
    });
  });
  order(client, (wish) => socket.send(Buffer.concat([head, pack(wish)])));
}

async function colyseusSdk(client) {
  const room = await new Client(`http://${base}`).joinOrCreate('workload');
  decoded.push(room);
  order(client, (wish) => room.send('attack', wish));
}

async function plain(client) {
  const room = Math.floor(client.number / size.clients);
  const socket = new WebSocket(`ws://${base}/${room}`, { perMessageDeflate: false });
  socket.on('message', (data) => patch(client, data));
  await new Promise((done, failed) => { socket.on('open', done); socket.on('error', failed); });
  order(client, (wish) => socket.send(pack(wish)));
}

function quantile(values, share) {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))];
}

for (let number = 0; number < total; number += 1) {
  const client = { number, waiting: new Map() };
  const sdk = number % size.clients === 0 && decoded.length < 2;
  await (kind === 'plain' ? plain(client) : sdk ? colyseusSdk(client) : colyseusRaw(client));
}
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'begin') { gaps.length = 0; latencies.length = 0; Object.assign(patches, { count: 0, bytes: 0 }); }
  if (line === 'end') {
    console.log(JSON.stringify({
      patchBytes: patches.bytes / patches.count,
      patches: patches.count,
      gapP99: quantile(gaps, 0.99),
      latencyP50: quantile(latencies, 0.5),
      latencyP99: quantile(latencies, 0.99),
      digests: decoded.map((room) => digest([...room.state.territories])),
    }));
    process.exit(0);
  }
}
