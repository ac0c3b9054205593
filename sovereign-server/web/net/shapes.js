// The messages of the protocol as lists, turned into objects. The order of the fields
// is that of docs/protocol.md.

import { unpackTerritories } from './columns.js';

const plain = (value) => value;
const list = (of) => (values) => values.map(of);
const maybe = (of) => (value) => (value === null || value === undefined ? null : of(value));

/** A record: names in the order of its list; `name: reader` where a field is not plain. */
function record(...fields) {
  const readers = fields.map((field) => (typeof field === 'string' ? [field, plain] : Object.entries(field)[0]));
  return (values) => {
    const object = {};
    readers.forEach(([name, read], at) => { object[name] = read(values[at]); });
    return object;
  };
}

/** One of several records by name: `{name: [..]}`, or just the name if it has no fields. */
function choice(tag, kinds) {
  return (value) => {
    const [name, fields] = typeof value === 'string' ? [value, []] : Object.entries(value)[0];
    return { [tag]: name, ...(kinds[name] ?? (() => ({})))(fields) };
  };
}

export const event = choice('kind', {
  phase_began: record('phase'),
  spawned: record('player', 'territory'),
  turn_began: record('player', 'round'),
  deployed: record('territory', 'player', 'troops'),
  battle_began: record('territory', 'attacker'),
  attack_repelled: record('territory'),
  captured: record('territory', 'by', 'from'),
  armies_met: record('from', 'to', 'winner', 'loser', 'left'),
  struck: record('by', 'target', 'from'),
  strike_intercepted: record('by', 'target', 'territory'),
  pocket_surrendered: record('territory', 'by', 'from'),
  built: record('territory', 'structure', 'level'),
  demolished: record('territory', 'structure'),
  alliance_proposed: record('from', 'to'),
  proposal_ended: record('from', 'to', 'refused'),
  alliance_formed: record('a', 'b'),
  alliance_ended: record('a', 'b'),
  extension_asked: record('from', 'to'),
  alliance_extended: record('a', 'b'),
  alliance_broken: record('by', 'with', 'traitor'),
  embargo_changed: record('by', 'with', 'on'),
  gold_donated: record('from', 'to', 'amount'),
  supply_ended: record('player', 'from', 'to'),
  ceded: record('from', 'to'),
  bar_lowered: record('share'),
  draw_offered: record('player'),
  player_kicked: record('player'),
  player_out: record('player', 'place', 'surrendered'),
  player_away: record('player'),
  player_taken_over: record('player'),
  player_back: record('player'),
  game_ended: record('winner', 'reason'),
});

export const reject = choice('code', {
  wrong_phase: record('phase', 'needed'),
  unknown_player: record('player'),
  not_in_game: record('player'),
  not_your_turn: record('turn'),
  reserve_left: record('reserve'),
  already_moved: record('max'),
  too_few_in_reserve: record('asked', 'available'),
  seat_taken: record('player'),
  too_few_players: record('seated', 'needed'),
  presence_unchanged: record('player'),
  no_such_team: record('team', 'teams'),
  unknown_territory: record('territory'),
  impassable: record('territory'),
  territory_taken: record('territory'),
  not_yours: record('territory'),
  not_neighbours: record('from', 'to'),
  needs_port: record('from'),
  own_territory: record('territory'),
  ally: record('player'),
  immune: record('until'),
  not_friendly: record('territory'),
  needs_silo: record('territory'),
  out_of_range: record('range'),
  reloading: record('until'),
  no_way: record('from', 'to'),
  too_few_troops: record('asked', 'available'),
  too_many_armies: record('max'),
  unknown_army: record('army'),
  already_returning: record('army'),
  already_built: record('territory'),
  highest_level: record('max'),
  nothing_built: record('territory'),
  besieged: record('territory'),
  no_sea_route: record('territory'),
  not_enough_gold: record('needed', 'available'),
  already_allied: record('player'),
  already_proposed: record('player'),
  too_many_proposals: record('max'),
  no_proposal: record('player'),
  not_allied: record('player'),
  teammate: record('player'),
  too_early: record('from'),
  embargo_unchanged: record('player'),
  landless: record('player'),
  too_soon: record('from'),
  too_much_gold: record('asked', 'available'),
  already_offered: record('until'),
  supply_unchanged: record('from'),
  too_many_supplies: record('max'),
});

const turn = record('player', 'round', 'until', 'moves');
const army = record('owner', 'purpose', 'fighting', 'troops', 'from', 'to', 'departed', 'arrives');

const rows = record(
  'tick', 'territories',
  { players: list(record('id', 'seat', 'standing', 'presence', 'team', 'place', 'ended', 'traitor_until', 'draw_until', 'heir', 'order')) },
  { armies: list(record('id', { army: maybe(army) })) },
  { battles: list(record('territory', { battle: maybe(record('began', 'next_round')) })) },
  { pacts: list(record('a', 'b', 'until', 'embargo')) },
  { game: maybe(record('phase', 'paused', 'until', 'started', 'lowered', 'winner', 'reason', { turn: maybe(turn) })) },
  { events: list(event) },
  'check',
);

export function delta(values) {
  const read = rows(values);
  return { ...read, territories: read.territories ? unpackTerritories(read.territories, read.tick) : [] };
}

const answer = record('seq', 'tick', { refused: maybe(reject) }, 'message');
const own = record(
  'gold', 'gold_since', 'income', { proposals: list(record('with', 'incoming', 'until')) }, 'gives_at',
  { supplies: list(record('from', 'to')) }, { reloads: list(record('territory', 'until')) }, 'reserve', 'levy',
);
const seatName = record('player', 'name', 'bot');

/** A message of the server: `{type, ...fields}`. */
export const toClient = choice('type', {
  welcome: record(
    'epoch', 'game', 'you', 'seats', 'map', 'map_hash', 'rules', 'tick_ms', 'seed_commitment',
    'last_seq', { answers: list(answer) }, { names: list(seatName) }, 'replay_end',
  ),
  snapshot: record('epoch', { delta }),
  delta: record('epoch', { delta }),
  tail: record('epoch', 'tick', { answers: list(answer) }, { own: maybe(own) }, { events: list(event) }),
  heartbeat: record('epoch', 'tick'),
  paused: record('epoch', 'reason'),
  resumed: record('epoch', 'tick'),
  names: record({ names: list(seatName) }),
  social: record('from', 'to', 'kind', 'index'),
  chat: record('from', 'name', 'to', 'allies', 'text'),
  pong: record('nonce'),
  notice: record('code', 'message'),
  renewed: record('expires'),
  migrate: record('url', 'closes_s'),
});

/** Fields of each command in the order of its list. */
const COMMANDS = {
  spawn: ['territory'],
  deploy: ['territory', 'troops', 'share'],
  attack: ['from', 'to', 'troops', 'share'],
  move: ['from', 'to', 'troops', 'share'],
  retreat: ['army'],
  build: ['territory', 'structure'],
  demolish: ['territory'],
  strike: ['from', 'target'],
  supply: ['from', 'to'],
  propose_alliance: ['to'],
  answer_alliance: ['from', 'accept'],
  extend_alliance: ['with'],
  break_alliance: ['with'],
  embargo: ['with', 'on'],
  donate_gold: ['to', 'amount'],
  offer_draw: [],
  end_turn: [],
  surrender: [],
};

/** A command `{kind, ...fields}` as the wire has it. */
export const commandFrame = ({ kind, ...fields }) => ({ [kind]: COMMANDS[kind].map((name) => fields[name] ?? null) });
