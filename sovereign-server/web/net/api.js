// The server's HTTP interface: maps, rules, games and replays.

import { request } from './http.js';
import { asMe } from './session.js';

const GAMES_KEY = 'sovereign.games';
const GAMES_KEPT = 8;

const maps = new Map();

/** A map file; each is loaded once. */
export function fetchMap(name) {
  if (!maps.has(name)) {
    const loading = request('GET', `/v1/maps/${encodeURIComponent(name)}`);
    loading.catch(() => maps.delete(name));
    maps.set(name, loading);
  }
  return maps.get(name);
}

export const fetchRules = (name) => request('GET', `/v1/rules/${encodeURIComponent(name)}`);
export const listRules = async () => (await request('GET', '/v1/rules')).rules;
export const listMaps = async () => (await request('GET', '/v1/maps')).maps;
export const listGames = async () => (await request('GET', '/v1/games')).games;
export const listReplays = async () => (await request('GET', '/v1/replays')).replays;
export const myReplays = async () => (await asMe('GET', '/v1/me/replays')).replays;
export const replayFile = (id) => `/v1/replays/${encodeURIComponent(id)}`;
export const gameInfo = (id) => asMe('GET', `/v1/games/${encodeURIComponent(id)}`);
export const leaveGame = (id) => asMe('POST', `/v1/games/${encodeURIComponent(id)}/leave`, {});
export const createGame = (options) => asMe('POST', '/v1/games', options);
/** Takes a seat in a game, which may be named by its id or its code. */
export const joinGame = (name) => asMe('POST', `/v1/games/${encodeURIComponent(name)}/join`, {});
export const startGame = (id) => asMe('POST', `/v1/games/${encodeURIComponent(id)}/start`, {});
export const rematch = (id) => asMe('POST', `/v1/games/${encodeURIComponent(id)}/rematch`, {});

/** Complains of somebody in a game to the operator. */
export const report = (id, complaint) => asMe('POST', `/v1/games/${encodeURIComponent(id)}/reports`, complaint);

/** The games of this browser, newest first: to find back after closing the page. */
export const rememberedGames = () => JSON.parse(localStorage.getItem(GAMES_KEY) ?? '[]');

export function remember(id) {
  const games = [id, ...rememberedGames().filter((other) => other !== id)].slice(0, GAMES_KEPT);
  localStorage.setItem(GAMES_KEY, JSON.stringify(games));
}

export function forget(id) {
  localStorage.setItem(GAMES_KEY, JSON.stringify(rememberedGames().filter((other) => other !== id)));
}
