// What the rows of a mirror mean at a tick: owners, garrisons, gold, costs and odds.
// Every rule here repeats one of docs/rules.md, so that the page can say beforehand what
// the server will answer; the server decides.

import { NOBODY, pactIndex } from './mirror.js';
import { mayOrder } from './turn.js';
import {
  grow, growGold, quotient, quotientUp, share, shareUp,
} from './growth.js';
import { levelOf, STRUCTURES, structureOf } from './kinds.js';

export const isOut = (player) => player.standing === 'eliminated' || player.standing === 'surrendered';
export const isPlaying = (player) => player?.standing === 'playing';

/** Who holds the land in a player's name: his heir if he has one. */
const lordOf = (mirror, owner) => mirror.players[owner].heir ?? owner;

/** Who holds a territory: land of players who are out is their heir's or nobody's. */
export function ownerOf(mirror, id) {
  const owner = mirror.owner[id] === NOBODY ? NOBODY : lordOf(mirror, mirror.owner[id]);
  return owner !== NOBODY && isOut(mirror.players[owner]) ? NOBODY : owner;
}

/** The structure of a territory, standing or not; null if there is none. */
export const structureAt = (mirror, id) => structureOf(mirror.structure[id]);

/** How many levels of it stand and work. */
export const levelAt = (mirror, id) => levelOf(mirror.structure[id]);

/** The structure that stands and works. */
export const standingAt = (mirror, id) => (levelAt(mirror, id) > 0 ? structureAt(mirror, id) : null);

/** What the levels that stand make of defence or growth, in thousandths. */
function factorAt(mirror, id, what) {
  const structure = standingAt(mirror, id);
  const first = structure ? mirror.rules.structures[structure][what] : 1000;
  return Math.max(1000 + (first - 1000) * levelAt(mirror, id), 100);
}

const terrainRules = (mirror, id) => mirror.rules.terrain[mirror.map.territories[id].terrain ?? 'plains'];

/** Troops at which growth ends, those on the march from here included. */
export function capOf(mirror, id) {
  const structure = standingAt(mirror, id);
  const extra = structure ? mirror.rules.structures[structure].cap * levelAt(mirror, id) : 0;
  return (terrainRules(mirror, id)?.cap ?? 0) + extra;
}

/** Whether players take turns: then nothing grows. */
export const hasTurns = (mirror) => mirror.rules.turns.ticks > 0;

/** The garrison of a territory at a tick. */
export function troopsAt(mirror, id, tick) {
  const [owner, troops, since] = [mirror.owner[id], mirror.troops[id], mirror.since[id]];
  if (owner === NOBODY || mirror.isStill(id) || hasTurns(mirror)) return troops;
  const player = mirror.players[lordOf(mirror, owner)];
  const until = isOut(player) ? Math.min(player.ended, tick) : tick;
  if (until <= since) return troops;
  const clean = share(factorAt(mirror, id, 'growth'), terrainRules(mirror, id)?.growth ?? 0);
  const rate = mirror.hasFallout(id) ? share(mirror.rules.strike.fallout_growth, clean) : clean;
  return grow(mirror.rules.growth, capOf(mirror, id), mirror.away[id], rate, troops, since, until);
}

/** The most troops that can leave. */
export const sendable = (mirror, id, tick) => (
  Math.max(troopsAt(mirror, id, tick) - mirror.rules.march.garrison_min, 0)
);

export const isTraitor = (mirror, player, tick) => mirror.players[player].traitor_until > tick;

const pactOf = (mirror, a, b) => (a === b ? null : mirror.pacts.get(pactIndex(a, b)) ?? null);

/** The alliance of two players, with its end; null if they have none. Teammates need none. */
export function allianceOf(mirror, a, b) {
  const pact = pactOf(mirror, a, b);
  return pact?.until == null ? null : pact;
}

export const teammates = (mirror, a, b) => (
  a !== b && mirror.players[a].team !== 0 && mirror.players[a].team === mirror.players[b].team
);

/** Whether one player's embargo stands against another. */
export const hasEmbargo = (mirror, by, against) => (
  ((pactOf(mirror, by, against)?.embargo ?? 0) & (by < against ? 1 : 2)) !== 0
);

