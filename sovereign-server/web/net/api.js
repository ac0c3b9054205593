// The server's HTTP interface, and the guest's token that is kept in this browser.

const TOKEN_KEY = 'sovereign.token';
const NAME_KEY = 'sovereign.name';
const GAMES_KEY = 'sovereign.games';
const GAMES_KEPT = 8;

/** What the server refused, in its own words. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

async function request(method, path, body, token) {
  const headers = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError(0, 'offline', 'The server cannot be reached. Is it running?');
  }
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    answer = null;
  }
  if (response.ok) return answer;
  const said = answer?.error ?? answer ?? {};
  throw new ApiError(response.status, said.code ?? String(response.status), sentence(said) ?? `The server answered ${response.status}.`);
}

function sentence({ message, hint }) {
  if (!message) return null;
  const text = hint ? `${message}: ${hint}` : message;
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

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

export const storedName = () => localStorage.getItem(NAME_KEY) ?? '';

function keep(answer) {
  const kept = { token: answer.token, since: Date.now() / 1000, expires: answer.expires };
  localStorage.setItem(TOKEN_KEY, JSON.stringify(kept));
  return answer.token;
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(TOKEN_KEY));
  } catch {
    return null;
  }
}

async function newGuest() {
  const name = storedName();
  return keep(await request('POST', '/v1/auth/guest', name ? { name } : {}));
}

/** Renews a token in the second half of its life, so that the guest stays the same person. */
async function renewed({ token: old, since, expires }) {
  if (Date.now() / 1000 < (since + expires) / 2) return old;
  try {
    return keep(await request('POST', '/v1/auth/guest/renew', {}, old));
  } catch (error) {
    if (error.status === 401) return newGuest();
    return old;
  }
}

let asking = null;

/** Who plays in this browser: a guest's token, made when first needed. `refused`: the kept one is not taken. */
export function token(refused = false) {
  asking ??= askForToken(refused).finally(() => { asking = null; });
  return asking;
}

function askForToken(refused) {
  const found = refused ? null : kept();
  return found?.token ? renewed(found) : newGuest();
}

/** Keeps a name for this browser. A new name makes a new guest the next time one is needed. */
export function rename(name) {
  if (name === storedName()) return;
  localStorage.setItem(NAME_KEY, name);
  localStorage.removeItem(TOKEN_KEY);
}

/** A request as the guest; a token that is no longer taken is replaced once. */
async function asGuest(method, path, body) {
  try {
    return await request(method, path, body, await token());
  } catch (error) {
    if (error.status !== 401) throw error;
    return request(method, path, body, await token(true));
  }
}

export const fetchRules = (name) => request('GET', `/v1/rules/${encodeURIComponent(name)}`);
export const listRules = async () => (await request('GET', '/v1/rules')).rules;
export const listMaps = async () => (await request('GET', '/v1/maps')).maps;
export const listGames = async () => (await request('GET', '/v1/games')).games;
export const listReplays = async () => (await request('GET', '/v1/replays')).replays;
export const gameInfo = (id) => asGuest('GET', `/v1/games/${encodeURIComponent(id)}`);
export const leaveGame = (id) => asGuest('POST', `/v1/games/${encodeURIComponent(id)}/leave`, {});
export const createGame = (options) => asGuest('POST', '/v1/games', options);
/** Takes a seat in a game, which may be named by its id or its code. */
export const joinGame = (name) => asGuest('POST', `/v1/games/${encodeURIComponent(name)}/join`, {});
export const startGame = (id) => asGuest('POST', `/v1/games/${encodeURIComponent(id)}/start`, {});
export const rematch = (id) => asGuest('POST', `/v1/games/${encodeURIComponent(id)}/rematch`, {});

/** The games of this browser, newest first: to find back after closing the page. */
export const rememberedGames = () => JSON.parse(localStorage.getItem(GAMES_KEY) ?? '[]');

export function remember(id) {
  const games = [id, ...rememberedGames().filter((other) => other !== id)].slice(0, GAMES_KEPT);
  localStorage.setItem(GAMES_KEY, JSON.stringify(games));
}

export function forget(id) {
  localStorage.setItem(GAMES_KEY, JSON.stringify(rememberedGames().filter((other) => other !== id)));
}
