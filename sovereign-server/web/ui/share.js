// The slider that says which share of a garrison an order sends.

import { button, h, setText } from './dom.js';

export class ShareSlider {
  constructor(choice) {
    this.choice = choice;
    this.text = h('output', { class: 'percent' });
    this.input = h('input', {
      type: 'range', min: '5', max: '100', step: '5', value: String(choice.share), 'aria-label': 'Share of troops to send',
      on: { input: () => choice.setShare(Number(this.input.value)) },
    });
    const quick = [25, 50, 75, 100].map((share) => button(`${share}`, () => choice.setShare(share), {
      class: 'btn quiet share-step', 'aria-label': `Send ${share} percent`,
    }));
    this.element = h('div', { class: 'share glass' },
      h('span', { class: 'caption' }, 'Send'), this.input, this.text, h('div', { class: 'steps' }, quick));
    choice.addEventListener('change', () => this.refresh());
    this.refresh();
  }

  refresh() {
    const { share, source } = this.choice;
    this.input.value = String(share);
    this.input.style.setProperty('--part', `${share}%`);
    const troops = source === null ? '' : ` · ${this.choice.troopsFrom(source)}`;
    setText(this.text, `${share} %${troops}`);
  }
}
