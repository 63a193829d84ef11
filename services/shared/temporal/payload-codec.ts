import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import protocol from '@temporalio/proto';
import type { CodecKeys } from './codec-keys.js';

const { Payload: PayloadMessage } = protocol.temporal.api.common.v1;

/** In the metadata of an encrypted payload, as in Temporal's own samples: codecs in other languages can read it. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts every payload that we send to Temporal with AES-256-GCM (nonce, ciphertext, tag), and decrypts what it gives us. A payload
 * in clear, from a time or a client without keys, is passed on as it is.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: CodecKeys) {}

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.#encrypt(payload)));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    // In a promise, so that a wrong key is a rejection.
    return Promise.resolve(payloads).then((all) => all.map((payload) => this.#decrypt(payload)));
  }

  #encrypt(payload: Payload): Payload {
    const { current, all } = this.keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, keyFrom(all, current), nonce);
    const body = cipher.update(PayloadMessage.encode(payload).finish());
    const data = Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]);
    return { metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(current) }, data };
  }

  #decrypt(payload: Payload): Payload {
    const { metadata, data } = payload;
    if (textOf(metadata?.['encoding']) !== ENCODING) return payload;
    const key = keyFrom(this.keys.all, textOf(metadata?.[KEY_ID]));
    const bytes = Buffer.from(data ?? []);
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const body = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return PayloadMessage.decode(Buffer.concat([body, decipher.final()]));
  }
}

function keyFrom(keys: ReadonlyMap<string, Buffer>, id: string): Buffer {
  const key = keys.get(id);
  if (key === undefined) {
    throw new Error(`QUITTANCE_TEMPORAL_CODEC_KEYS has no key ${JSON.stringify(id)}`);
  }
  return key;
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}