export const friendly = (mirror, a, b) => a === b || allianceOf(mirror, a, b) !== null || teammates(mirror, a, b);

/** Whether fog hides something from a player; `me` is below 0 for who only watches. */
export const isFoggy = (mirror, me) => me >= 0 && mirror.rules.fog.radius > 0 && mirror.game.phase === 'playing';

/** The land that a player sees, as a flag for each territory; null if he sees all. */
export function seenLand(mirror, me) {
  if (!isFoggy(mirror, me)) return null;
  const seen = new Uint8Array(mirror.owner.length);
  const mine = (owner) => owner !== NOBODY && friendly(mirror, me, owner);
  let rim = [...seen.keys()].filter((id) => mine(ownerOf(mirror, id)));
  rim.forEach((id) => { seen[id] = 1; });
  for (let step = 0; step < mirror.rules.fog.radius; step += 1) {
    rim = rim.flatMap((id) => mirror.map.bordersOf[id]).filter((id) => !seen[id]);
    rim.forEach((id) => { seen[id] = 1; });
  }
  return seen;
}

/** The strength of a defender here, in thousandths of a troop each. */
export function defenceOf(mirror, id, tick) {
  const { diplomacy } = mirror.rules;
  const owner = ownerOf(mirror, id);
  let defence = share(factorAt(mirror, id, 'defence'), terrainRules(mirror, id)?.defence ?? 1000);
  if (owner !== NOBODY && isTraitor(mirror, owner, tick)) defence = share(diplomacy.traitor_defence, defence);
  return defence;
}

/** Whether players are still safe from each other; the tick at which that ends, or null. */
export function immuneUntil(mirror, tick) {
  const end = mirror.game.started + mirror.rules.spawn.immunity_ticks;
  return mirror.game.phase === 'playing' && tick < end ? end : null;
}

/** How many territories of one side win the game: overtime lowers the share. */
export function landToWin(mirror) {
  const { share: most, overtime_step: step, overtime_floor: floor } = mirror.rules.victory;
  const bar = Math.max(most - step * mirror.game.lowered, Math.min(floor, most));
  return Math.max(shareUp(bar, mirror.map.playable), 1);
}

/** The ticks that an army needs for an edge. */
export function marchTicks(rules, edge) {
  const { ticks_per_100: pace, strait, sea } = rules.march;
  const land = quotient(edge.length * pace, 100);
  const slowness = { land: 1000, strait, sea }[edge.kind];
  return Math.max(share(slowness, land), 1);
}

/** Territories, troops, structures and armies of each player at a tick. O(territories + armies). */
export function census(mirror, tick) {
  const blank = () => ({ territories: 0, troops: 0, armies: 0, structures: Object.fromEntries(STRUCTURES.map((one) => [one, 0])) });
  const all = mirror.players.map(blank);
  for (let id = 0; id < mirror.owner.length; id += 1) {
    const owner = ownerOf(mirror, id);
    if (owner === NOBODY) continue;
    all[owner].territories += 1;
    all[owner].troops += troopsAt(mirror, id, tick);
    const structure = structureAt(mirror, id);
    if (structure) all[owner].structures[structure] += levelAt(mirror, id) + (mirror.isBuilding(id) ? 1 : 0);
  }
  for (const army of mirror.armies.values()) {
    all[army.owner].armies += 1;
    all[army.owner].troops += army.troops;
  }
  return all;
}

/** What the next level of a kind costs a player who owns `owned` of them. */
export function costOf(rules, structure, owned) {
  const { cost, cost_growth: growth, cost_steps_max: steps } = rules.structures[structure];
  return cost + growth * Math.min(owned, steps);
}

/** The viewer's gold at a tick. `own` is what the server last told. */
export const goldAt = (own, tick) => (own ? growGold(own.gold, own.income, own.gold_since, tick) : 0);

/** Who holds how much of a region: `{held, whole}` of one player. */
export function regionShare(mirror, region, player) {
  const members = mirror.map.members[region];
  return { held: members.filter((id) => ownerOf(mirror, id) === player).length, whole: members.length };
}

