// Alliances and short messages: what can be done with a player, and what others ask.

import { ask } from './dialog.js';
import { button, h } from './dom.js';
import { allianceOf, isPlaying, isTraitor } from '../state/view.js';
import { styleOf } from '../map/palette.js';
import { EMOJI, QUICK_CHAT, ticksAsTime } from '../words.js';

export class Diplomacy {
  constructor(client, choice) {
    Object.assign(this, { client, choice });
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
      await this.talk(null);
      return;
    }
    const ally = allianceOf(mirror, me, player);
    const asked = client.own?.proposals.find((p) => p.with === player);
    const dead = !isPlaying(mirror.players[player]) || !this.choice.canAct;
    const actions = [
      !dead && !ally && asked?.incoming && { label: 'Accept the alliance', value: 'accept', tone: 'primary' },
      !dead && !ally && !asked && { label: 'Propose an alliance', value: 'propose', tone: 'primary' },
      !dead && ally && { label: 'Break the alliance', value: 'break', tone: 'danger' },
      { label: 'Say something', value: 'talk' },
      { label: 'Back', value: null },
    ].filter(Boolean);
    const chosen = await ask({ title: `${styleOf(player).symbol} ${client.nameOf(player)}`, text: this.standing(player, ally, asked, tick), actions });
    if (chosen === 'propose') client.order({ kind: 'propose_alliance', to: player });
    if (chosen === 'accept') client.order({ kind: 'answer_alliance', from: player, accept: true });
    if (chosen === 'break') await this.leave(player);
    if (chosen === 'talk') await this.talk(player);
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

  /** Phrases and signs, to one player or to all. */
  async talk(to) {
    const { client } = this;
    const signs = EMOJI.map((sign, index) => ({ label: sign, value: () => client.emoji(index, to), tone: 'sign' }));
    const phrases = QUICK_CHAT.map((phrase, index) => ({ label: phrase, value: () => client.quickChat(index, to), tone: 'phrase' }));
    const say = await ask({
      title: to === null ? 'Say to everybody' : `Say to ${client.nameOf(to)}`, actions: [...signs, ...phrases, { label: 'Nothing', value: null }],
    });
    say?.();
  }
}
