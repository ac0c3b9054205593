// Before the game: who is there, and how friends join.

import { button, h, refresh } from './dom.js';
import { startGame } from '../net/api.js';
import { styleOf } from '../map/palette.js';

/** The code of a game that this browser made or joined, kept for the lobby. */
export const keepCode = (id, code) => code && sessionStorage.setItem(`sovereign.code.${id}`, code);
const codeOf = (id) => sessionStorage.getItem(`sovereign.code.${id}`);

export class Lobby {
  constructor(client, id, on) {
    Object.assign(this, { client, id, on });
    this.seats = h('ol', { class: 'seats' });
    this.trouble = h('p', { class: 'trouble', role: 'alert' });
    this.start = button('Start the game', () => this.begin(), { class: 'btn primary big' });
    this.element = h('section', { class: 'lobby sheet glass', 'aria-label': 'Lobby' },
      h('h1', {}, 'Lobby'), h('p', { class: 'map-title' }, client.map.title), this.invitation(), this.seats, this.trouble,
      h('div', { class: 'actions' }, this.start, button('Leave', on.leave, { class: 'btn' })));
  }

  invitation() {
    const code = codeOf(this.id);
    if (!code) return h('p', { class: 'facts' }, 'The game starts when everybody is here.');
    const link = `${window.location.origin}/#/join/${code}`;
    const copy = button('Copy the link', async () => {
      await navigator.clipboard.writeText(link);
      copy.textContent = 'Copied';
    }, { class: 'btn' });
    return h('div', { class: 'invitation' }, h('p', {}, 'Friends join with this code:'), h('output', { class: 'code' }, code),
      h('p', { class: 'link' }, link), copy);
  }

  async begin() {
    this.trouble.textContent = '';
    this.start.disabled = true;
    try {
      await startGame(this.id);
    } catch (error) {
      this.trouble.textContent = error.message;
    }
    this.start.disabled = false;
  }

  refresh() {
    const { mirror, me } = this.client;
    const key = JSON.stringify([mirror.players.map((p) => p.seat), this.client.names.map((n) => n?.name)]);
    refresh(this.seats, key, () => mirror.players.map((player) => {
      const { colour, symbol } = styleOf(player.id);
      const badge = h('span', { class: 'badge', 'aria-hidden': 'true' }, player.seat === 'open' ? '' : symbol);
      if (player.seat !== 'open') badge.style.background = colour;
      const name = player.seat === 'open' ? 'open seat' : this.client.nameOf(player.id);
      return h('li', { class: `seat ${player.seat} ${player.id === me ? 'me' : ''}` }, badge, name,
        player.seat === 'bot' ? h('small', {}, 'bot') : null);
    }));
  }
}
