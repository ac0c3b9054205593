// Questions that stop everything else, on the browser's own dialog element: it keeps
// the focus, closes on Escape and is read out.

import { button, h } from './dom.js';

/** Shows a dialog; resolves to the value of the button that closed it, or null. */
export function ask({ title, text, actions, content = null }) {
  return new Promise((resolve) => {
    const dialog = h('dialog', { class: 'dialog', 'aria-label': title });
    const choose = (value) => {
      dialog.close();
      resolve(value);
    };
    const buttons = actions.map(({ label, value, tone = '' }) => button(label, () => choose(value), { class: `btn ${tone}` }));
    dialog.append(h('h2', {}, title), text ? h('p', {}, text) : '', content ?? '', h('div', { class: 'actions' }, buttons));
    dialog.addEventListener('cancel', () => resolve(null));
    dialog.addEventListener('close', () => dialog.remove());
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog) choose(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

const KEYS = [
  ['Click or tap', 'choose a territory; then one beside it: attack'],
  ['Drag', 'from your land to a target: attack or move'],
  ['Shift + click', 'move troops to your own land'],
  ['Wheel or pinch', 'zoom; drag the sea to look around'],
  ['1 … 9, 0', 'send 10 % … 90 %, all'],
  ['[ and ]', 'send less, send more'],
  ['Tab', 'your next territory; Escape, then Tab: leave the map'],
  ['Arrows', 'go to a neighbour'],
  ['Enter', 'attack, move, or choose'],
  ['Supply line …', 'then a tap on land of yours: what this land can spare goes there by itself'],
  ['C, F, P', 'build a city, fort or port'],
  ['H', 'home: show your land; + and − zoom, M shows the whole map'],
  ['L', 'look here: point at a territory for your allies'],
  ['T', 'talk: phrases, signs and, where the host allows it, words'],
  ['?', 'this help'],
];

/** Lists what mouse, touch and keys do. */
export const showHelp = () => ask({
  title: 'How to play',
  text: 'Take land, let your troops grow, and hold the share of the land that wins. Territories grow fastest when they are between a tenth and a half full.',
  content: h('dl', { class: 'keys' }, KEYS.flatMap(([key, does]) => [h('dt', {}, key), h('dd', {}, does)])),
  actions: [{ label: 'Back to the game', value: null, tone: 'primary' }],
});
