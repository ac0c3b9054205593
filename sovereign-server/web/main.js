// The page: which screen is shown is said by the part of the address after the #.
//
//   #/            the start
//   #/join/CODE   joins a friend's game
//   #/party/TOKEN joins a friend's party
//   #/history     one's own games and ratings
//   #/game/ID     a game, from its lobby to its end
//   #/replay/ID   a replay; #/replay/ID/t=TICK begins there
//
// The folders: net/ speaks with the server, state/ is the game as this page knows it (both
// without the page, and tested under Node), map/ draws it, ui/ holds screens and panels.

import { Entry } from './ui/entry.js';
import { History } from './ui/history.js';
import { Home } from './ui/home.js';
import { ReplayScreen } from './ui/replay-screen.js';

const host = document.getElementById('app');
let screen = null;

function go(hash) {
  if (window.location.hash === hash) show();
  else window.location.hash = hash;
}

function screenFor([page, argument, at]) {
  if (page === 'game' && argument) return new Entry(host, argument, go);
  if (page === 'replay' && argument) return new ReplayScreen(host, argument, go, at);
  if (page === 'history') return new History(host, go);
  return new Home(host, go, { [page]: argument ?? '' });
}

function show() {
  screen?.close();
  delete window.sovereign;
  const [, ...parts] = window.location.hash.split('/');
  screen = screenFor(parts.map(decodeURIComponent));
}

/** Links to hand on have the same parts without the #; one to a replay may end in `#t=TICK`. */
function adoptPath() {
  const { pathname, hash } = window.location;
  if (!/^\/(join|game|replay)\//.test(pathname)) return;
  const at = /^#t=\d+$/.test(hash) ? `/${hash.slice(1)}` : '';
  window.history.replaceState(null, '', `/#${pathname.replace(/\/$/, '')}${at}`);
}

window.addEventListener('hashchange', show);
adoptPath();
show();
