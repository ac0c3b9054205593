// Elements without ceremony.

/**
 * An element. `props` are properties, except `class`, `on` (listeners), `data`, and
 * names with a dash, which are attributes. Children are elements, strings, or nothing.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) assign(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function assign(element, name, value) {
  if (name === 'class') element.className = value;
  else if (name === 'on') Object.entries(value).forEach(([type, heard]) => element.addEventListener(type, heard));
  else if (name === 'data') Object.assign(element.dataset, value);
  else if (name === 'role' || name.includes('-')) element.setAttribute(name, value);
  else element[name] = value;
}

export const button = (label, onclick, props = {}) => h('button', { type: 'button', on: { click: onclick }, ...props }, label);

/**
 * Replaces the children only if the key differs from the last time: panels are
 * refreshed often. What is pressed right now stays until it is released.
 */
export function refresh(element, key, make) {
  if (element.dataset.shown === key || element.matches(':active')) return;
  element.dataset.shown = key;
  element.replaceChildren(...[make()].flat().filter(Boolean));
}

/** Sets a text only where it differs. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
