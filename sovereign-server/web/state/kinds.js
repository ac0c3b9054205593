// The kinds that rows tell apart, each list in the order of the numbers that stand
// for them in hashes and columns.

export const PHASES = ['lobby', 'spawn', 'playing', 'finished'];
export const SEATS = ['open', 'person', 'bot'];
export const STANDINGS = ['waiting', 'playing', 'eliminated', 'surrendered'];
export const PRESENCES = ['here', 'away', 'taken_over'];
export const STRUCTURES = ['city', 'fort', 'port'];
export const END_REASONS = ['land', 'last_standing', 'nobody'];
/** Counted from 1. */
export const PURPOSES = ['attack', 'move', 'return'];

/** A structure as rows store it: 0 is none. */
export const structureCode = (structure) => STRUCTURES.indexOf(structure) + 1;

/** What the code of a structure stands for; null for 0. */
export const structureOf = (code) => (code === 0 ? null : STRUCTURES[code - 1]);
