// Links to hand on.

import { ask } from './dialog.js';
import { button, h, setText } from './dom.js';

/** Copies a text. Browsers allow it only on safe origins. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** A button that copies a text. */
export function copyButton(text, label = 'Copy the link') {
  const copy = button(label, async () => {
    setText(copy, await copied(text) ? 'Copied' : 'Mark the link and copy it');
  }, { class: 'btn' });
  return copy;
}

/** Copies a link and shows it, so that it can be copied by hand too. */
export async function handOn(title, text, link) {
  const done = await copied(link);
  const content = h('input', { class: 'link-line', value: link, readOnly: true, 'aria-label': 'Link', on: { focus: () => content.select() } });
  await ask({ title, text: done ? `${text} It has been copied.` : text, content, actions: [{ label: 'Close', value: null, tone: 'primary' }] });
}
