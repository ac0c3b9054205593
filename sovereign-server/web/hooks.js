// What tests from outside may look at: `window.sovereign`, read only.
//
//   phase        lobby, spawn, playing, finished, or null before the first snapshot
//   tick         the last tick that the server has announced
//   me           the own seat; -1 for somebody who only watches
//   owners       the owner of each territory; -1 is nobody
//   troops(id)   the garrison of a territory, as it is shown
//   hides(id)    whether fog lies over a territory
//   structure(id)  what stands or is being built there, or null
//   selected     the chosen territory, or null
//   share        the share of troops that an order sends, in percent
//   fps          frames drawn in the last full second
//   lastRefusal  why the last refused order was refused, or null
//   connection   connecting, open, waiting or closed
//   own          gold, reserve and proposals, as last told
//   turn         whose turn it is, `{player, round, until, moves}`, or null
//   armies       all armies
//   winner       who won, or null
//   open(id)     neighbours by land that nobody holds
//   place(id)    where a territory's label is on the page, `{x, y}`
//   targets()    what can be reached from the chosen territory
//   unanswered   how many orders wait for their answer
//   bounds       how far a replay reaches, `{end, speed}`; null in a game

import { ownerOf, troopsAt } from './state/view.js';

/** Makes a screen visible as `window.sovereign`. */
export function publish(screen) {
  const { client } = screen;
  const state = {
    get phase() { return client.mirror?.game.phase ?? null; },
    get tick() { return client.tick; },
    get me() { return client.me; },
    get owners() { return screen.look ? [...screen.look.owners] : []; },
    get selected() { return screen.choice?.selected ?? null; },
    get share() { return screen.choice?.share ?? null; },
    get fps() { return screen.view?.frames.rate ?? 0; },
    get lastRefusal() { return screen.lastRefusal ?? null; },
    get connection() { return client.connection; },
    get own() { return client.own; },
    get turn() { return client.mirror?.game.turn ?? null; },
    get armies() { return client.mirror ? [...client.mirror.armies].map(([id, army]) => ({ id, ...army })) : []; },
    get winner() { return client.mirror?.game.winner ?? null; },
    get bounds() { return screen.bounds ?? null; },
    get unanswered() { return client.sent.size; },
    hides: (id) => screen.look.hides(id),
    structure: (id) => screen.look.structure(id),
    troops: (id) => troopsAt(client.mirror, id, client.tick),
    open: (id) => client.map.edgesOf[id].filter(({ to, kind }) => kind === 'land' && ownerOf(client.mirror, to) < 0).map(({ to }) => to),
    place: (id) => screen.view.placeOf(id),
    targets: () => screen.choice?.targets() ?? [],
  };
  Object.defineProperty(window, 'sovereign', { value: Object.freeze(state), configurable: true });
}
