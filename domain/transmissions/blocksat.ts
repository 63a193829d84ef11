import { crc32 } from '../crc32.js';

/** Bytes of a message in one packet: 1500 minus the headers of IP, UDP and Blocksat. */
export const FRAGMENT_BYTES = 1464;
const HEADER_BYTES = 8;
const LAST = 0x01;
const MORE = 0x81;

/** One packet of a message, as receivers of Blockstream Satellite read it; its header is big-endian. */
export interface BlocksatPacket {
  readonly channel: number;
  /** The sequence number of the message. */
  readonly sequence: number;
  /** 0, 1, .. */
  readonly fragment: number;
  readonly last: boolean;
  readonly payload: Uint8Array;
}

/** A message as packets, in order. */
export function packetsOf(
  channel: number,
  sequence: number,
  message: Uint8Array,
): readonly Uint8Array[] {
  const count = Math.max(1, Math.ceil(message.length / FRAGMENT_BYTES));
  return Array.from({ length: count }, (_, fragment) => {
    const from = fragment * FRAGMENT_BYTES;
    const payload = message.subarray(from, from + FRAGMENT_BYTES);
    const packet = new Uint8Array(HEADER_BYTES + payload.length);
    const view = new DataView(packet.buffer);
    view.setUint8(0, fragment === count - 1 ? LAST : MORE);
    view.setUint8(1, channel);
    view.setUint16(2, fragment);
    view.setUint32(4, sequence);
    packet.set(payload, HEADER_BYTES);
    return packet;
  });
}

/** Undefined when it is no such packet. */
export function readPacket(packet: Uint8Array): BlocksatPacket | undefined {
  if (packet.length < HEADER_BYTES) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const type = view.getUint8(0);
  if (type !== LAST && type !== MORE) return undefined;
  return {
    channel: view.getUint8(1),
    fragment: view.getUint16(2),
    sequence: view.getUint32(4),
    last: type === LAST,
    payload: packet.subarray(HEADER_BYTES),
  };
}

const NAME_BYTES = 255;
const API_HEADER_BYTES = NAME_BYTES + 1 + 4;

/** What the peer's client puts around a file: a name padded with NUL, and a CRC-32 of the data, little-endian. */
export function apiMessage(name: string, data: Uint8Array): Uint8Array {
  const bytes = new TextEncoder().encode(name).subarray(0, NAME_BYTES);
  const message = new Uint8Array(API_HEADER_BYTES + data.length);
  message.set(bytes);
  new DataView(message.buffer).setUint32(NAME_BYTES + 1, crc32(data), true);
  message.set(data, API_HEADER_BYTES);
  return message;
}

/** The name and data of such a message; undefined when its check sum is not right: then it is sent as it is. */
export function readApiMessage(
  message: Uint8Array,
): { readonly name: string; readonly data: Uint8Array } | undefined {
  if (message.length < API_HEADER_BYTES) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const data = message.subarray(API_HEADER_BYTES);
  if (view.getUint32(NAME_BYTES + 1, true) !== crc32(data)) return undefined;
  const name = new TextDecoder().decode(message.subarray(0, NAME_BYTES));
  return { name: name.replace(/\0.*$/s, ''), data };
}

/** Puts packets together again; each message of a channel is given once. */
export class Reassembly {
  readonly #parts = new Map<string, Map<number, BlocksatPacket>>();
  readonly #done = new Set<string>();

  /** The whole message, with the packet that completes it. */
  add(packet: BlocksatPacket): Uint8Array | undefined {
    const key = `${packet.channel}/${packet.sequence}`;
    if (this.#done.has(key)) return undefined;
    const parts = this.#parts.get(key) ?? new Map<number, BlocksatPacket>();
    this.#parts.set(key, parts.set(packet.fragment, packet));
    const last = [...parts.values()].find((part) => part.last);
    if (last === undefined || parts.size <= last.fragment) return undefined;
    this.#parts.delete(key);
    this.#done.add(key);
    const ordered = [...parts.values()].sort((a, b) => a.fragment - b.fragment);
    const message = new Uint8Array(ordered.reduce((sum, { payload }) => sum + payload.length, 0));
    let at = 0;
    for (const { payload } of ordered) {
      message.set(payload, at);
      at += payload.length;
    }
    return message;
  }
}
