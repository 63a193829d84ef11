import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Keys by version, 1 to 255. The highest encrypts; the others still decrypt until all rows are encrypted anew. */
export type StoreKeys = ReadonlyMap<number, Buffer>;

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Reads `<version>:<64 hex digits>`, separated by commas; undefined for anything else. */
export function parseStoreKeys(text: string): StoreKeys | undefined {
  const keys = new Map<number, Buffer>();
  for (const part of text.split(',')) {
    const [, version = '', hex = ''] = /^\s*(\d{1,3}):([0-9a-fA-F]{64})\s*$/.exec(part) ?? [];
    const n = Number(version);
    if (hex === '' || n < 1 || n > 255 || keys.has(n)) return undefined;
    keys.set(n, Buffer.from(hex, 'hex'));
  }
  return keys;
}

/** For development: version 1, derived from the master secret. */
export function derivedStoreKeys(secret: string): StoreKeys {
  return new Map([[1, createHash('sha256').update(`store keys/${secret}`).digest()]]);
}

export function currentVersion(keys: StoreKeys): number {
  return Math.max(...keys.keys());
}

/** Version, nonce, tag, ciphertext. `about` names the row: a value that is moved to another row does not decrypt there. */
export function encryptSecret(keys: StoreKeys, about: string, text: string): Buffer {
  const version = currentVersion(keys);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(keys, version), iv);
  cipher.setAAD(Buffer.from(about));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(version), iv, cipher.getAuthTag(), body]);
}

/** Throws where the key is missing or wrong, or the value was changed. */
export function decryptSecret(keys: StoreKeys, about: string, value: Buffer): string {
  const iv = value.subarray(1, 1 + IV_BYTES);
  const tag = value.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(ALGORITHM, keyOf(keys, value[0] ?? 0), iv);
  decipher.setAAD(Buffer.from(about));
  decipher.setAuthTag(tag);
  const body = value.subarray(1 + IV_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
}

function keyOf(keys: StoreKeys, version: number): Buffer {
  const key = keys.get(version);
  if (key === undefined) throw new Error(`QUITTANCE_STORE_KEY has no key of version ${version}`);
  return key;
}
