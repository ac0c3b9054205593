// Frames to messages and back: a flag byte, gzip, MessagePack.

import { decode } from '../vendor/msgpack/decode.mjs';
import { encode } from '../vendor/msgpack/encode.mjs';
import { toClient } from './shapes.js';

export const SUBPROTOCOL = 'sovereign.v1.msgpack';
const GZIP = 1;

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The message in a frame of the server. */
export async function decodeFrame(buffer) {
  const frame = new Uint8Array(buffer);
  const rest = frame.subarray(1);
  return toClient(decode(frame[0] === GZIP ? await inflated(rest) : rest));
}

/** A message of the client as a frame: `name` and its fields in order. */
export const encodeFrame = (name, fields) => encode({ [name]: fields });