/** Why a structure cannot be built, as a refusal; null if it can. */
export function buildRefusal(mirror, own, me, id, structure, tick, owned) {
  if (mirror.game.phase !== 'playing') return { code: 'wrong_phase', phase: mirror.game.phase, needed: 'playing' };
  if (!mayOrder(mirror, me)) return { code: 'not_your_turn', turn: mirror.game.turn?.player ?? null };
  if (ownerOf(mirror, id) !== me) return { code: 'not_yours', territory: id };
  const there = structureAt(mirror, id);
  if ((there !== null && there !== structure) || mirror.isBuilding(id)) return { code: 'already_built', territory: id };
  const { levels_max: max } = mirror.rules.structures[structure];
  if (levelAt(mirror, id) >= max) return { code: 'highest_level', max };
  if (structure === 'port' && !mirror.map.edgesOf[id].some((e) => e.kind === 'sea')) {
    return { code: 'no_sea_route', territory: id };
  }
  const [needed, available] = [costOf(mirror.rules, structure, owned), goldAt(own, tick)];
  return needed > available ? { code: 'not_enough_gold', needed, available } : null;
}

/** Where one's supply line from a territory leads; null if there is none. */
export const supplyFrom = (own, from) => own?.supplies.find((line) => line.from === from)?.to ?? null;

/** Until when one's silo reloads; null if it is loaded. */
export function reloadsUntil(own, territory, tick) {
  const until = own?.reloads.find((silo) => silo.territory === territory)?.until ?? 0;
  return until > tick ? until : null;
}

/** The neighbours that can be reached from own land, each with what going there means. */
export function targetsOf(mirror, me, from, tick) {
  const port = standingAt(mirror, from) === 'port';
  const immune = immuneUntil(mirror, tick) !== null;
  return mirror.map.edgesOf[from].flatMap((edge) => {
    if (mirror.map.territories[edge.to].terrain === 'impassable') return [];
    const owner = ownerOf(mirror, edge.to);
    const own = owner !== NOBODY && friendly(mirror, me, owner);
    let blocked = null;
    if (edge.kind === 'sea' && !port) blocked = 'port';
    else if (!own && owner !== NOBODY && immune) blocked = 'immune';
    return [{ to: edge.to, edge, owner, kind: own ? 'move' : 'attack', blocked }];
  });
}

/** How a fight of `troops` against the garrison of a territory ends, if nobody else comes. */
export function forecast(mirror, edge, troops, tick) {
  const { landing } = mirror.rules.battle;
  const marching = marchTicks(mirror.rules, edge);
  let us = troops;
  let them = ownerOf(mirror, edge.to) === NOBODY
    ? troopsAt(mirror, edge.to, tick)
    : troopsAt(mirror, edge.to, tick + marching);
  const [ours, theirs] = [edge.kind === 'land' ? 1000 : landing, defenceOf(mirror, edge.to, tick)];
  while (us > 0 && them > 0) {
    const [a, b] = [share(ours, us * 1000), share(theirs, them * 1000)];
    const { battle } = mirror.rules;
    const [usLost, themLost] = battle.model === 'dice' ? dicePairs(battle, us, them)
      : [fallen(battle, us, a, b), fallen(battle, them, b, a)];
    us -= Math.min(Math.max(usLost, 1), us);
    them -= Math.min(Math.max(themLost, 1), them);
  }
  return { us, them, wins: us > 0 };
}

/** What falls of a side in a round: exactly where the rules have no luck, else on average. */
function fallen(battle, troops, strength, pressure) {
  if (battle.model === 'kill_rate') return quotient(pressure * battle.kill_rate, 1_000_000);
  if (battle.model === 'subtraction') return quotientUp(troops * pressure, Math.max(strength, 1));
  const odds = Math.min(Math.max(quotient(pressure * 1000, Math.max(strength, 1)), battle.ratio_min), battle.ratio_max);
  const each = share(battle.ratio_max, battle.lethality);
  return Math.min(quotient(troops * odds * battle.lethality, 1_000_000), quotient(pressure * each, 1_000_000));
}

/** What three dice against two cost on average: of a pair, attackers lose 0.46. */
function dicePairs(battle, us, them) {
  const stake = Math.max(share(battle.dice_stake, Math.min(us, them)), 1);
  const pairs = 2 * battle.dice_rolls * stake;
  return [Math.floor(pairs * 0.46), Math.ceil(pairs * 0.54)];
}

