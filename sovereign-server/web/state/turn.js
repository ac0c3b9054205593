// Whose turn it is and what he may do in it, where players take turns: section 16 of docs/rules.md.

import { phase } from './growth.js';

const TROOPS_MAX = 1_000_000_000;

/** The turn that goes on, in which it may still be ordered; null without one. */
export function openTurn(mirror) {
  const { turn, phase: stage } = mirror.game;
  return stage === 'playing' && turn && turn.until !== null ? turn : null;
}

/** Whether a player may order what troops do: it is his turn, or there are none. */
export const mayOrder = (mirror, me) => (
  me >= 0 && (mirror.rules.turns.ticks === 0 || openTurn(mirror)?.player === me)
);

/** The troops of the viewer's reserve at a tick. `own` is what the server last told. */
export function reserveAt(own, tick) {
  if (!own) return 0;
  const gained = phase(own.levy, Math.max(tick, own.gold_since)) - phase(own.levy, own.gold_since);
  return Math.min(own.reserve + gained, TROOPS_MAX);
}

/** What the turn waits for: 'deploy', 'attack', 'move', 'done', or null if it is another's. */
export function stageOf(mirror, me, own, tick) {
  const turn = openTurn(mirror);
  if (turn?.player !== me) return null;
  if (reserveAt(own, tick) > 0) return 'deploy';
  if (turn.round === 0 || turn.moves >= mirror.rules.turns.moves_max) return 'done';
  return turn.moves > 0 ? 'move' : 'attack';
}
