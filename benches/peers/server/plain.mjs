// The least that a server in Node can do: one buffer, encoded beforehand, sent to each client of a room at each step.
// node plain.mjs PORT SIZE BYTES
import { createServer } from 'node:http';
import { unpack } from 'msgpackr';
import { WebSocketServer } from 'ws';
import { SIZES, STEP_MS } from './script.mjs';

const [port, name, bytes] = process.argv.slice(2);
const size = SIZES[name];
const frame = Buffer.alloc(Number(bytes), 7);
const rooms = Array.from({ length: size.rooms }, () => new Set());
const http = createServer();
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
let seen = 0;
sockets.on('connection', (socket, request) => {
  const room = rooms[Number(request.url.slice(1))];
  room.add(socket);
  socket.on('message', (data) => {
    const { from, to, amount } = unpack(data);
    if (Number.isInteger(from) && Number.isInteger(to) && Number.isInteger(amount)) seen += 1;
  });
  socket.on('close', () => room.delete(socket));
});
for (const room of rooms) {
  setInterval(() => { for (const socket of room) socket.send(frame); }, STEP_MS);
}
http.listen(Number(port), '127.0.0.1', () => console.log('ready'));
