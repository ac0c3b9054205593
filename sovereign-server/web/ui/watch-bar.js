// For those who watch a game: how much later they see it, and whose sight it is.

import { h } from './dom.js';

/** A bar for `screen`, or null for who plays. `look(seat or null)` looks through other eyes. */
export function watchBar({ info, client, eyes = null }, look) {
  if (client.me >= 0) return null;
  const { delay_s: delay, view } = info.watching;
  const words = delay > 0 ? `You watch, ${delay} seconds behind the players.` : 'You watch.';
  const foggy = client.welcome.rules.fog.radius > 0;
  const players = client.names.filter(Boolean);
  const choice = h('select', { 'aria-label': 'Whose sight', on: { change: () => look(choice.value === '' ? null : Number(choice.value)) } },
    view === 'all' ? h('option', { value: '' }, 'See everything') : null,
    players.map(({ player, name }) => h('option', { value: String(player), selected: player === eyes }, `As ${name}`)));
  return h('div', { class: 'watch-bar glass', role: 'status' }, h('span', {}, words), foggy ? choice : null);
}
