// A running game: the map and everything around it.

import { ask, showHelp } from './dialog.js';
import { button, h } from './dom.js';
import { Choice } from '../state/choice.js';
import { Curtain } from './curtain.js';
import { Diplomacy } from './diplomacy.js';
import { Feed } from './feed.js';
import { GameClient } from '../state/client.js';
import { Hints } from './hints.js';
import { Keyboard } from './keyboard.js';
import { Leaderboard } from './leaderboard.js';
import { iconElement } from '../map/icons.js';
import { Look } from '../state/look.js';
import { MapView } from '../map/map-view.js';
import { Panel } from './panel.js';
import { ShareSlider } from './share.js';
import { Talk } from './talk.js';
import { Toasts } from './toast.js';
import { TopBar } from './topbar.js';
import { TurnBar } from './turn-bar.js';
import { watchBar } from './watch-bar.js';
import { census, goldAt, ownerOf } from '../state/view.js';
import { rematch } from '../net/api.js';
import { token } from '../net/session.js';
import { EMOJI, namesOf, QUICK_CHAT, refusalWords } from '../words.js';
import { publish } from '../hooks.js';

const REFRESH_MS = 200;
const NO_SUCH_GAME = 4004;
/** Below this width, in pixels, panels are sheets. */
const NARROW = 760;

export class GameScreen {
  /** @param info the game as the server lists it
   *  @param missing called when the server no longer has the game */
  constructor(host, info, go, missing) {
    Object.assign(this, { host, info, id: info.id, go, missing });
    host.className = 'game';
    host.replaceChildren(h('div', { class: 'loading', role: 'status' }, 'Loading the game …'));
    this.toasts = new Toasts(host);
    this.connect();
  }

  connect() {
    this.client?.close();
    const watches = this.info.you === null;
    // Where one side alone may be seen, the first one to begin with.
    if (watches && this.info.watching?.view === 'side') this.eyes ??= this.info.seats.find((seat) => seat.kind !== 'open').seat;
    const view = watches ? this.eyes ?? null : null;
    const client = new GameClient({ path: `/v1/games/${encodeURIComponent(this.id)}/ws`, token, view });
    this.client = client;
    const on = (type, heard) => client.addEventListener(type, ({ detail }) => client === this.client && heard(detail));
    on('ready', () => this.build());
    on('restored', () => this.changed(true));
    on('delta', ({ delta }) => this.changed(delta.territories.length > 0 || delta.players.length > 0));
    on('event', (event) => this.feed?.event(event));
    on('refused', (refusal) => this.refused(refusal));
    on('social', (message) => this.said(message));
    on('chat', (message) => this.feed?.said(message));
    on('trouble', ({ message }) => this.toasts.show(message, { tone: 'bad' }));
    on('connection', (state) => this.connection(state));
    for (const type of ['paused', 'resumed', 'own', 'names']) on(type, () => this.refresh());
  }

  build() {
    if (this.view) this.teardown();
    const { client, host } = this;
    this.choice = new Choice(client);
    this.look = new Look(client, this.choice);
    this.choice.addEventListener('change', () => this.refresh());
    const stage = h('div', { class: 'stage' });
    this.makeParts();
    host.querySelector('.loading')?.remove();
    this.parts = [stage, this.topbar.element, this.board.element, this.turnbar.element, this.hints.element, this.feed.element,
      h('div', { class: 'dock' }, this.diplomacy.cards, this.panel.element, this.share.element),
      this.talk.element, this.watching, this.mapTools(), this.curtain.element].filter(Boolean);
    host.prepend(...this.parts);
    this.view = new MapView(stage, client.map, this.look, this.mapCallbacks());
    this.fitMap();
    this.keyboard = new Keyboard(client, this.choice, this.view, this.talk);
    this.timer = setInterval(() => this.refresh(), REFRESH_MS);
    publish(this);
    this.changed(true);
  }

  makeParts() {
    const { client, choice } = this;
    const player = (id) => this.diplomacy.open(id);
    this.watching = watchBar(this, (eyes) => this.lookThrough(eyes));
    this.topbar = new TopBar(client, { leave: () => this.go('#/'), help: showHelp, surrender: () => this.surrender() });
    this.board = new Leaderboard(client, { player });
    this.feed = new Feed(client, { show: (id) => this.view.flyToTerritory(id) });
    this.panel = new Panel(client, choice, { player });
    this.share = new ShareSlider(choice);
    this.hints = new Hints(client, choice);
    this.turnbar = new TurnBar(client, choice);
    this.talk = new Talk(client, this.info.chat === 'free');
    this.diplomacy = new Diplomacy(client, choice, this.talk);
    this.curtain = new Curtain(client, {
      again: () => this.again(), home: () => this.go('#/'),
      replay: () => this.go(`#/replay/${this.id}`), rematch: () => this.rematch(),
    });
  }

  mapTools() {
    return h('div', { class: 'map-tools' },
      button('+', () => this.view.zoomBy(1.4), { class: 'btn glass', 'aria-label': 'Zoom in' }),
      button('−', () => this.view.zoomBy(1 / 1.4), { class: 'btn glass', 'aria-label': 'Zoom out' }),
      button(iconElement('home'), () => this.goHome(), { class: 'btn glass', 'aria-label': 'Show my land' }),
      button(iconElement('speech'), () => this.talk.flip(), { class: 'btn glass', 'aria-label': 'Say something (T)' }));
  }

