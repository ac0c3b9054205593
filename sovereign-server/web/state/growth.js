// How garrisons and gold grow, in closed form and exactly as the engine counts them.
//
// Every product stays below 2^53, so plain numbers are exact. A quotient is taken as
// (x - x % d) / d: division alone would round, this never does.

const RATE_UNIT = 1_000_000;
const RATE_MAX = 2 ** 28 - 1;
const GOLD_MAX = Number.MAX_SAFE_INTEGER;

/** The whole part of x / d, exactly. */
export const quotient = (x, d) => (x - (x % d)) / d;

/** x / d rounded up, exactly. */
export const quotientUp = (x, d) => quotient(x, d) + (x % d === 0 ? 0 : 1);

/** A share in thousandths of an amount, rounded down. */
export const share = (permille, amount) => quotient(permille * amount, 1000);

/** A share in thousandths of an amount, rounded up. */
export const shareUp = (permille, amount) => quotientUp(permille * amount, 1000);

/** What a rate (millionths a tick) has brought in all by a tick. */
export const phase = (rate, tick) => quotient(rate * tick, RATE_UNIT);

/** The first tick at which `rate` has brought `need` since `since`; Infinity if never. */
function leavesAt(rate, since, need) {
  if (rate === 0) return Infinity;
  return quotientUp((phase(rate, since) + need) * RATE_UNIT, rate);
}

/**
 * The garrison at tick `to` that had `troops` at `since`. At most one step a band.
 *
 * @param {{bands: {below: number, rate: number}[], decay: number}} rules
 * @param {number} cap troops at which growth ends, those away included
 * @param {number} away troops that are on the march from here
 * @param {number} rate millionths of a troop a tick in a band of rate 1000
 */
export function grow(rules, cap, away, rate, troops, since, to) {
  const room = Math.max(cap - away, 0);
  if (troops > room) {
    const lost = phase(rules.decay, to) - phase(rules.decay, since);
    return Math.max(troops - lost, room);
  }
  let [now, from] = [troops, since];
  for (const band of rules.bands) {
    const end = shareUp(band.below, cap) - away;
    if (now >= end) continue;
    const bandRate = Math.min(share(band.rate, rate), RATE_MAX);
    const leaves = leavesAt(bandRate, from, end - now);
    const next = leaves >= to ? to : leaves;
    now = Math.min(now + phase(bandRate, next) - phase(bandRate, from), room);
    from = next;
    if (next === to) return now;
  }
  return now;
}

/** The gold at tick `to` of a player who had `gold` at `since`. */
export function growGold(gold, income, since, to) {
  if (to <= since) return gold;
  return Math.min(gold + phase(income, to) - phase(income, since), GOLD_MAX);
}
