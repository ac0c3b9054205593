// The kinds that rows tell apart, each list in the order of the numbers that stand
// for them in hashes and columns.

export const PHASES = ['lobby', 'spawn', 'playing', 'finished'];
export const SEATS = ['open', 'person', 'bot'];
export const STANDINGS = ['waiting', 'playing', 'eliminated', 'surrendered'];
export const PRESENCES = ['here', 'away', 'taken_over'];
export const STRUCTURES = ['city', 'fort', 'port', 'barracks', 'silo', 'interceptor'];
export const END_REASONS = ['land', 'last_standing', 'nobody', 'time', 'draw'];
/** Counted from 1. */
export const PURPOSES = ['attack', 'move', 'return'];

/** A structure as rows store it: 0 is none. The level that stands is in the high four bits. */
export const structureCode = (structure, level = 0) => (STRUCTURES.indexOf(structure) + 1) | (level << 4);

/** What the code of a structure stands for; null for 0. */
export const structureOf = (code) => ((code & 15) === 0 ? null : STRUCTURES[(code & 15) - 1]);

/** How many levels of a structure stand. */
export const levelOf = (code) => code >> 4;
