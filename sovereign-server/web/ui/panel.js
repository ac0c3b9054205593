// The panel about the chosen territory or army: what it is, and what can be done.
//
// It is refreshed several times a second. Its parts stay where they are and only their
// texts change, so that nothing moves away under a finger that is about to press it.

import { button, h, refresh, setText } from './dom.js';
import { iconElement } from '../map/icons.js';
import { styleOf } from '../map/palette.js';
import { STRUCTURES } from '../state/kinds.js';
import {
  allianceOf, buildRefusal, capOf, costOf, defenceOf, hasTurns, isPlaying, levelAt, ownerOf, regionShare, reloadsUntil, standingAt,
  structureAt, supplyFrom, troopsAt,
} from '../state/view.js';
import { namesOf, refusalWords, STRUCTURE_WORDS, TERRAIN_WORDS, ticksAsTime } from '../words.js';

function badge(owner) {
  if (owner < 0) return h('span', { class: 'badge neutral', 'aria-hidden': 'true' });
  const { colour, symbol } = styleOf(owner);
  const element = h('span', { class: 'badge', 'aria-hidden': 'true' }, symbol);
  element.style.background = colour;
  return element;
}

export class Panel {
  /** @param on `player(id)` opens what can be done with a player */
  constructor(client, choice, on) {
    Object.assign(this, { client, choice, on });
    this.sign = h('span', { class: 'sign' });
    this.title = h('h2', {});
    this.under = h('p', {});
    this.number = h('b', {});
    this.of = h('span', { class: 'of' });
    this.fill = h('span', { class: 'fill' });
    this.grows = h('span', { class: 'grows' });
    this.facts = h('p', { class: 'facts' });
    this.structure = h('p', { class: 'structure' });
    this.actions = h('div', { class: 'panel-actions' });
    this.garrison = h('div', { class: 'garrison' }, this.number, this.of, h('span', { class: 'bar' }, this.fill), this.grows);
    this.element = h('section', { class: 'panel glass', 'aria-label': 'Chosen', hidden: true }, this.head(),
      this.garrison, this.facts, this.structure, this.actions);
  }

  head() {
    const close = button('×', () => this.choice.clear(), { class: 'btn quiet close', 'aria-label': 'Let go (Escape)' });
    this.look = button(iconElement('eye'), () => this.client.mark(this.choice.selected), {
      class: 'btn quiet look', 'aria-label': 'Point at it for your allies (L)', title: 'Point at it for your allies (L)',
    });
    return h('div', { class: 'head' }, this.sign, h('div', { class: 'title' }, this.title, this.under), this.look, close);
  }

  refresh(census) {
    const { selected, army } = this.choice;
    const shown = selected !== null || (army !== null && this.client.mirror.armies.has(army));
    this.element.hidden = !shown;
    this.look.hidden = selected === null || this.client.me < 0;
    if (!shown) return;
    if (selected !== null) this.showTerritory(selected, census);
    else this.showArmy(army);
  }

  showHead(owner, title, under) {
    refresh(this.sign, String(owner), () => badge(owner));
    setText(this.title, title);
    setText(this.under, under);
  }

  showTerritory(id, census) {
    const { client } = this;
    const { mirror, map, me, tick } = client;
    const owner = ownerOf(mirror, id);
    this.showHead(owner, map.territories[id].name, owner < 0 ? 'Neutral land' : client.nameOf(owner));
    this.showGarrison(troopsAt(mirror, id, tick), mirror.away[id], hasTurns(mirror) ? null : capOf(mirror, id), owner);
    setText(this.facts, this.factsOf(id, owner < 0 ? me : owner));
    this.showStructure(id, tick);
    if (me >= 0 && this.choice.canAct && owner === me) this.ownActions(id, census);
    else if (me >= 0 && this.choice.canAct && owner >= 0) this.foreignActions(id, owner);
    else refresh(this.actions, 'none', () => []);
  }

