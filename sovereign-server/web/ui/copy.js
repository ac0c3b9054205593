// A button that copies a text.

import { copied } from './clipboard.js';
import { button, setText } from './dom.js';

export function copyButton(text, label = 'Copy the link') {
  const copy = button(label, async () => {
    setText(copy, await copied(text) ? 'Copied' : 'Mark the link and copy it');
  }, { class: 'btn' });
  return copy;
}
