// What the player has chosen on the map, and the orders that follow from it.

import { edgeBetween } from './map-graph.js';
import { quotient } from './growth.js';
import { reserveAt, stageOf } from './turn.js';
import { friendly, isPlaying, ownerOf, sendable, targetsOf } from './view.js';

const SHARE_KEY = 'sovereign.share';
export const SHARES = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

export class Choice extends EventTarget {
  constructor(client) {
    super();
    Object.assign(this, { client, selected: null, hovered: null, cursor: null, army: null, before: null, aiming: null });
    /** How many troops of the reserve a tap places, as far as there are so many. */
    this.portion = Infinity;
    this.share = Number(localStorage.getItem(SHARE_KEY)) || 50;
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  get mirror() {
    return this.client.mirror;
  }

  isMine(id) {
    return id !== null && this.client.me >= 0 && ownerOf(this.mirror, id) === this.client.me;
  }

  get canAct() {
    const { phase } = this.mirror?.game ?? {};
    const open = phase === 'spawn' || phase === 'playing';
    return open && this.client.me >= 0 && isPlaying(this.mirror.players[this.client.me]);
  }

  /** The own territory that troops would leave from. */
  get source() {
    return this.mirror?.game.phase === 'playing' && this.isMine(this.selected) ? this.selected : null;
  }

  targets() {
    const { source } = this;
    return source === null ? [] : targetsOf(this.mirror, this.client.me, source, this.client.tick);
  }

  /** The territory that is aimed at: under the pointer, or of the keyboard. */
  aim() {
    return this.hovered ?? this.cursor;
  }

  /** How many troops the slider would send from a territory; at least one if anybody can leave. */
  troopsFrom(id) {
    const most = sendable(this.mirror, id, this.client.tick);
    return Math.min(Math.max(quotient(most * this.share, 100), 1), most);
  }

  setShare(share) {
    this.share = Math.min(Math.max(Math.round(share), 1), 100);
    localStorage.setItem(SHARE_KEY, String(this.share));
    this.changed();
  }

  select(id) {
    this.before = this.isMine(this.selected) ? this.selected : this.before;
    if (id === null) this.before = null;
    Object.assign(this, { selected: id, army: null, cursor: null, aiming: null });
    this.changed();
  }

  selectArmy(id) {
    Object.assign(this, { army: id, selected: null, before: null, aiming: null });
    this.changed();
  }

  hover(id) {
    if (this.hovered === id) return;
    this.hovered = id;
    this.dispatchEvent(new Event('hover'));
  }

  /** Lets go of what is chosen. Says whether there was anything. */
  clear() {
    const had = this.selected !== null || this.army !== null || this.cursor !== null;
    Object.assign(this, { selected: null, army: null, before: null, cursor: null, aiming: null });
    this.changed();
    return had;
  }

  /** Own land next to `id` from which the last choice could send troops there. */
  moveSource(id) {
    const from = this.before;
    const fits = from !== null && from !== id && this.isMine(from) && edgeBetween(this.client.map, from, id);
    return fits ? from : null;
  }

  /**
   * A tap or Enter on a territory. Hostile land next to the chosen one is attacked; own
   * land is chosen, or moved to if `moves` says so.
   */
  act(id, moves = false) {
    const { phase } = this.mirror.game;
    if (phase === 'spawn' && this.canAct) return this.spawn(id);
    if (this.deploys && this.isMine(id)) return this.deploy(id);
    const { source } = this;
    if (source !== null && id !== source && this.canAct) {
      if (this.aiming !== null) return this.hit(source, id);
      const target = this.targets().find((one) => one.to === id);
      if (target?.kind === 'attack') return this.send(source, id);
      if (target && moves) return this.send(source, id);
    }
    if (moves && id === this.selected) return null;
    this.select(id === this.selected ? null : id);
    return null;
  }

  /** Whether a tap on own land places troops: in one's turn, as long as there is a reserve. */
  get deploys() {
    const { me, own, tick } = this.client;
    return this.canAct && stageOf(this.mirror, me, own, tick) === 'deploy';
  }

  deploy(territory) {
    const { own, tick } = this.client;
    this.select(territory);
    return this.client.order({ kind: 'deploy', territory, troops: Math.min(this.portion, reserveAt(own, tick)) });
  }

  spawn(territory) {
    this.select(territory);
    return this.client.order({ kind: 'spawn', territory });
  }

  /** Sends the slider's share of troops: an attack, or a move on friendly land. */
  send(from, to) {
    const owner = ownerOf(this.mirror, to);
    const kind = owner >= 0 && friendly(this.mirror, this.client.me, owner) ? 'move' : 'attack';
    return this.client.order({ kind, from, to, troops: Math.max(this.troopsFrom(from), 1) });
  }

  build(territory, structure) {
    return this.client.order({ kind: 'build', territory, structure });
  }

  /** What the next territory that is tapped is the end of: a `supply` line, a `strike`, or nothing of the kind. */
  takeAim(kind) {
    this.aiming = this.aiming === kind ? null : kind;
    this.changed();
  }

  /** Ends an aim: the chosen territory sends its line or strike there. */
  hit(from, to) {
    const { aiming } = this;
    this.aiming = null;
    this.changed();
    return aiming === 'strike' ? this.strike(from, to) : this.supply(from, to);
  }

  /** Sets a supply line; to nowhere (null) ends the one that leads from there. */
  supply(from, to) {
    return this.client.order({ kind: 'supply', from, to });
  }

  strike(from, target) {
    return this.client.order({ kind: 'strike', from, target });
  }

  demolish(territory) {
    return this.client.order({ kind: 'demolish', territory });
  }

  retreat(army) {
    this.army = null;
    this.changed();
    return this.client.order({ kind: 'retreat', army });
  }
}
