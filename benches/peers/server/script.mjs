// The published workload: sizes, the numbers of a room and of a client. See docs/performance.md.
import { createHash } from 'node:crypto';

export const SIZES = {
  A: { rooms: 1, clients: 100, territories: 1000, updates: 50 },
  B: { rooms: 1, clients: 500, territories: 10000, updates: 200 },
  C: { rooms: 100, clients: 8, territories: 200, updates: 10 },
};
export const PLAYERS = 32;
export const STEP_MS = 50;

export class Dice {
  constructor(seed) { this.s = seed >>> 0; }
  below(n) {
    this.s = (Math.imul(this.s, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.s * n / 4294967296);
  }
}

/** Plays one room's script on `territories` and `players`: anything with these fields. */
export class Script {
  constructor(size, room, territories, players) {
    Object.assign(this, { size, territories, players, dice: new Dice(12345 + room), step: 0 });
    for (const land of territories) {
      land.owner = this.dice.below(PLAYERS);
      land.troops = this.dice.below(10000);
    }
    this.countUp();
  }
  countUp() {
    const troops = new Array(PLAYERS).fill(0), count = new Array(PLAYERS).fill(0);
    for (const land of this.territories) { troops[land.owner] += land.troops; count[land.owner] += 1; }
    this.players.forEach((player, id) => {
      player.troops_total = troops[id] >>> 0;
      player.territories = count[id];
      player.gold = this.dice.below(100000);
    });
  }
  next() {
    this.step += 1;
    for (let n = 0; n < this.size.updates; n += 1) {
      const land = this.territories[this.dice.below(this.size.territories)];
      if (this.dice.below(4) === 0) land.owner = this.dice.below(PLAYERS);
      land.troops = this.dice.below(10000);
    }
    if (this.step % 20 === 0) this.countUp();
  }
  /** A client's command: checked, looked up, done. */
  command(player, order) {
    const { territories } = this.size;
    const land = (id) => Number.isInteger(id) && id >= 0 && id < territories;
    const { from, to, amount } = order ?? {};
    if (!land(from) || !land(to) || from === to) return;
    if (!Number.isInteger(amount) || amount < 1 || amount >= 2 ** 31) return;
    this.foreign = (this.foreign ?? 0) + (this.territories[from].owner === player ? 0 : 1);
    this.territories[to].owner = player;
    this.territories[to].troops = amount;
  }
}

/** SHA-256 of all (owner, troops), little-endian, 16 and 32 bits. */
export function digest(territories) {
  const bytes = Buffer.alloc(territories.length * 6);
  let at = 0;
  for (const land of territories) {
    bytes.writeUInt16LE(land.owner, at);
    bytes.writeUInt32LE(land.troops, at + 2);
    at += 6;
  }
  return createHash('sha256').update(bytes).digest('hex');
}

/** The commands of the client of this number. */
export class Orders {
  constructor(client, territories) {
    Object.assign(this, { client, territories, dice: new Dice(7000000 + client), seq: 0 });
  }
  next() {
    this.seq += 1;
    const to = this.dice.below(this.territories);
    const from = (to + 1 + this.dice.below(this.territories - 1)) % this.territories;
    return { from, to, amount: 1000000 + 128 * this.client + this.seq % 128 };
  }
}
