// A dialog with a form: it stays until what it asks for has been done, and says why not.

import { ask } from './dialog.js';
import { button, h } from './dom.js';

function row({ name, label, hint = '', type = 'text', ...rest }) {
  const input = h('input', { id: `field-${name}`, name, type, required: true, spellcheck: false, autocapitalize: 'none', ...rest });
  return h('label', { class: 'form-row' }, h('span', {}, label), input, hint ? h('small', {}, hint) : null);
}

/**
 * Resolves once it is closed.
 * @param fields inputs by `name`, `label`, `hint` and properties of inputs
 * @param submit does it with the values by name; what it throws is shown
 * @param done what is said afterwards, if anything
 * @param aside the label of a way out, and what is shown there instead
 */
export function formDialog({ title, text, fields, action, submit, tone = 'primary', done = null, aside = null }) {
  return new Promise((resolve) => {
    const trouble = h('p', { class: 'trouble', role: 'alert' });
    const go = h('button', { type: 'submit', class: `btn ${tone}` }, action);
    const form = h('form', { class: 'form' }, fields.map(row), trouble,
      h('div', { class: 'actions' }, go, button('Cancel', () => dialog.close(), { class: 'btn' }),
        aside ? button(aside[0], () => instead(aside[1]), { class: 'btn quiet' }) : null));
    const dialog = h('dialog', { class: 'dialog', 'aria-label': title }, h('h2', {}, title), text ? h('p', {}, text) : null, form);
    const instead = (show) => {
      dialog.close();
      show();
    };
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      trouble.textContent = '';
      go.disabled = true;
      try {
        await submit(Object.fromEntries(new FormData(form)));
        dialog.close();
        if (done) ask({ title: done, actions: [{ label: 'Close', value: null, tone: 'primary' }] });
      } catch (error) {
        trouble.textContent = error.message;
      }
      go.disabled = false;
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
