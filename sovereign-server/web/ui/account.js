// Who plays here, at the top of the start page: sign up, log in, and one's own account.

import { ask } from './dialog.js';
import { button, h, refresh } from './dom.js';
import { formDialog } from './form-dialog.js';
import {
  changePassword, eraseAccount, exportAccount, hasSession, logIn, logOut, logOutEverywhere, recall, register, session, who,
} from '../net/session.js';

const LOGIN = { name: 'login', label: 'Login name', autocomplete: 'username', minLength: 3, maxLength: 32, hint: '3 to 32 letters, digits, dots or dashes' };
const PASSWORD = { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' };
const NEW_PASSWORD = { name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password', minLength: 8, maxLength: 128, hint: 'at least 8 characters' };

export class AccountBar {
  constructor() {
    this.element = h('nav', { class: 'account-bar', 'aria-label': 'Account' });
    this.changed = () => this.show();
    session.addEventListener('change', this.changed);
    this.show();
    recall();
  }

  show() {
    const me = who();
    refresh(this.element, JSON.stringify(me?.login ? me : null), () => (me?.login ? this.member(me) : this.stranger()));
  }

  member({ name, login }) {
    const badge = h('span', { class: 'initial', 'aria-hidden': 'true' }, [...name][0]?.toUpperCase() ?? '?');
    const open = button('', () => showAccount(), { class: 'btn account', id: 'account', title: `Logged in as ${login}` });
    open.append(badge, h('span', { class: 'name' }, name));
    return [open];
  }

  stranger() {
    return [
      button('Log in', () => showLogIn(), { class: 'btn quiet', id: 'log-in' }),
      button('Sign up', () => showSignUp(), { class: 'btn', id: 'sign-up' }),
    ];
  }

  close() {
    session.removeEventListener('change', this.changed);
  }
}

export const showSignUp = () => formDialog({
  title: 'Sign up',
  text: hasSession() ? 'You keep your name and the games you play, and find them again on any device.' : 'Play under your own name, on any device.',
  fields: [LOGIN, NEW_PASSWORD],
  action: 'Create the account',
  submit: ({ login, password }) => register(login, password),
  aside: ['I have an account', showLogIn],
});

export const showLogIn = () => formDialog({
  title: 'Log in',
  text: hasSession() && !who()?.login ? 'The games that you play as a guest here stay behind. To keep them, sign up instead.' : '',
  fields: [{ ...LOGIN, hint: '' }, PASSWORD],
  action: 'Log in',
  submit: ({ login, password }) => logIn(login, password),
  aside: ['I am new here', showSignUp],
});

const ITEMS = [
  ['Change the password', showPassword], ['Save my data', saveData], ['Log out everywhere', leaveEverywhere], ['Delete the account', showErase, 'danger'],
];

/** One's own account: a list of what can be done. */
async function showAccount() {
  const { name, login } = who();
  const chosen = await ask({
    title: name,
    text: `You are logged in as ${login}.`,
    actions: [
      ...ITEMS.map(([label, value, tone]) => ({ label, value, tone: `row ${tone ?? ''}` })),
      { label: 'Log out', value: logOut, tone: 'primary' }, { label: 'Close', value: null },
    ],
  });
  if (chosen) await attempt(chosen);
}

/** What a dialog did not catch is said in another one. */
async function attempt(task) {
  try {
    await task();
  } catch (error) {
    await ask({ title: 'That did not work', text: error.message, actions: [{ label: 'Close', value: null, tone: 'primary' }] });
  }
}

function showPassword() {
  return formDialog({
    title: 'Change the password',
    text: 'All other devices are logged out.',
    fields: [{ ...PASSWORD, name: 'old', label: 'Old password' }, { ...NEW_PASSWORD, label: 'New password' }],
    action: 'Change it',
    submit: ({ old, password }) => changePassword(old, password),
    done: 'Your password was changed.',
  });
}

async function leaveEverywhere() {
  const sure = await ask({
    title: 'Log out everywhere?',
    text: 'Every device is logged out, this one too, and games that are open there are left at once.',
    actions: [{ label: 'Log out everywhere', value: true, tone: 'primary' }, { label: 'Stay', value: false }],
  });
  if (sure) await logOutEverywhere();
}

function showErase() {
  return formDialog({
    title: 'Delete the account?',
    text: 'Your name disappears from all games, and nobody can bring it back. Games that run go on without you.',
    fields: [PASSWORD],
    action: 'Delete for ever',
    tone: 'danger',
    submit: ({ password }) => eraseAccount(password),
    done: 'Your account is gone.',
  });
}

async function saveData() {
  const text = JSON.stringify(await exportAccount(), null, 2);
  const link = h('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/json' })), download: 'sovereign-export.json' });
  link.click();
  URL.revokeObjectURL(link.href);
}
