// The page: which screen is shown is said by the part of the address after the #.
//
//   #/            the start
//   #/join/CODE   joins a friend's game
//   #/game/ID     a game, from its lobby to its end
//   #/replay/ID   a replay

import { GameScreen } from './ui/game-screen.js';
import { Home } from './ui/home.js';
import { ReplayScreen } from './ui/replay-screen.js';

const host = document.getElementById('app');
let screen = null;

function go(hash) {
  if (window.location.hash === hash) show();
  else window.location.hash = hash;
}

function screenFor([page, argument]) {
  if (page === 'game' && argument) return new GameScreen(host, argument, go);
  if (page === 'replay' && argument) return new ReplayScreen(host, argument, go);
  return new Home(host, go, page === 'join' ? argument ?? '' : '');
}

function show() {
  screen?.close();
  delete window.sovereign;
  const [, ...parts] = window.location.hash.split('/');
  screen = screenFor(parts.map(decodeURIComponent));
}

window.addEventListener('hashchange', show);
show();
