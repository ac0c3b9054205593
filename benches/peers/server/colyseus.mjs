// Colyseus with the workload in its rooms: node colyseus.mjs PORT SIZE. SIGUSR2 stops the script and prints digests.
import { Room, Server } from '@colyseus/core';
import { Encoder, schema, t } from '@colyseus/schema';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { PLAYERS, SIZES, STEP_MS, Script, digest } from './script.mjs';

Encoder.BUFFER_SIZE = 1024 * 1024;
const [port, name] = process.argv.slice(2);
const size = SIZES[name];
const Territory = schema({ owner: t.uint16(), troops: t.uint32() }, 'Territory');
const Player = schema({ gold: t.uint32(), troops_total: t.uint32(), territories: t.uint32() }, 'Player');
const State = schema({ territories: t.array(Territory), players: t.array(Player) }, 'State');
const rooms = [];
let stopped = false;

class Workload extends Room {
  onCreate() {
    this.maxClients = size.clients;
    this.patchRate = STEP_MS;
    this.setPatchRate?.(STEP_MS);
    const state = new State();
    for (let n = 0; n < size.territories; n += 1) state.territories.push(new Territory());
    for (let n = 0; n < PLAYERS; n += 1) state.players.push(new Player());
    const script = new Script(size, rooms.length, state.territories, state.players);
    this.setState ? this.setState(state) : (this.state = state);
    this.joined = 0;
    this.onMessage('attack', (client, order) => script.command(client.userData, order));
    this.setSimulationInterval(() => { if (!stopped) script.next(); }, STEP_MS);
    rooms.push(this);
  }
  onJoin(client) {
    client.userData = this.joined % PLAYERS;
    this.joined += 1;
  }
}

const server = new Server({ transport: new WebSocketTransport({}), greet: false });
server.define('workload', Workload);
await server.listen(Number(port), '127.0.0.1');
console.log('ready');
process.on('SIGUSR2', () => {
  stopped = true;
  console.log(JSON.stringify(rooms.map((room) => digest(room.state.territories))));
});
