// The vectors of the documentation, as the tests here read them.

import { readdirSync, readFileSync } from 'node:fs';

const DOCS = new URL('../../../docs/', import.meta.url);

export const readVectors = (name) => JSON.parse(readFileSync(new URL(name, DOCS), 'utf8'));

/** The recorded games, by file name. */
export const recordedGames = () => readdirSync(new URL('protocol-games/', DOCS))
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, readVectors(`protocol-games/${name}`)]);

export const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));

export const hexOf = (bytes) => Buffer.from(bytes).toString('hex');
