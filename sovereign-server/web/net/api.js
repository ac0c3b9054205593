// The server's HTTP interface: maps, rules, games and replays.

import { request } from './http.js';
import { query } from './news.js';
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
/** Public games; `wish` filters and sorts them, and `since` waits for another version. */
export const listGames = (wish = {}, signal) => request('GET', query('/v1/games', wish), undefined, undefined, signal);
export const listReplays = async () => (await request('GET', '/v1/replays')).replays;
export const myReplays = async () => (await asMe('GET', '/v1/me/replays')).replays;
export const replayFile = (id) => `/v1/replays/${encodeURIComponent(id)}`;
const game = (id, act = '') => `/v1/games/${encodeURIComponent(id)}${act && `/${act}`}`;

/** A game; with the version that one has, once there is another. */
export const gameInfo = (id, since = null, signal) => asMe('GET', query(game(id), { since }), undefined, signal);
export const gameSettings = (id) => request('GET', game(id, 'settings'));
export const changeGame = (id, changes) => asMe('PATCH', game(id), changes);
export const leaveGame = (id) => asMe('POST', game(id, 'leave'), {});
export const kick = (id, seat) => asMe('POST', game(id, 'kick'), { seat });
export const handOver = (id, seat) => asMe('POST', game(id, 'host'), { seat });
export const chooseTeam = (id, seat, team) => asMe('POST', game(id, 'team'), { seat, team });
export const createGame = (options) => asMe('POST', '/v1/games', options);
/** Takes a seat in a game, which may be named by its id or its code; with the party that one leads, if that is to come along. */
export const joinGame = (name, party = false) => asMe('POST', game(name, 'join'), { party });
export const startGame = (id) => asMe('POST', game(id, 'start'), {});
export const rematch = (id) => asMe('POST', game(id, 'rematch'), {});

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

export const listLadders = async () => (await request('GET', '/v1/ladders')).ladders;
export const ladder = (name) => request('GET', `/v1/ladders/${encodeURIComponent(name)}`);
export const myRatings = async () => (await asMe('GET', '/v1/me/ratings')).ratings;
/** One's own games that are over, the newest first; with a page's `before`, those after that page. */
export const myGames = (before = null) => asMe('GET', query('/v1/me/games', { before }));
export const enterQueue = (name) => asMe('POST', '/v1/queue', { ladder: name });
export const queueInfo = (since = null, signal) => asMe('GET', query('/v1/queue', { since }), undefined, signal);
export const leaveQueue = () => asMe('DELETE', '/v1/queue');

export const partyInfo = (since = null, signal) => asMe('GET', query('/v1/party', { since }), undefined, signal);
export const foundParty = () => asMe('POST', '/v1/party', {});
export const inviteToParty = () => asMe('POST', '/v1/party/invitation', {});
export const closeParty = () => asMe('DELETE', '/v1/party/invitation');
export const joinParty = (token) => asMe('POST', '/v1/party/join', { token });
export const leaveParty = () => asMe('POST', '/v1/party/leave', {});
export const kickMember = (member) => asMe('POST', '/v1/party/kick', { member });
export const leadParty = (member) => asMe('POST', '/v1/party/leader', { member });
