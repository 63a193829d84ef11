import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiMessage,
  FRAGMENT_BYTES,
  packetsOf,
  readApiMessage,
  readPacket,
  Reassembly,
} from '../../../../domain/transmissions/blocksat.js';
import { crc32 } from '../../../../domain/crc32.js';

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

describe('Blocksat packets', () => {
  it('have the header of the peer, big-endian', () => {
    const packets = packetsOf(1, 0x01020304, new Uint8Array(FRAGMENT_BYTES + 1));
    expect(packets.map((packet) => [packet.length, hex(packet.subarray(0, 8))])).toEqual([
      [1472, '8101000001020304'],
      [9, '0101000101020304'],
    ]);
  });

  it('give the message back, once, in any order and however often they come', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 5 * FRAGMENT_BYTES }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.infiniteStream(fc.nat()),
        (message, sequence, order) => {
          const packets = packetsOf(4, sequence, message);
          const keyed = [...packets, ...packets].map((packet) => ({
            packet,
            key: Number(order.next().value),
          }));
          const reassembly = new Reassembly();
          const whole = keyed
            .sort((a, b) => a.key - b.key)
            .flatMap(({ packet }) => {
              const read = readPacket(packet);
              const done = read === undefined ? undefined : reassembly.add(read);
              return done === undefined ? [] : [hex(done)];
            });
          expect(whole).toEqual([hex(message)]);
        },
      ),
    );
  });

  it.each([new Uint8Array(7), Uint8Array.from([2, 1, 0, 0, 0, 0, 0, 1, 9])])(
    'are told from other datagrams',
    (bytes) => expect(readPacket(bytes)).toBeUndefined(),
  );
});

describe('messages of the peer’s client', () => {
  it('have a name of 255 bytes, a pad byte and the CRC-32 little-endian', () => {
    const data = new TextEncoder().encode('123456789');
    expect(crc32(data)).toBe(0xcbf43926);
    const message = apiMessage('file.txt', data);
    expect(message.length).toBe(data.length + 260);
    expect(hex(message.subarray(0, 9))).toBe(`${Buffer.from('file.txt').toString('hex')}00`);
    expect(hex(message.subarray(256, 260))).toBe('2639f4cb');
    expect(readApiMessage(message)).toEqual({ name: 'file.txt', data });
    expect(readApiMessage(message.with(259, 0))).toBeUndefined();
    expect(readApiMessage(data)).toBeUndefined();
  });
});
