// A small game of attacks on 42 territories for four players, on boardgame.io's reducer, as fast as
// that engine goes: no client, no network. Random players reinforce once and attack up to six times
// a turn. Prints one line of JSON: node toy.cjs SECONDS (of CPU time)
'use strict';
const { CreateGameReducer, InitializeGame } = require('boardgame.io/internal');
const { INVALID_MOVE } = require('boardgame.io/core');

const LANDS = 42;
const SEATS = 4;
const TURNS_MAX = 3000;
// A ring with chords: everybody has four neighbours.
const neighbours = Array.from({ length: LANDS }, (_, at) =>
  [1, LANDS - 1, 7, LANDS - 7].map((step) => (at + step) % LANDS));

const fight = ({ G, ctx, random }, from, to) => {
  const me = Number(ctx.currentPlayer);
  const fair = G.owner[from] === me && G.owner[to] !== me && G.troops[from] > 1;
  if (!fair || !neighbours[from].includes(to)) return INVALID_MOVE;
  if (random.D6() <= random.D6()) {
    G.troops[from] -= 1;
    return undefined;
  }
  G.troops[to] -= 1;
  if (G.troops[to] <= 0) {
    G.owner[to] = me;
    G.troops[to] = G.troops[from] - 1;
    G.troops[from] = 1;
  }
  return undefined;
};

const reinforce = ({ G, ctx }, at, troops) => {
  if (G.owner[at] !== Number(ctx.currentPlayer)) return INVALID_MOVE;
  G.troops[at] += troops;
  return undefined;
};

const following = ({ G, ctx }) => {
  for (let step = 1; step <= SEATS; step += 1) {
    const seat = (ctx.playOrderPos + step) % SEATS;
    if (G.owner.includes(seat)) return seat;
  }
  return 0;
};

const game = {
  name: 'toy',
  seed: 'peers',
  setup: () => ({
    owner: Array.from({ length: LANDS }, (_, at) => at % SEATS),
    troops: Array(LANDS).fill(3),
  }),
  moves: { attack: fight, reinforce },
  turn: { order: { first: () => 0, next: following } },
  endIf: ({ G }) => (G.owner.every((owner) => owner === G.owner[0]) ? { winner: G.owner[0] } : undefined),
};

// Numerical Recipes' generator: the players' dice, the same in every run.
let dice = 2024;
const below = (sides) => {
  dice = (Math.imul(dice, 1664525) + 1013904223) >>> 0;
  return Math.floor((dice / 2 ** 32) * sides);
};
const pick = (list) => list[below(list.length)];

const reduce = CreateGameReducer({ game });
const send = (state, type, name, args) => {
  const payload = { type: name, args, playerID: state.ctx.currentPlayer };
  const next = reduce(state, { type, payload });
  if (next._stateID === state._stateID) throw new Error(`${name} ${args} was refused`);
  return next;
};

const owned = ({ G }, me) => [...G.owner.keys()].filter((at) => G.owner[at] === me);
const fronts = ({ G }, me) => owned({ G }, me).filter((at) => G.troops[at] > 1)
  .flatMap((from) => neighbours[from].filter((to) => G.owner[to] !== me).map((to) => [from, to]));

function turn(state, count) {
  const me = Number(state.ctx.currentPlayer);
  const mine = owned(state, me);
  let now = send(state, 'MAKE_MOVE', 'reinforce', [pick(mine), Math.max(3, Math.floor(mine.length / 3))]);
  count.commands += 1;
  for (let attack = 0; attack < 6 && !now.ctx.gameover; attack += 1) {
    const open = fronts(now, me);
    if (open.length === 0) break;
    now = send(now, 'MAKE_MOVE', 'attack', pick(open));
    count.commands += 1;
  }
  if (now.ctx.gameover) return now;
  count.commands += 1;
  return send(now, 'GAME_EVENT', 'endTurn', undefined);
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const budget = Number(process.argv[2] ?? 10);
const count = { commands: 0, games: 0 };
const start = cpuSeconds();
while (cpuSeconds() - start < budget) {
  let state = InitializeGame({ game, numPlayers: SEATS });
  for (let turns = 0; turns < TURNS_MAX && !state.ctx.gameover; turns += 1) state = turn(state, count);
  count.games += 1;
}
const seconds = cpuSeconds() - start;
console.log(JSON.stringify({
  commandsPerSecond: Math.round(count.commands / seconds),
  gamesPerSecond: Number((count.games / seconds).toFixed(2)),
  commandsPerGame: Math.round(count.commands / count.games),
}));
