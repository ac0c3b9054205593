// The bar of a replay: where it is, how fast it goes, and how to hand it on.

import { button, h, setText } from './dom.js';
import { replayFile } from '../net/api.js';
import { ticksAsTime } from '../words.js';

const SPEEDS = [0.5, 1, 2, 4, 8, 16, 32, 64];
/** The slider asks for another tick at most this often while it is dragged. */
const SEEK_MS = 150;
/** A step is one second of the game. */
const STEP = 20;

export class ReplayBar {
  /**
   * @param state `{playing, speed}`
   * @param on `flip()`, `seek(tick)`, `step(ticks)`, `speed(times)`, `view(seat or null)`, `share()`
   */
  constructor(id, end, state, on) {
    Object.assign(this, { end, state, on, sliding: false });
    this.play = button('', on.flip, { class: 'btn primary play' });
    this.time = h('output', { class: 'time' });
    this.slider = h('input', {
      type: 'range', min: '0', max: String(end), step: '1', value: '0', 'aria-label': 'Time',
      on: { input: () => this.slide(), change: () => this.seek(Number(this.slider.value)) },
    });
    this.speed = h('select', { 'aria-label': 'Speed', class: 'speed', on: { change: () => on.speed(Number(this.speed.value)) } },
      SPEEDS.map((speed) => h('option', { value: String(speed), selected: speed === state.speed }, `${speed}×`)));
    this.view = h('select', { 'aria-label': 'Whose sight', class: 'view', hidden: true, on: { change: () => on.view(this.view.value === '' ? null : Number(this.view.value)) } });
    const step = (label, name, ticks) => button(label, () => on.step(ticks), { class: 'btn quiet step', 'aria-label': name, title: name });
    this.element = h('div', { class: 'replay-bar glass', role: 'group', 'aria-label': 'Replay' },
      h('div', { class: 'through' }, this.slider, this.time),
      h('div', { class: 'controls' }, step('◂', 'A second back (,)', -STEP), this.play, step('▸', 'A second on (.)', STEP), this.speed, this.view,
        h('span', { class: 'gap' }), button('Share', on.share, { class: 'btn share-link' }),
        h('a', { class: 'btn', href: replayFile(id), download: '', title: 'The replay as a file, to verify or to keep' }, 'Download')));
  }

  /** Offers whose sight to look through, where there is fog. */
  offerViews(players, chosen) {
    this.view.hidden = false;
    this.view.replaceChildren(h('option', { value: '' }, 'See everything'),
      ...players.map(({ player, name }) => h('option', { value: String(player), selected: player === chosen }, `As ${name}`)));
  }

  slide() {
    this.sliding = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.on.seek(Number(this.slider.value)), SEEK_MS);
    this.paint();
  }

  seek(tick) {
    clearTimeout(this.timer);
    this.sliding = false;
    this.on.seek(tick);
  }

  refresh(tick) {
    const { end, state } = this;
    if (!this.sliding) this.slider.value = String(tick);
    this.paint();
    setText(this.time, `${ticksAsTime(tick)} / ${ticksAsTime(end)}`);
    const playing = state.playing && tick < end;
    setText(this.play, playing ? '❚❚' : '▶');
    this.play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
    this.play.title = `${playing ? 'Pause' : 'Play'} (space)`;
  }

  paint() {
    this.slider.style.setProperty('--part', `${(Number(this.slider.value) / Math.max(this.end, 1)) * 100}%`);
  }

  close() {
    clearTimeout(this.timer);
  }
}