  showGarrison(garrison, away, cap, owner) {
    const troops = garrison + away;
    this.garrison.hidden = false;
    setText(this.number, String(garrison));
    const limit = cap === null ? ' troops' : ` / ${cap}`;
    setText(this.of, owner < 0 ? ' troops' : `${away > 0 ? ` + ${away} away` : ''}${limit}`);
    this.fill.parentElement.hidden = cap === null;
    this.grows.hidden = cap === null;
    if (cap === null) return;
    this.fill.style.width = `${Math.min(troops / Math.max(cap, 1), 1) * 100}%`;
    const fast = troops >= cap * 0.1 && troops <= cap * 0.5;
    const growth = troops > cap ? 'over its limit: shrinks' : troops === cap ? 'full' : fast ? 'grows fast' : 'grows';
    setText(this.grows, owner < 0 ? 'does not grow' : growth);
  }

  factsOf(id, holder) {
    const { mirror, map, tick } = this.client;
    const territory = map.territories[id];
    const list = [TERRAIN_WORDS[territory.terrain ?? 'plains'], `defence × ${(defenceOf(mirror, id, tick) / 1000).toFixed(2)}`];
    const region = map.regions[territory.region];
    if (region) {
      const { held, whole } = holder >= 0 ? regionShare(mirror, territory.region, holder) : { held: 0, whole: map.members[territory.region].length };
      list.push(`${region.name} ${held} of ${whole} (all: ${this.bonusOf(region)})`);
    }
    return list.join(' · ');
  }

  /** What a wholly held region brings. */
  bonusOf({ bonus }) {
    const { income } = this.client.mirror.rules;
    const perSecond = ((bonus * income.region * 20) / 1_000_000).toFixed(1);
    if (income.bonus === 'gold') return `+${perSecond} gold/s`;
    return hasTurns(this.client.mirror) ? `+${bonus} troops a turn` : `+${perSecond} troops/s`;
  }

  showStructure(id, tick) {
    const { mirror } = this.client;
    const structure = structureAt(mirror, id);
    this.structure.hidden = !structure;
    if (!structure) return;
    const level = levelAt(mirror, id);
    const works = level > 0 ? STRUCTURE_WORDS[structure].does : null;
    const next = mirror.isBuilding(id) ? `${works ? 'next level ' : ''}ready in ${ticksAsTime(mirror.ready[id] - tick)}` : null;
    const name = `${STRUCTURE_WORDS[structure].name}${level > 1 ? ` ${level}` : ''}`;
    const words = `${name}: ${[works, next].filter(Boolean).join(', ')}`;
    refresh(this.structure, `${structure} ${words}`, () => [iconElement(structure), h('span', {}, words)]);
  }

  ownActions(id, census) {
    const from = this.choice.moveSource(id);
    const there = structureAt(this.client.mirror, id);
    const offers = this.offersAt(id, there);
    const [line, strike] = [this.supplyOf(id), this.strikeOf(id)];
    refresh(this.actions, JSON.stringify(['own', id, from, there, offers, line, strike?.waits]), () => [
      from === null ? null : this.moveButton(from, id),
      offers.length === 0 ? null : h('div', { class: 'builds', role: 'group', 'aria-label': 'Build' }, offers.map((one) => this.offer(id, one))),
      strike && button(strike.label, () => this.choice.takeAim('strike'), { class: 'btn strike', disabled: strike.waits }),
      line && button(line.label, () => (line.to === null ? this.choice.takeAim('supply') : this.choice.supply(id, null)), { class: 'btn quiet supply' }),
      there === null ? null : button(`Pull down the ${STRUCTURE_WORDS[there].name.toLowerCase()}`, () => this.choice.demolish(id), { class: 'btn quiet demolish' }),
    ]);
    this.relabelMove(from, (troops) => `Move ${troops} here from ${this.client.map.territories[from].name}`);
    this.relabel('.strike', strike?.label);
    this.actions.querySelectorAll('.build').forEach((offer) => this.price(id, offer, census));
  }

  /** What can be done about a supply line from here; null where the rules have none. */
  supplyOf(id) {
    const { map, own, mirror } = this.client;
    const to = supplyFrom(own, id);
    if (to !== null) return { to, label: `End the supply line to ${map.territories[to].name}` };
    const label = this.choice.aiming === 'supply' ? 'Supply line: choose land of yours' : 'Supply line …';
    return mirror.rules.supply.lines_max > 0 && mirror.rules.turns.ticks === 0 ? { to, label } : null;
  }

