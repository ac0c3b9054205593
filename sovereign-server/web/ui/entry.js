// The door of a game: its lobby, the game itself, or word that it has ended.

import { button, h } from './dom.js';
import { GameScreen } from './game-screen.js';
import { Lobby } from './lobby.js';
import { gameInfo, remember } from '../net/api.js';

export class Entry {
  constructor(host, id, go) {
    Object.assign(this, { host, id, go, screen: null });
    host.className = 'game';
    host.replaceChildren(h('div', { class: 'loading', role: 'status' }, 'Loading the game …'));
    this.open();
  }

  async open() {
    let info;
    try {
      info = await gameInfo(this.id);
    } catch (error) {
      if (!this.closed) await this.missing(error);
      return;
    }
    if (!this.closed) this.show(info);
  }

  show(info) {
    this.screen?.close();
    if (info.you !== null) remember(info.id);
    const { host, go } = this;
    this.screen = info.status === 'lobby'
      ? new Lobby(host, info, go, (begun) => this.show(begun))
      : new GameScreen(host, info, go, () => this.missing({ status: 404 }));
  }

  /** Games that have ended go after a while; their replays stay. */
  async missing(error) {
    const found = error.status === 404 ? await gameInfo(this.id).catch(() => null) : null;
    const kept = found?.replay ?? false;
    const title = kept ? 'This game has ended' : error.status === 404 ? 'There is no such game' : 'The game cannot be opened';
    const text = kept ? 'Its replay is kept.' : error.status === 404 ? 'It may have ended long ago, or the link is incomplete.' : error.message;
    this.host.replaceChildren(h('div', { class: 'curtain' }, h('div', { class: 'card glass', role: 'alertdialog', 'aria-label': title },
      h('h2', {}, title), h('p', {}, text), h('div', { class: 'actions' },
        kept ? button('Watch the replay', () => this.go(`#/replay/${this.id}`), { class: 'btn primary' }) : null,
        error.status === 404 ? null : button('Try again', () => this.open(), { class: 'btn primary' }),
        button('Back to the start', () => this.go('#/'), { class: 'btn' })))));
  }

  close() {
    this.closed = true;
    this.screen?.close();
  }
}
