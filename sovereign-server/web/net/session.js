// Who plays in this browser. The refresh token is a cookie that no script can read; the
// access token that comes for it stays in the memory of this tab and ends soon.
//
// What all tabs share lies in `localStorage`: whether there is a session (a marker, no
// secret), the name to begin with, and the name of an attempt to renew.

import { request } from './http.js';

const NAME_KEY = 'sovereign.name';
const SESSION_KEY = 'sovereign.session';
const ATTEMPT_KEY = 'sovereign.attempt';
/** A token with less than this left is renewed before it is used, in seconds. */
const EARLY_S = 90;
/** After a failure to renew a token in use, the next try, in milliseconds. */
const RETRY_MS = 10_000;

/** Tells when `who` has changed (`change`) and when there is another token (`token`). */
export const session = new EventTarget();

let access = null;
let renewal = null;

const now = () => Date.now() / 1000;
const tell = (what) => session.dispatchEvent(new Event(what));

/** Who plays: `{account, name, login}`, as far as this tab knows; null before that. */
export const who = () => (access ? { account: access.account, name: access.name, login: access.login } : null);

/** Whether this browser has a session, so that asking for a token makes no new guest. */
export const hasSession = () => localStorage.getItem(SESSION_KEY) !== null;

export const storedName = () => localStorage.getItem(NAME_KEY) ?? '';

function keep(answer) {
  access = answer;
  localStorage.setItem(SESSION_KEY, answer.login ?? '');
  if (answer.login) localStorage.setItem(NAME_KEY, answer.name);
  clearTimeout(renewal);
  renewal = setTimeout(renewInUse, Math.max((answer.expires - now() - EARLY_S) * 1000, 1000));
  tell('token');
  tell('change');
  return answer;
}

function drop() {
  access = null;
  clearTimeout(renewal);
  localStorage.removeItem(SESSION_KEY);
  localStorage.removeItem(ATTEMPT_KEY);
  tell('change');
}

/** A game may last longer than a token: whoever listens to `token` gets the next in time. */
async function renewInUse() {
  try {
    await refresh();
  } catch (error) {
    if (error.status !== 401) renewal = setTimeout(renewInUse, RETRY_MS);
  }
}

/** One tab at a time, where the browser can arrange that. */
const alone = (task) => (navigator.locks ? navigator.locks.request('sovereign.refresh', task) : task());

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * The next token for the cookie. The attempt has a name that outlives this page: whoever
 * is cut off before the answer asks again by the same name and is not taken for a thief.
 */
function refresh() {
  return alone(async () => {
    const attempt = localStorage.getItem(ATTEMPT_KEY) ?? randomId();
    localStorage.setItem(ATTEMPT_KEY, attempt);
    try {
      const answer = await request('POST', '/v1/auth/refresh', { attempt });
      localStorage.removeItem(ATTEMPT_KEY);
      return keep(answer);
    } catch (error) {
      if (error.status === 401) drop();
      throw error;
    }
  });
}

async function newGuest() {
  const name = storedName();
  return keep(await request('POST', '/v1/auth/guest', name ? { name, cookie: true } : { cookie: true }));
}

async function askForToken(refused) {
  if (access && !refused && access.expires - now() > EARLY_S) return access.token;
  if (hasSession()) {
    try {
      return (await refresh()).token;
    } catch (error) {
      if (error.status !== 401) throw error;
    }
  }
  return (await newGuest()).token;
}

/** A token of the session that this browser has; fails with 401 if it has ended, and makes no guest. */
export const tokenOfSession = async () => (await refresh()).token;

let asking = null;

/** A token of whoever plays here; a guest is made when first needed. `refused`: the last one is not taken. */
export function token(refused = false) {
  asking ??= askForToken(refused).finally(() => { asking = null; });
  return asking;
}

/** A request as whoever plays here; a token that is no longer taken is replaced once. */
export async function asMe(method, path, body, signal) {
  try {
    return await request(method, path, body, await token(), signal);
  } catch (error) {
    if (error.status !== 401 || !error.code.startsWith('token_')) throw error;
    return request(method, path, body, await token(true), signal);
  }
}

/** Finds out who plays here, without making a guest. */
export async function recall() {
  if (hasSession() && !access) await token().catch(() => null);
  return who();
}

/** Keeps a name for this browser; whoever plays here is called so in games that are joined from now on. */
export async function rename(name) {
  if (name === storedName()) return;
  localStorage.setItem(NAME_KEY, name);
  if (!hasSession() || !name) return;
  const renamed = await asMe('PATCH', '/v1/me', { name });
  if (access) access = { ...access, ...renamed };
  tell('change');
}

/** Makes an account of the guest who plays here, or a new one. */
export async function register(login, password) {
  const bearer = hasSession() ? await token() : null;
  const name = storedName();
  const wish = { login, password, cookie: true, ...(name && !bearer ? { name } : {}) };
  return keep(await request('POST', '/v1/auth/register', wish, bearer));
}

/** Comes in by login name and password; the guest who played here before is left behind. */
export async function logIn(login, password) {
  const wish = { login, password, cookie: true };
  return keep(await request('POST', '/v1/auth/login', wish, access?.token));
}

export async function changePassword(old, fresh) {
  return keep(await asMe('POST', '/v1/auth/password', { old, new: fresh, cookie: true }));
}

async function leave(method, path, body) {
  await asMe(method, path, body);
  drop();
  localStorage.removeItem(NAME_KEY);
}

export const logOut = () => leave('POST', '/v1/auth/logout', {});
export const logOutEverywhere = () => leave('POST', '/v1/auth/logout-all', {});
export const eraseAccount = (password) => leave('DELETE', '/v1/me', password ? { password } : {});
export const exportAccount = () => asMe('GET', '/v1/me/export');

/** Another tab has come in or left: what this one knows is void. */
window.addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key !== SESSION_KEY || oldValue === newValue) return;
  access = null;
  if (newValue === null) tell('change');
  else recall();
});