  /** What the silo here can do; null without one. */
  strikeOf(id) {
    const { own, mirror, tick } = this.client;
    if (standingAt(mirror, id) !== 'silo') return null;
    const until = reloadsUntil(own, id, tick);
    if (until !== null) return { waits: true, label: `The silo reloads: ${ticksAsTime(until - tick)}` };
    const ready = `Strike … (${mirror.rules.strike.cost} gold)`;
    return { waits: false, label: this.choice.aiming === 'strike' ? 'Strike: choose a target' : ready };
  }

  /** What can be built: anything on empty land, the next level of what stands, nothing while building. */
  offersAt(id, there) {
    const { mirror } = this.client;
    if (there === null) return STRUCTURES;
    const more = !mirror.isBuilding(id) && levelAt(mirror, id) < mirror.rules.structures[there].levels_max;
    return more ? [there] : [];
  }

  moveButton(from, to) {
    return button('', () => this.choice.send(from, to), { class: 'btn move' });
  }

  relabelMove(from, words) {
    this.relabel('.move', from === null ? '' : words(this.choice.troopsFrom(from)));
  }

  relabel(what, words) {
    const shown = this.actions.querySelector(what);
    if (shown) setText(shown, words);
  }

  offer(id, structure) {
    const offer = button('', () => this.choice.build(id, structure), { class: 'btn build', data: { structure } });
    offer.append(iconElement(structure), h('span', { class: 'name' }, STRUCTURE_WORDS[structure].name), h('span', { class: 'cost' }), h('small', {}));
    return offer;
  }

  /** What a structure costs now, and why it cannot be built, if it cannot. */
  price(id, offer, census) {
    const { mirror, me, own, tick } = this.client;
    const { structure } = offer.dataset;
    const owned = census[me].structures[structure];
    const refused = buildRefusal(mirror, own, me, id, structure, tick, owned);
    const words = STRUCTURE_WORDS[structure];
    const why = refused ? refusalWords(refused, namesOf(this.client)) : `${words.name}: ${words.does}`;
    const cost = costOf(mirror.rules, structure, owned);
    setText(offer.querySelector('.cost'), String(cost));
    setText(offer.querySelector('small'), refused?.code === 'no_sea_route' ? 'no sea route' : words.brief);
    offer.title = why;
    offer.classList.toggle('refused', refused !== null);
    offer.setAttribute('aria-label', `Build a ${structure} for ${cost} gold. ${why}`);
  }

  foreignActions(id, owner) {
    const { mirror, me } = this.client;
    const ally = allianceOf(mirror, me, owner) !== null;
    const playing = isPlaying(mirror.players[owner]);
    const from = ally ? this.choice.moveSource(id) : null;
    refresh(this.actions, JSON.stringify(['foreign', id, owner, ally, playing, from]), () => [
      from === null ? null : this.moveButton(from, id),
      playing ? button(ally ? 'Your ally …' : 'Alliance, messages …', () => this.on.player(owner), { class: 'btn' }) : null,
    ]);
    this.relabelMove(from, (troops) => `Send ${troops} to join the garrison`);
  }

  showArmy(id) {
    const { client, choice } = this;
    const { mirror, map, me, tick } = client;
    const army = mirror.armies.get(id);
    const [from, to] = [map.territories[army.from].name, map.territories[army.to].name];
    const what = army.fighting ? `Fighting for ${to}` : `${from} → ${to}, there in ${ticksAsTime(Math.max(army.arrives - tick, 0))}`;
    this.showHead(army.owner, `${army.troops} troops`, `${client.nameOf(army.owner)} · ${what}`);
    this.garrison.hidden = true;
    this.structure.hidden = true;
    const back = army.purpose === 'return' && !army.fighting;
    const mine = army.owner === me && choice.canAct;
    setText(this.facts, back ? 'On its way home.' : 'Its troops count against the limit of the land that they came from.');
    const label = army.fighting ? `Retreat (${mirror.rules.battle.retreat_loss / 10} % fall)` : 'Turn back';
    refresh(this.actions, JSON.stringify(['army', id, label, mine && !back]), () => (
      mine && !back ? [button(label, () => choice.retreat(id), { class: 'btn retreat' })] : []
    ));
  }
}
