// Alliances and short messages: what can be done with a player, and what others ask.

import { ask } from './dialog.js';
import { button, h } from './dom.js';
import { allianceOf, isPlaying, isTraitor } from '../state/view.js';
import { styleOf } from '../map/palette.js';
import { report } from '../net/api.js';
import { ticksAsTime } from '../words.js';

/** Of what one can complain. */
const REASONS = [
  ['abuse', 'Insults, threats or hate'], ['spam', 'The same again and again'], ['cheating', 'Cheating'],
  ['name', 'What they call themselves'], ['other', 'Something else'],
];

export class Diplomacy {
  /** @param talk where words are said */
  constructor(client, choice, talk) {
    Object.assign(this, { client, choice, talk });
    this.cards = h('div', { class: 'proposals', role: 'region', 'aria-label': 'Proposals', 'aria-live': 'polite' });
  }

  /** Shows the proposals that wait for an answer. */
  refresh() {
    const { own, tick, mirror } = this.client;
    const waiting = (own?.proposals ?? []).filter((p) => p.incoming && p.until > tick && isPlaying(mirror.players[p.with]));
    const wanted = new Set(waiting.map((p) => String(p.with)));
    for (const card of [...this.cards.children]) if (!wanted.has(card.dataset.player)) card.remove();
    for (const proposal of waiting) this.showCard(proposal, tick);
  }

  showCard({ with: player, until }, tick) {
    const total = this.client.mirror.rules.diplomacy.proposal_ticks;
    let card = this.cards.querySelector(`[data-player="${player}"]`);
    if (!card) {
      card = this.card(player);
      this.cards.append(card);
    }
    card.querySelector('.fill').style.width = `${Math.min((until - tick) / total, 1) * 100}%`;
  }

  card(player) {
    const { client } = this;
    const answer = (accept) => client.order({ kind: 'answer_alliance', from: player, accept });
    const name = client.nameOf(player);
    return h('div', { class: 'card glass', data: { player }, role: 'group', 'aria-label': `Proposal of ${name}` },
      h('p', {}, h('b', {}, name), ' proposes an alliance.'),
      h('div', { class: 'actions' },
        button('Accept', () => answer(true), { class: 'btn primary' }),
        button('Decline', () => answer(false), { class: 'btn' })),
      h('span', { class: 'bar' }, h('span', { class: 'fill' })));
  }

  /** What can be done with a player, in a dialog. */
  async open(player) {
    const { client } = this;
    const { mirror, me, tick } = client;
    if (me < 0) return;
    if (player === me) {
      this.talk.open(null);
      return;
    }
    const person = client.names[player]?.bot === false;
    const muted = client.muted.has(player);
    const ally = allianceOf(mirror, me, player);
    const asked = client.own?.proposals.find((p) => p.with === player);
    const dead = !isPlaying(mirror.players[player]) || !this.choice.canAct;
    const actions = [
      !dead && !ally && asked?.incoming && { label: 'Accept the alliance', value: 'accept', tone: 'primary' },
      !dead && !ally && !asked && { label: 'Propose an alliance', value: 'propose', tone: 'primary' },
      !dead && ally && { label: 'Break the alliance', value: 'break', tone: 'danger' },
      person && { label: 'Say something', value: 'talk' },
      person && { label: muted ? 'Hear them again' : 'Mute', value: 'mute' },
      person && { label: 'Report', value: 'report' },
      { label: 'Back', value: null },
    ].filter(Boolean);
    const chosen = await ask({ title: `${styleOf(player).symbol} ${client.nameOf(player)}`, text: this.standing(player, ally, asked, tick), actions });
    if (chosen === 'propose') client.order({ kind: 'propose_alliance', to: player });
    if (chosen === 'accept') client.order({ kind: 'answer_alliance', from: player, accept: true });
    if (chosen === 'break') await this.leave(player);
    if (chosen === 'talk') this.talk.open(player);
    if (chosen === 'mute') client.mute(player, !muted);
    if (chosen === 'report') await this.report(player);
  }

  standing(player, ally, asked, tick) {
    const { mirror } = this.client;
    const lines = [];
    if (ally) lines.push(`Your ally for another ${ticksAsTime(ally.until - tick)}. Allies do not attack each other and may send each other troops.`);
    else if (asked?.incoming) lines.push('Has proposed an alliance to you.');
    else if (asked) lines.push(`You have proposed an alliance: ${ticksAsTime(asked.until - tick)} left for an answer.`);
    else lines.push(`An alliance lasts ${ticksAsTime(mirror.rules.diplomacy.alliance_ticks)}. Allies do not attack each other.`);
    if (isTraitor(mirror, player, tick)) lines.push(`A traitor for another ${ticksAsTime(mirror.players[player].traitor_until - tick)}: weaker in defence.`);
    return lines.join(' ');
  }

  async leave(player) {
    const { client } = this;
    const { mirror, tick } = client;
    const free = isTraitor(mirror, player, tick) || mirror.players[player].presence !== 'here';
    const { traitor_ticks: ticks, traitor_defence: defence } = mirror.rules.diplomacy;
    const price = free ? 'They are a traitor or away: it costs you nothing.'
      : `You will be a traitor for ${ticksAsTime(ticks)}: your defence falls to ${defence / 10} %.`;
    const sure = await ask({
      title: `Break the alliance with ${client.nameOf(player)}?`, text: price,
      actions: [{ label: 'Break it', value: true, tone: 'danger' }, { label: 'Stay allies', value: false }],
    });
    if (sure) client.order({ kind: 'break_alliance', with: player });
  }

  /** Tells the operator of somebody; what was said lately goes along. */
  async report(player) {
    const { client } = this;
    const reason = await ask({
      title: `Report ${client.nameOf(player)}?`,
      text: 'The operator of this server gets what you have heard lately, with your complaint. You can mute somebody without it.',
      actions: [...REASONS.map(([value, label]) => ({ label, value, tone: 'row' })), { label: 'Back', value: null }],
    });
    if (reason === null) return;
    try {
      await report(client.welcome.game, { seat: player, reason });
      await ask({ title: 'Thank you', text: 'The operator will look at it.', actions: [{ label: 'Back to the game', value: null, tone: 'primary' }] });
    } catch (error) {
      await ask({ title: 'That did not work', text: error.message, actions: [{ label: 'Back', value: null }] });
    }
  }
}
