import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

/** Ed25519. Private: of the one process that signs. */
export interface SigningKey {
  readonly version: number;
  readonly key: KeyObject;
}

/** Whose signatures are accepted, by version: of several, each. */
export type PublicKeys = ReadonlyMap<number, KeyObject>;

/** What precedes the 32 bytes of a key in DER (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

const MAX_VERSION = 999_999;

/** Reads `<version>:<64 hex digits>`, the private key's seed; undefined for anything else. */
export function parseSigningKey(text: string): SigningKey | undefined {
  const [version, bytes] = parseKey(text) ?? [];
  if (version === undefined || bytes === undefined) return undefined;
  const der = Buffer.concat([PRIVATE_DER, bytes]);
  return { version, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
}

/** Reads public keys as `<version>:<64 hex digits>`, separated by commas; undefined for anything else. */
export function parsePublicKeys(text: string): PublicKeys | undefined {
  const keys = new Map<number, KeyObject>();
  for (const part of text.split(',')) {
    const [version, bytes] = parseKey(part.trim()) ?? [];
    if (version === undefined || bytes === undefined || keys.has(version)) return undefined;
    const der = Buffer.concat([PUBLIC_DER, bytes]);
    keys.set(version, createPublicKey({ key: der, format: 'der', type: 'spki' }));
  }
  return keys;
}

/** A new pair, as the configuration has it. */
export function newKeyPair(version: number): { readonly signing: string; readonly public: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES);
  return { signing: `${version}:${seed.toString('hex')}`, public: publicText(version, publicKey) };
}

/** The public half of a signing key, as the configuration has it. */
export function publicTextOf({ version, key }: SigningKey): string {
  return publicText(version, createPublicKey(key));
}

function publicText(version: number, key: KeyObject): string {
  const bytes = key.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  return `${version}:${bytes.toString('hex')}`;
}

function parseKey(text: string): readonly [version: number, bytes: Buffer] | undefined {
  const [, version = '', hex = ''] = /^(\d{1,6}):([0-9a-fA-F]{64})$/.exec(text) ?? [];
  const n = Number(version);
  if (hex === '' || n < 1 || n > MAX_VERSION) return undefined;
  return [n, Buffer.from(hex, 'hex')];
}
