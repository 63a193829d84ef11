import {
  newKeyPair,
  parsePublicKeys,
  parseSigningKey,
  type PublicKeys,
} from '../../services/shared/signatures/keys.js';
import type { Signer } from '../../services/shared/signatures/signature.js';

/** The key in the environment of processes. */
export function signerOf(
  variables: Readonly<Record<string, string>>,
  name: 'QUITTANCE_PAYMENTS_SIGNING_KEY' | 'QUITTANCE_CONFIRMATIONS_SIGNING_KEY',
  node: string,
): Signer {
  const key = parseSigningKey(variables[name] ?? '');
  if (key === undefined) throw new Error(`${name} is not a key`);
  return { key, node };
}

export interface TestKeys {
  readonly signer: Signer;
  /** As the configuration has it. */
  readonly publicText: string;
}

/** A new key pair. */
export function testKeys(version = 1, node = 'a node'): TestKeys {
  const pair = newKeyPair(version);
  const key = parseSigningKey(pair.signing);
  if (key === undefined) throw new Error('not a key');
  return { signer: { key, node }, publicText: pair.public };
}

export function publicKeysOf(...keys: readonly TestKeys[]): PublicKeys {
  const parsed = parsePublicKeys(keys.map(({ publicText }) => publicText).join(','));
  if (parsed === undefined) throw new Error('not keys');
  return parsed;
}
