// What happened, and why not, in words.

const TICKS_A_SECOND = 20;

export const QUICK_CHAT = [
  'Hello!', 'Good luck!', 'Well played.', 'Thank you!', 'Sorry!', 'Yes.', 'No.', 'Shall we be allies?',
  'Let us attack together.', 'Please help me.', 'I will not attack you.', 'Somebody is getting too strong.',
];
export const EMOJI = ['👍', '👎', '😀', '😢', '😡', '😱', '🤝', '👑'];

export const STRUCTURE_WORDS = {
  city: { name: 'City', does: 'room for more troops, and gold', brief: 'more troops, gold' },
  fort: { name: 'Fort', does: 'a stronger defence', brief: 'defence' },
  port: { name: 'Port', does: 'sea routes, and gold', brief: 'sea routes, gold' },
  barracks: { name: 'Barracks', does: 'faster growth', brief: 'growth' },
  silo: { name: 'Silo', does: 'strikes from afar', brief: 'strikes' },
  interceptor: { name: 'Interceptor', does: 'stops strikes near it', brief: 'stops strikes' },
};

export const TERRAIN_WORDS = { plains: 'Plains', highland: 'Highland', mountain: 'Mountains', impassable: 'Impassable' };

export const PAUSE_WORDS = {
  storage: 'The server cannot store what happens right now. Nothing is lost; the game goes on as soon as it can.',
  empty: 'The game waits until somebody is there.',
  drain: 'The server restarts. Your game goes on where it was.',
  fault: 'Something went wrong in this game. Somebody has been called to look at it.',
  viewer: 'Paused.',
};

const END_WORDS = {
  land: 'holds enough land to win',
  last_standing: 'is the last one standing',
  nobody: 'Nobody is left',
  time: 'is ahead as time is up',
  draw: 'All have agreed to a draw',
};