  mapCallbacks() {
    const { choice } = this;
    return {
      tap: ({ territory, army }, event) => this.tap(territory, army, event),
      hover: (territory) => choice.hover(territory),
      grab: (territory, event) => choice.canAct && !choice.deploys && choice.isMine(territory) && this.client.mirror.game.phase === 'playing'
        && (event.pointerType !== 'touch' || territory === choice.selected) && this.grabbed(territory),
      drop: (from, to) => choice.send(from, to),
    };
  }

  grabbed(territory) {
    this.beforeGrab = this.choice.selected;
    return territory !== null;
  }

  tap(territory, army, event) {
    const { choice } = this;
    choice.hover(event.pointerType === 'touch' ? null : territory);
    if (army !== null && this.client.mirror.armies.get(army)?.owner === this.client.me) choice.selectArmy(army);
    else if (territory === null) choice.clear();
    else choice.act(territory, event.shiftKey);
  }

  /** Keeps the map clear of the panels around it. */
  fitMap() {
    const narrow = window.innerWidth < NARROW;
    this.view.setInsets(narrow ? { top: 90, right: 0, bottom: this.phase === 'playing' ? 230 : 70, left: 0 } : { top: 60, right: window.innerWidth > 1100 ? 284 : 0, bottom: 70, left: 0 });
    this.view.showAll();
  }

  /** Shows where one's land lies, once one has some. */
  goHome() {
    const { mirror, me } = this.client;
    const home = mirror.map.territories.findIndex((_, id) => me >= 0 && ownerOf(mirror, id) === me);
    if (home >= 0) this.view.flyToNeighbourhood(home);
    else this.view.showAll();
  }

  changed(land) {
    if (!this.view) return;
    const { phase } = this.client.mirror?.game ?? {};
    if (land && this.look.refreshOwners()) this.view.repaint();
    const begins = phase === 'playing' && this.phase !== 'playing';
    this.phase = phase;
    if (begins) this.fitMap();
    if (begins) this.goHome();
    // The rest follows with the next regular refresh: deltas may come twenty times a second.
    if (begins || phase === 'finished') this.refresh();
  }

  refresh() {
    const { client } = this;
    if (!this.view || !client.mirror) return;
    const counts = census(client.mirror, client.tick);
    const { phase } = client.mirror.game;
    this.host.dataset.phase = phase;
    this.topbar.refresh(counts);
    this.board.refresh(counts);
    this.panel.refresh(counts);
    this.share.refresh();
    this.share.element.hidden = !this.choice.canAct || phase !== 'playing' || this.choice.deploys;
    this.turnbar.refresh();
    this.diplomacy.refresh();
    this.hints.refresh(counts, goldAt(client.own, client.tick));
    this.curtain.refresh(counts);
  }

  connection(state) {
    if (!this.view && state.state === 'closed') this.showClosed(state);
    if (!this.curtain) return;
    this.curtain.closed = state.state === 'closed' ? state : null;
    this.topbar.showConnection();
    this.refresh();
  }

  /** The connection ended before there was anything to show. */
  showClosed(state) {
    if (state.code === NO_SUCH_GAME) {
      this.missing();
      return;
    }
    const curtain = new Curtain(this.client, { again: () => this.again(), home: () => this.go('#/') });
    curtain.closed = state;
    curtain.element.hidden = false;
    curtain.element.append(curtain.gone());
    this.host.replaceChildren(curtain.element);
  }

  again() {
    this.teardown();
    this.host.replaceChildren(h('div', { class: 'loading', role: 'status' }, 'Loading the game …'), this.toasts.host);
    this.connect();
  }

  refused({ command, refused, message }) {
    this.lastRefusal = refused;
    const place = command.territory ?? command.to ?? command.from;
    const near = ['attack', 'move', 'build', 'spawn', 'deploy'].includes(command.kind) && place !== undefined;
    this.toasts.show(refusalWords(refused, namesOf(this.client), message), { tone: 'bad', at: near ? this.view.placeOf(place) : null });
  }

  said({ from, to, kind, index }) {
    if (kind === 'mark') {
      this.pointedAt(from, index);
      return;
    }
    const what = kind === 'emoji' ? EMOJI[index] : QUICK_CHAT[index];
    if (what === undefined) return;
    const whom = to === null ? '' : ` (to ${to === this.client.me ? 'you' : this.client.nameOf(to)})`;
    this.feed?.add(`${this.client.nameOf(from)}${whom}: ${what}`, 'said');
  }

  pointedAt(from, territory) {
    this.look?.pointAt(territory, from);
    const who = from === this.client.me ? 'You point' : `${this.client.nameOf(from)} points`;
    this.feed?.add(`${who} at ${this.client.map.territories[territory].name}`, 'said', territory);
  }

  /** Watches on as this player sees it; null sees everything. */
  lookThrough(eyes) {
    this.eyes = eyes;
    this.again();
  }

  async surrender() {
    if (!this.choice?.canAct) {
      this.go('#/');
      return;
    }
    const sure = await ask({
      title: 'Surrender?', text: 'Your land becomes neutral, and you are out of this game. This cannot be undone.',
      actions: [{ label: 'Surrender', value: true, tone: 'danger' }, { label: 'Fight on', value: false, tone: 'primary' }],
    });
    if (sure) this.client.order({ kind: 'surrender' });
  }

  async rematch() {
    try {
      const { id } = await rematch(this.id);
      this.go(`#/game/${id}`);
    } catch (error) {
      this.toasts.show(error.message, { tone: 'bad' });
    }
  }

  teardown() {
    clearInterval(this.timer);
    this.keyboard?.close();
    this.view?.close();
    this.view = null;
    this.parts?.forEach((part) => part.remove());
    this.curtain = null;
  }

  close() {
    this.client.close();
    this.teardown();
  }
}
