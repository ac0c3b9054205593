// A copy of what this player may know, kept up by deltas and checked by its hash.
//
// The hash is the sum, modulo 2^32, of the hashes of all rows: see docs/protocol.md.

import { rowHash } from './murmur.js';
import {
  END_REASONS, PHASES, PRESENCES, PURPOSES, SEATS, STANDINGS, structureCode,
} from './kinds.js';

/** The owner of neutral land. */
export const NOBODY = -1;
const BUILDING = 1;
const STILL = 2;
const FALLOUT = 8;
const CAPITAL = 4;

const BLANK_GAME = { phase: 'lobby', paused: false, until: null, started: 0, lowered: 0, winner: null, reason: null, turn: null };

const ownerWord = (owner) => (owner === null || owner === NOBODY ? 0 : owner + 1);

const gameHash = (game) => rowHash(0, [
  PHASES.indexOf(game.phase) | ((END_REASONS.indexOf(game.reason) + 1) << 8) | (game.paused ? 1 << 16 : 0),
  ownerWord(game.winner), game.until ?? 0, game.started, game.lowered,
  ownerWord(game.turn?.player ?? null), game.turn?.round ?? 0, game.turn?.until ?? 0, game.turn?.moves ?? 0,
]);

const playerHash = (p) => rowHash(2, [
  p.id,
  SEATS.indexOf(p.seat) | (STANDINGS.indexOf(p.standing) << 8) | (PRESENCES.indexOf(p.presence) << 16) | (p.team << 24),
  p.place | (p.order << 16), p.ended, p.traitor_until, p.draw_until, ownerWord(p.heir),
]);

const armyHash = (id, army) => (army ? rowHash(3, [
  id, army.owner, (PURPOSES.indexOf(army.purpose) + 1) | (army.fighting ? 256 : 0),
  army.troops, army.from, army.to, army.departed, army.arrives,
]) : 0);

const battleHash = (territory, battle) => (
  battle ? rowHash(4, [territory, battle.began, battle.next_round]) : 0
);

const pactHash = (pact) => (pact ? rowHash(5, [pact.a, pact.b, pact.until ?? 0, pact.embargo]) : 0);

/** The place of the pact between two players among all pairs. */
export const pactIndex = (a, b) => (a < b ? (b * (b - 1)) / 2 + a : (a * (a - 1)) / 2 + b);

/** Thrown when a delta does not fit: throw the mirror away and ask for a snapshot. */
export class MirrorError extends Error {}

export class Mirror {
  /** The untouched map. `map` is a map file, `rules` a rule set. O(territories). */
  constructor(map, rules, seats) {
    const count = map.territories.length;
    Object.assign(this, { map, rules, seats, tick: 0, game: { ...BLANK_GAME } });
    this.owner = new Int32Array(count).fill(NOBODY);
    this.structure = new Uint8Array(count);
    this.flags = new Uint8Array(count);
    this.troops = Uint32Array.from(map.territories, (t) => rules.terrain[t.terrain ?? 'plains']?.garrison ?? 0);
    this.since = new Uint32Array(count);
    this.away = new Uint32Array(count);
    this.ready = new Uint32Array(count);
    this.players = Array.from({ length: seats }, (_, id) => ({
      id, seat: 'open', standing: 'waiting', presence: 'here', team: 0, place: 0, ended: 0, traitor_until: 0, draw_until: 0, heir: null, order: 0,
    }));
    this.armies = new Map();
    this.battles = new Map();
    this.pacts = new Map();
    this.check = this.wholeHash();
  }

  /** The hash from scratch, on a mirror without armies, battles and pacts. */
  wholeHash() {
    let sum = gameHash(this.game);
    for (let id = 0; id < this.owner.length; id += 1) sum += this.territoryHash(id);
    for (const player of this.players) sum += playerHash(player);
    return sum % 2 ** 32;
  }

  territoryHash(id) {
    return rowHash(1, [
      id, ownerWord(this.owner[id]), this.structure[id] | (this.flags[id] << 8),
      this.troops[id], this.since[id], this.away[id], this.ready[id],
    ]);
  }

  isStill(id) {
    return (this.flags[id] & STILL) !== 0;
  }

  isCapital(id) {
    return (this.flags[id] & CAPITAL) !== 0;
  }

  hasFallout(id) {
    return (this.flags[id] & FALLOUT) !== 0;
  }

  isBuilding(id) {
    return (this.flags[id] & BUILDING) !== 0;
  }

  /** Takes a delta or, on a new mirror, a snapshot. Throws MirrorError if it does not fit. */
  apply(delta) {
    for (const change of delta.territories) this.applyTerritory(change);
    for (const change of delta.players) this.applyPlayer(change);
    for (const { id, army } of delta.armies) this.applyRow(this.armies, id, army, armyHash);
    for (const { territory, battle } of delta.battles) {
      this.applyRow(this.battles, territory, battle, battleHash);
    }
    for (const pact of delta.pacts) this.applyPact(pact);
    if (delta.game) this.applyGame(delta.game);
    this.tick = delta.tick;
    if (this.check !== delta.check) {
      throw new MirrorError(`after tick ${delta.tick} the mirror's hash is ${this.check}, not ${delta.check}`);
    }
  }

  move(before, after) {
    this.check = (this.check - before + after + 2 ** 32) % 2 ** 32;
  }

  applyTerritory({ id, troops, since, owner, site }) {
    if (!(id < this.owner.length)) throw new MirrorError(`there is no territory ${id}`);
    const before = this.territoryHash(id);
    this.troops[id] = troops;
    this.since[id] = since;
    if (owner !== undefined) this.owner[id] = owner ?? NOBODY;
    if (site) this.applySite(id, site);
    this.move(before, this.territoryHash(id));
  }

  applySite(id, site) {
    const building = site.ready !== null && site.ready !== undefined;
    this.structure[id] = structureCode(site.structure, site.level);
    this.flags[id] = (building ? BUILDING : 0) | (site.still ? STILL : 0) | (site.capital ? CAPITAL : 0) | (site.fallout ? FALLOUT : 0);
    this.ready[id] = building ? site.ready : 0;
    this.away[id] = site.away;
  }

  applyPlayer(change) {
    const old = this.players[change.id];
    if (!old) throw new MirrorError(`there is no player ${change.id}`);
    this.players[change.id] = change;
    this.move(playerHash(old), playerHash(change));
  }

  applyRow(table, id, row, hash) {
    const before = hash(id, table.get(id));
    if (row) table.set(id, row);
    else table.delete(id);
    this.move(before, hash(id, row));
  }

  applyPact({ a, b, until = null, embargo }) {
    const index = pactIndex(a, b);
    const before = pactHash(this.pacts.get(index));
    const pact = until === null && embargo === 0 ? null : { a, b, until, embargo };
    if (pact) this.pacts.set(index, pact);
    else this.pacts.delete(index);
    this.move(before, pactHash(pact));
  }

  applyGame(game) {
    this.move(gameHash(this.game), gameHash(game));
    this.game = game;
  }
}