/** Seconds as 1:05. */
export function duration(seconds) {
  const whole = Math.max(Math.ceil(seconds), 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Ticks as minutes and seconds. */
export const ticksAsTime = (ticks) => duration(ticks / TICKS_A_SECOND);

const LADDERS = { duel: 'Duel', four: 'Four against each other', teams: 'Two against two' };

/** What a ladder is called; one that has no words here goes by its name. */
export const ladderWords = (name, players = 0, teams = 0) => LADDERS[name] ?? (players ? `${name} (${teams ? `${teams} teams, ` : ''}${players} players)` : name);

/** A large number in few characters. */
export function short(number) {
  if (number < 10_000) return String(number);
  if (number < 1_000_000) return `${(number / 1000).toFixed(number < 100_000 ? 1 : 0)}k`;
  return `${(number / 1_000_000).toFixed(1)}M`;
}

/** Names for the words below: of players and territories. */
export const namesOf = (client) => ({
  player: (id) => client.nameOf(id),
  land: (id) => client.map.territories[id]?.name ?? `territory ${id}`,
  tick: client.tick,
});

const PHASE_WORDS = { lobby: 'before the start', spawn: 'while starts are chosen', playing: 'once the game has begun', finished: 'after the end' };

const REFUSALS = {
  superseded: () => 'That order came too late and was dropped.',
  fault: () => 'The server met an error of its own in that order and left it out.',
  wrong_phase: (r) => `That can only be done ${PHASE_WORDS[r.needed]}.`,
  unknown_player: () => 'There is no such player.',
  not_in_game: (r, n) => (n.player(r.player) === 'You' ? 'You are out of this game.' : `${n.player(r.player)} is no longer in the game.`),
  paused: () => 'The game is paused.',
  unknown_territory: () => 'There is no such territory.',
  impassable: (r, n) => `Nobody can stand in ${n.land(r.territory)}.`,
  territory_taken: (r, n) => `${n.land(r.territory)} is taken. Choose another start.`,
  not_yours: (r, n) => `${n.land(r.territory)} is not yours.`,
  not_neighbours: (r, n) => `${n.land(r.to)} does not border ${n.land(r.from)}.`,
  needs_port: (r, n) => `The way leads over the sea: build a port in ${n.land(r.from)} first.`,
  own_territory: (r, n) => `${n.land(r.territory)} is your own: move there instead.`,
  ally: (r, n) => `${n.player(r.player)} is your ally. Break the alliance first.`,
  immune: (r, n) => `Players cannot be attacked for another ${ticksAsTime(r.until - n.tick)}. Take neutral land meanwhile.`,
  not_friendly: (r, n) => `${n.land(r.territory)} is neither yours nor an ally's: attack it instead.`,
  needs_silo: (r, n) => `No silo stands in ${n.land(r.territory)}.`,
  out_of_range: (r) => `That is more than ${r.range} borders away.`,
  reloading: (r, n) => `The silo reloads for another ${ticksAsTime(r.until - n.tick)}.`,
  no_way: (r, n) => `No way over your own and your allies' land leads from ${n.land(r.from)} to ${n.land(r.to)}.`,
  no_troops: () => 'At least one troop must go.',
  too_few_troops: (r) => (r.available === 0 ? 'Nobody can leave: the last troop stays.' : `Only ${r.available} troops can leave, you asked for ${r.asked}.`),
  too_many_armies: (r) => `You have ${r.max} armies under way, the most there can be.`,
  unknown_army: () => 'That army is no longer there.',
  already_returning: () => 'That army is on its way back already.',
  already_built: (r, n) => `Something stands or is being built in ${n.land(r.territory)} already.`,
  highest_level: (r) => `It has ${r.max} levels, the most there can be.`,
  nothing_built: (r, n) => `Nothing stands in ${n.land(r.territory)}.`,
  besieged: (r, n) => `Not while ${n.land(r.territory)} is under attack.`,
  no_sea_route: (r, n) => `No sea route starts in ${n.land(r.territory)}: a port would be of no use.`,
  not_enough_gold: (r) => `That costs ${r.needed} gold, you have ${r.available}.`,
  yourself: () => 'You cannot make a pact with yourself.',
  already_allied: (r, n) => `${n.player(r.player)} is your ally already.`,
  already_proposed: (r, n) => `You have asked ${n.player(r.player)} already. Wait for the answer.`,
  too_many_proposals: (r) => `You have ${r.max} proposals open, the most there can be.`,
  no_proposal: (r, n) => `${n.player(r.player)} has not proposed an alliance, or no longer does.`,
  not_allied: (r, n) => `${n.player(r.player)} is not your ally.`,
  teammate: (r, n) => `${n.player(r.player)} is of your team, for good.`,
  too_early: (r, n) => `The alliance can be extended in ${ticksAsTime(r.from - n.tick)}.`,
  embargo_unchanged: () => 'That is how things stand already.',
  landless: (r, n) => `${n.player(r.player)} ${has(n, r.player)} no land: gold passes only between players who have some.`,
  too_soon: (r, n) => `You can give gold again in ${ticksAsTime(r.from - n.tick)}.`,
  no_draws: () => 'This game knows no draw.',
  already_offered: (r, n) => `Your offer of a draw stands for another ${ticksAsTime(r.until - n.tick)}.`,
  no_gold: () => 'At least one gold must be given.',
  supply_unchanged: () => 'The supply line is as you wish already.',
  too_many_supplies: (r) => `You have ${r.max} supply lines already, the most there can be.`,
  no_turns: () => 'Nobody takes turns in this game.',
  not_your_turn: (r, n) => (r.turn === null || n.player(r.turn) === 'You' ? 'Your turn has ended: your armies finish.' : `It is the turn of ${n.player(r.turn)}.`),
  opening_round: () => 'In the opening round troops are only placed.',
  reserve_left: (r) => `Place your ${r.reserve} troops in reserve first.`,
  already_moved: (r) => (r.max === 0 ? 'There are no moves in this game.' : 'You have moved: no more attacks in this turn, end it.'),
  too_few_in_reserve: (r) => (r.available === 0 ? 'You have nothing in reserve.' : `Only ${r.available} troops can be placed there, not ${r.asked}.`),
  too_much_gold: (r) => `You can give ${r.available} gold at once, you asked for ${r.asked}.`,
};

/** A refusal in words; `message` is what the server said, for reasons that this page does not know. */
export function refusalWords(refused, names, message = '') {
  return REFUSALS[refused.code]?.(refused, names) ?? (message || 'The server refused that.');
}

const has = (names, player) => (names.player(player) === 'You' ? 'have' : 'has');
const are = (names, player) => (names.player(player) === 'You' ? 'are' : 'is');

/** A player's name within a sentence. */
const whom = (names, player) => (names.player(player) === 'You' ? 'you' : names.player(player));

/** Two players at the beginning of a sentence. */
const pair = (names, a, b) => (names.player(b) === 'You' ? `You and ${names.player(a)}` : `${names.player(a)} and ${whom(names, b)}`);

const EVENTS = {
  phase_began: (e) => ({ spawn: 'Choose where to start.', playing: 'The game begins!' })[e.phase] ?? null,
  turn_began: (e, n) => (n.player(e.player) === 'You' ? 'It is your turn.' : null),
  captured: (e, n) => `${n.player(e.by)} took ${n.land(e.territory)}${e.from === null ? '' : ` from ${whom(n, e.from)}`}.`,
  attack_repelled: (e, n) => `${n.land(e.territory)} has been held.`,
  built: (e, n) => `${STRUCTURE_WORDS[e.structure].name}${e.level > 1 ? ` (level ${e.level})` : ''} finished in ${n.land(e.territory)}.`,
  armies_met: (e, n) => `${n.player(e.winner)} and ${whom(n, e.loser)} met between ${n.land(e.from)} and ${n.land(e.to)}: ${e.left > 0 ? `${e.left} of ${whom(n, e.winner)} march on` : 'nobody is left'}.`,
  struck: (e, n) => `${n.player(e.by)} struck ${n.land(e.target)} from afar.`,
  strike_intercepted: (e, n) => `${n.land(e.territory)} stopped a strike at ${n.land(e.target)}.`,
  pocket_surrendered: (e, n) => `${n.player(e.by)} ${has(n, e.by)} land of ${whom(n, e.from)} around ${n.land(e.territory)} enclosed: it surrenders.`,
  demolished: (e, n) => `${STRUCTURE_WORDS[e.structure].name} pulled down in ${n.land(e.territory)}.`,
  alliance_proposed: (e, n) => (n.player(e.to) === 'You' ? `${n.player(e.from)} proposes an alliance to you.` : `You proposed an alliance to ${n.player(e.to)}.`),
  proposal_ended: (e, n) => {
    if (n.player(e.to) === 'You') return e.refused ? `You declined ${n.player(e.from)}'s proposal.` : `${n.player(e.from)}'s proposal has lapsed.`;
    return e.refused ? `${n.player(e.to)} declined your proposal.` : `${n.player(e.to)} did not answer your proposal.`;
  },
  alliance_formed: (e, n) => `${pair(n, e.a, e.b)} are allies now.`,
  alliance_ended: (e, n) => `The alliance of ${whom(n, e.a)} and ${whom(n, e.b)} has come to its end.`,
  extension_asked: (e, n) => (n.player(e.to) === 'You' ? `${n.player(e.from)} would like to extend your alliance.` : `You asked ${n.player(e.to)} to extend your alliance.`),
  alliance_extended: (e, n) => `${pair(n, e.a, e.b)} stay allies.`,
  embargo_changed: (e, n) => `${n.player(e.by)}${e.on ? ' no longer' : ''} trade${n.player(e.by) === 'You' ? '' : 's'} with ${whom(n, e.with)}${e.on ? '' : ' again'}.`,
  gold_donated: (e, n) => `${n.player(e.from)} gave ${e.amount} gold to ${whom(n, e.to)}.`,
  supply_ended: (e, n) => `The supply line from ${n.land(e.from)} to ${n.land(e.to)} has come to its end.`,
  ceded: (e, n) => `The capital of ${whom(n, e.from)} fell: all that land goes to ${whom(n, e.to)}.`,
  bar_lowered: (e) => `Overtime: ${e.share / 10} % of the land win now.`,
  draw_offered: (e, n) => `${n.player(e.player)} offer${n.player(e.player) === 'You' ? '' : 's'} a draw.`,
  player_kicked: (e, n) => `${n.player(e.player)} ${n.player(e.player) === 'You' ? 'were' : 'was'} removed by the host.`,
  paused: () => 'The game is paused.',
  resumed: () => 'The game goes on.',
  alliance_broken: (e, n) => `${n.player(e.by)} broke the alliance with ${whom(n, e.with)}${e.traitor ? ` and ${are(n, e.by)} a traitor for a while` : ''}.`,
  player_out: (e, n) => `${n.player(e.player)} ${e.surrendered ? `${has(n, e.player)} given up` : `${are(n, e.player)} out`}: place ${e.place}.`,
  player_away: (e, n) => `${n.player(e.player)} lost the connection.`,
  player_taken_over: (e, n) => `A bot plays on for ${n.player(e.player)}.`,
  player_back: (e, n) => `${n.player(e.player)} ${are(n, e.player)} back.`,
  game_ended: (e, n) => endWords(e, n),
};

/** An event in words; null if it is not worth any. */
export const eventWords = (event, names) => EVENTS[event.kind]?.(event, names) ?? null;

/** Why a game ended. */
export function endWords({ winner, reason }, names) {
  if (winner === null) return `${END_WORDS[reason]}.`;
  const you = names.player(winner) === 'You';
  if (!you) return `${names.player(winner)} ${END_WORDS[reason]}.`;
  if (reason === 'time') return 'You are ahead as time is up.';
  return reason === 'land' ? 'You hold enough land to win.' : 'You are the last one standing.';
}
