// Short messages: near what they are about, or at the top.

import { h } from './dom.js';

const SHOWN_MS = 4200;

export class Toasts {
  constructor(host) {
    this.host = h('div', { class: 'toasts', role: 'status', 'aria-live': 'assertive' });
    host.append(this.host);
  }

  /** @param at a place of the map on the screen, `{x, y}`; at the top if not said */
  show(text, { at = null, tone = 'plain' } = {}) {
    const toast = h('div', { class: `toast ${tone}` }, text);
    this.host.append(toast);
    if (at) this.place(toast, at);
    setTimeout(() => toast.classList.add('leaving'), SHOWN_MS);
    setTimeout(() => toast.remove(), SHOWN_MS + 400);
  }

  place(toast, { x, y }) {
    const width = Math.min(toast.offsetWidth, window.innerWidth - 24);
    const left = Math.min(Math.max(x - width / 2, 12), window.innerWidth - width - 12);
    const top = Math.min(Math.max(y - toast.offsetHeight - 30, 64), window.innerHeight - 200);
    toast.classList.add('placed');
    toast.style.left = `${left}px`;
    toast.style.top = `${top}px`;
  }
}
