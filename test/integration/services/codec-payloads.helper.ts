import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { parseCodecKeys } from '../../../services/shared/temporal/codec-keys.js';
import { EncryptionCodec } from '../../../services/shared/temporal/payload-codec.js';

export const VALUE = { secret: 'the text of a message' };

export const CODEC_KEYS = `1:${'2b'.repeat(32)}`;
export const codec = codecOf(CODEC_KEYS);

export function codecOf(text: string): EncryptionCodec {
  const keys = parseCodecKeys(text);
  if (keys === undefined) throw new Error('not keys');
  return new EncryptionCodec(keys);
}

/** As protobuf writes it in JSON. */
export const wire = (payload: Payload | undefined): object => ({
  metadata: Object.fromEntries(
    Object.entries(payload?.metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)]),
  ),
  data: base64(payload?.data ?? new Uint8Array()),
});
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** {@link VALUE} in a request to decode it. */
export async function encrypted(by = codec): Promise<object> {
  const [payload] = await by.encode([defaultPayloadConverter.toPayload(VALUE)]);
  return { payloads: [wire(payload)] };
}

/** The first of the payloads that were answered. */
export function decodedIn({ body }: { readonly body: string }): unknown {
  const { payloads } = JSON.parse(body) as { payloads: { data: string }[] };
  return JSON.parse(Buffer.from(payloads[0]?.data ?? '', 'base64').toString());
}
