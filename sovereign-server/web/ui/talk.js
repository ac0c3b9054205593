// What can be said: phrases and signs always, words of one's own where the host allows them.
//
// Whatever others say is shown as text, never as markup.

import { button, h, refresh, setText } from './dom.js';
import { EMOJI, QUICK_CHAT } from '../words.js';

const TEXT_MAX = 200;
const ALL = 'all';
const ALLIES = 'allies';

export class Talk {
  /** @param free whether words of one's own may be said */
  constructor(client, free) {
    Object.assign(this, { client, free });
    this.to = h('select', { 'aria-label': 'To whom', on: { change: () => this.text.focus() } });
    this.text = h('input', {
      maxLength: TEXT_MAX, placeholder: 'Say something', autocomplete: 'off', 'aria-label': 'What to say', enterKeyHint: 'send',
    });
    this.form = h('form', { class: 'talk-line', on: { submit: (event) => this.send(event) } }, this.text,
      h('button', { class: 'btn primary', type: 'submit' }, 'Say'));
    this.form.hidden = !free;
    const signs = EMOJI.map((sign, index) => button(sign, () => this.say('emoji', index), { class: 'btn quiet sign', 'aria-label': `Sign ${sign}` }));
    const phrases = QUICK_CHAT.map((phrase, index) => button(phrase, () => this.say('quickChat', index), { class: 'btn phrase' }));
    this.spectator = h('p', { class: 'facts' });
    this.element = h('section', { class: 'talk glass', 'aria-label': 'Say something', hidden: true, on: { keydown: (event) => this.press(event) } },
      h('div', { class: 'talk-head' }, this.to, button('×', () => this.close(), { class: 'btn quiet close', 'aria-label': 'Close (Escape)' })),
      this.form, this.spectator, this.signs = h('div', { class: 'talk-signs' }, signs), this.phrases = h('div', { class: 'talk-phrases' }, phrases));
  }

  /** Opens it; `to` is a seat, or null for everybody. */
  open(to = null) {
    this.refresh();
    this.element.hidden = false;
    this.to.value = to === null ? ALL : String(to);
    const watching = this.client.me < 0;
    this.to.hidden = watching;
    this.signs.hidden = watching;
    this.phrases.hidden = watching;
    setText(this.spectator, !watching ? '' : this.free ? 'Only those who watch hear you.' : 'Those who watch say nothing in this game.');
    (this.free ? this.text : this.element.querySelector('.phrase')).focus({ preventScroll: true });
  }

  close() {
    this.element.hidden = true;
    document.activeElement?.blur?.();
  }

  flip() {
    if (this.element.hidden) this.open(null);
    else this.close();
  }

  press(event) {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.close();
  }

  /** Offers everybody who is there. */
  refresh() {
    const others = this.client.names.filter((name) => name && !name.bot && name.player !== this.client.me);
    refresh(this.to, others.map(({ player, name }) => `${player} ${name}`).join('|') || 'nobody', () => [
      h('option', { value: ALL }, 'To everybody'), h('option', { value: ALLIES }, 'To allies'),
      ...others.map(({ player, name }) => h('option', { value: String(player) }, `To ${name}`)),
    ]);
  }

  /** The seat that is spoken to alone, or null. */
  get seat() {
    return [ALL, ALLIES].includes(this.to.value) ? null : Number(this.to.value);
  }

  say(what, index) {
    this.client[what](index, this.seat);
    this.close();
  }

  send(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (text) this.client.chat(text, this.seat, this.to.value === ALLIES);
    this.text.value = '';
    if (!text) this.close();
  }
}
