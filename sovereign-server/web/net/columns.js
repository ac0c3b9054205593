// Territories as columns of bytes, as docs/protocol.md describes them.

import { structureOf } from '../state/kinds.js';

const STRUCTURE = 0x07;
const FALLOUT = 0x08;
const STILL = 0x10;
const CAPITAL = 0x80;
const READY = 0x20;
const AWAY = 0x40;

/** A column that is read from its start. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  byte() {
    if (this.at >= this.bytes.length) throw new RangeError('a column is cut short');
    this.at += 1;
    return this.bytes[this.at - 1];
  }

  /** An unsigned integer, seven bits a byte, the lowest first. */
  varint() {
    let [value, weight] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) return value;
      weight *= 128;
      if (weight > 2 ** 28) throw new RangeError('an integer of a column is too long');
    }
  }

  bits(count) {
    const bytes = Array.from({ length: Math.ceil(count / 8) }, () => this.byte());
    return (index) => ((bytes[index >> 3] >> (index & 7)) & 1) === 1;
  }
}

/** Reads a column that only some territories have. */
function sparse(bytes, territories, field, read) {
  if (bytes.length === 0) return;
  const column = new Reader(bytes);
  const has = column.bits(territories.length);
  territories.forEach((territory, index) => {
    if (has(index)) territory[field] = read(column);
  });
}

function readOwner(column) {
  const raw = column.varint();
  return raw === 0 ? null : raw - 1;
}

function readSite(column) {
  const flags = column.byte();
  const structure = structureOf(flags & STRUCTURE);
  return {
    structure,
    level: structure ? column.byte() : 0,
    ready: flags & READY ? column.varint() : null,
    still: (flags & STILL) !== 0,
    fallout: (flags & FALLOUT) !== 0,
    capital: (flags & CAPITAL) !== 0,
    away: flags & AWAY ? column.varint() : 0,
  };
}

/** The territories of the columns `[ids, troops, owners, sites, ages]`; `tick` is the delta's. */
export function unpackTerritories([ids, troops, owners, sites, ages], tick) {
  const [idColumn, troopColumn, ageColumn] = [new Reader(ids), new Reader(troops), new Reader(ages)];
  const territories = [];
  let next = 0;
  while (idColumn.at < ids.length) {
    const id = next + idColumn.varint();
    next = id + 1;
    territories.push({ id, troops: troopColumn.varint(), since: tick });
  }
  if (ages.length > 0) territories.forEach((territory) => { territory.since -= ageColumn.varint(); });
  sparse(owners, territories, 'owner', readOwner);
  sparse(sites, territories, 'site', readSite);
  return territories;
}
