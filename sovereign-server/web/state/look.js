// What the map view shows of a game: a bridge from the rows of the mirror and the
// player's choices to marks, arrows, armies and numbers.

import { NOBODY } from './mirror.js';
import { edgeBetween } from './map-graph.js';
import { forecast, ownerOf, seenLand, standingAt, structureAt, targetsOf, troopsAt } from './view.js';

/** Ticks between two counts of all garrisons. */
const COUNT_EVERY = 2;
/** How long something that was pointed at is shown, in milliseconds. */
const POINTED_MS = 5000;

export class Look {
  /** `choice` is what the player has chosen: see state/choice.js; null where one only watches. */
  constructor(client, choice = null) {
    Object.assign(this, { client, choice, drag: null, calm: false, counted: -1, now: 0, pointed: [] });
    this.numbers = new Uint32Array(client.map.territories.length);
    this.ports = new Set();
    this.seen = null;
    this.owners = new Int32Array(client.map.territories.length).fill(NOBODY);
    this.refreshOwners();
  }

  get mirror() {
    return this.client.mirror;
  }

  get me() {
    return this.client.me;
  }

  get selected() {
    return this.choice?.selected ?? null;
  }

  get hovered() {
    return this.choice?.hovered ?? null;
  }

  get selectedArmy() {
    return this.choice?.army ?? null;
  }

  beforeFrame(now) {
    this.now = this.client.clock.at(now);
    const { tick } = this.client;
    if (!this.mirror || Math.abs(tick - this.counted) < COUNT_EVERY) return;
    this.count(tick);
  }

  count(tick) {
    this.counted = tick;
    for (let id = 0; id < this.numbers.length; id += 1) this.numbers[id] = troopsAt(this.mirror, id, tick);
  }

  /** Takes over who owns what. Says whether anything that the land layer shows has changed. */
  refreshOwners() {
    if (!this.mirror) return false;
    let changed = false;
    const ports = new Set();
    for (let id = 0; id < this.owners.length; id += 1) {
      const owner = ownerOf(this.mirror, id);
      changed ||= owner !== this.owners[id];
      this.owners[id] = owner;
      if (standingAt(this.mirror, id) === 'port') ports.add(id);
    }
    changed ||= ports.size !== this.ports.size;
    this.ports = ports;
    const seen = seenLand(this.mirror, this.client.eye);
    changed ||= String(seen) !== String(this.seen);
    this.seen = seen;
    this.count(this.client.tick);
    return changed;
  }

  /** Whether fog lies over a territory. */
  hides(id) {
    return this.seen !== null && !this.seen[id];
  }

  owner(id) {
    return this.owners[id];
  }

  troops(id) {
    return this.numbers[id];
  }

  structure(id) {
    return this.mirror ? structureAt(this.mirror, id) : null;
  }

  /** How far a structure is built, from 0 to 1. */
  buildProgress(id) {
    if (!this.mirror.isBuilding(id)) return 1;
    const ticks = this.mirror.rules.structures[structureAt(this.mirror, id)].build_ticks;
    return Math.min(Math.max(1 - (this.mirror.ready[id] - this.now) / ticks, 0), 0.999);
  }

  isMarked(id) {
    return id === this.selected || id === this.hovered || (this.choice?.cursor === id);
  }

  marks() {
    if (!this.choice) return [];
    const { selected, hovered, cursor } = this.choice;
    const marks = this.choice.targets().filter((target) => !target.blocked).map(({ to }) => ({ id: to, kind: 'target' }));
    if (hovered !== null && hovered !== selected) marks.push({ id: hovered, kind: 'hovered' });
    if (cursor !== null && cursor !== selected) marks.push({ id: cursor, kind: 'cursor' });
    if (selected !== null) marks.push({ id: selected, kind: 'selected' });
    return marks;
  }

  arrows() {
    if (!this.choice || this.drag) return [];
    const aim = this.choice.aim();
    return this.choice.targets().map(({ to, kind, blocked }) => (
      { from: this.choice.source, to, kind, blocked, strong: to === aim }
    ));
  }

  armies() {
    if (!this.mirror) return [];
    return [...this.mirror.armies].map(([id, army]) => ({ id, ...army, at: this.placeOnWay(army) }));
  }

  /** How far on its way an army is, from 0 to 1; one that fights stands before the gates. */
  placeOnWay({ fighting, departed, arrives }) {
    if (fighting) return 0.8;
    return Math.min(Math.max((this.now - departed) / Math.max(arrives - departed, 1), 0), 1);
  }

  /** One's own supply lines. */
  supplies() {
    return this.choice ? this.client.own?.supplies ?? [] : [];
  }

  battles() {
    if (!this.mirror) return [];
    const round = this.mirror.rules.battle.round_ticks;
    return [...this.mirror.battles].map(([territory, battle]) => ({
      territory, part: Math.min(Math.max(1 - (battle.next_round - this.now) / round, 0), 1),
    }));
  }

  /** Somebody pointed at a territory. */
  pointAt(territory, owner) {
    this.pointed.push({ territory, owner, since: performance.now() });
  }

  /** What was pointed at of late, and how far its showing is, from 0 to 1. */
  pointers(now) {
    this.pointed = this.pointed.filter(({ since }) => now - since < POINTED_MS);
    return this.pointed.map(({ territory, owner, since }) => ({ territory, owner, part: Math.max(now - since, 0) / POINTED_MS }));
  }

  /** Orders on their way to the server. */
  pending() {
    return [...this.client.sent.values()].filter(({ kind }) => kind === 'attack' || kind === 'move');
  }

  nameChip(id) {
    const owner = this.owner(id);
    const { name } = this.client.map.territories[id];
    if (this.hides(id)) return { at: id, text: `${name} · in the fog`, good: null };
    return { at: id, text: owner < 0 ? name : `${name} · ${this.client.nameOf(owner)}`, good: null };
  }

  /** What would come of sending troops where the pointer is. */
  chip() {
    const from = this.drag?.from ?? this.choice?.source ?? null;
    const to = this.choice?.aim() ?? null;
    if (to === null || !this.mirror) return null;
    if (from === null || from === to) return this.nameChip(to);
    const tick = this.client.tick;
    const target = targetsOf(this.mirror, this.me, from, tick).find((one) => one.to === to);
    if (!target) return this.nameChip(to);
    if (target.blocked) return { at: to, text: { port: '✕ needs a port', immune: '✕ still safe' }[target.blocked], good: false };
    const troops = this.choice.troopsFrom(from);
    if (target.kind === 'move') return { at: to, text: `→ move ${troops}`, good: true };
    const { wins, us, them } = forecast(this.mirror, edgeBetween(this.client.map, from, to), troops, tick);
    return { at: to, text: wins ? `✓ ${troops} win, ${us} left` : `✕ ${troops} fall, ${them} hold`, good: wins };
  }
}
