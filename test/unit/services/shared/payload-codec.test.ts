import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCodecKeys } from '../../../../services/shared/temporal/codec-keys.js';
import { EncryptionCodec } from '../../../../services/shared/temporal/payload-codec.js';

const [OLD, NEW] = [`2025-1:${'1a'.repeat(32)}`, `2026-1:${'2b'.repeat(32)}`];

function codec(text: string): EncryptionCodec {
  const keys = parseCodecKeys(text);
  if (keys === undefined) throw new Error('not keys');
  return new EncryptionCodec(keys);
}

const clear = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const valueOf = (payload: Payload | undefined): unknown =>
  defaultPayloadConverter.fromPayload(payload ?? {});

describe('the payload codec', () => {
  it('gives back what it has encrypted, also after a rotation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        const encrypted = await codec(OLD).encode(values.map(clear));
        const decrypted = await codec(`${OLD},${NEW}`).decode(encrypted);
        expect(JSON.stringify(decrypted.map(valueOf))).toBe(JSON.stringify(values));
      }),
    );
  });

  it('encrypts with the last key, differently each time', async () => {
    const one = await codec(`${OLD},${NEW}`).encode([clear('text'), clear('text')]);
    expect(
      one.map(({ metadata }) => Buffer.from(metadata?.['encryption-key-id'] ?? []).toString()),
    ).toEqual(['2026-1', '2026-1']);
    expect(one[0]?.data).not.toEqual(one[1]?.data);
    await expect(codec(OLD).decode(one)).rejects.toThrow('has no key "2026-1"');
  });

  it('refuses what was changed, and passes on what is in clear', async () => {
    const [payload = {}] = await codec(OLD).encode([clear({ a: 1 })]);
    const data = Buffer.from(payload.data ?? []);
    data.writeUInt8(data.readUInt8(20) ^ 1, 20);
    await expect(codec(OLD).decode([{ ...payload, data }])).rejects.toThrow();
    expect(await codec(OLD).decode([clear('in clear')])).toEqual([clear('in clear')]);
  });

  it.each(['', 'x', `a b:${'1a'.repeat(32)}`, `${OLD},${OLD}`, `1:${'1a'.repeat(31)}`])(
    'has no keys like %j',
    (text) => {
      expect(parseCodecKeys(text)).toBeUndefined();
    },
  );
});
