import type { PaymentHash } from '../../../adapters/lightning/port.js';
import type { Msat } from '../../../domain/money.js';
import {
  Bolt11Error,
  bitsToWords,
  bytesToWords,
  numberToWords,
  wordsToBits,
  wordsToBytes,
  wordsToNumber,
  type Words,
} from './words.js';

/** The fields of an invoice without its signature. Bytes are lower-case hex. */
export interface InvoiceFields {
  /** `bcrt` regtest, `bc` mainnet, `tb` testnet. */
  readonly network: string;
  /** Absent: the payer chooses. */
  readonly amountMsat?: Msat;
  /** Unix time in seconds. */
  readonly timestamp: number;
  readonly paymentSecret?: string;
  readonly hash: PaymentHash;
  /** Absent when the invoice has only the hash of a description. */
  readonly description?: string;
  readonly descriptionHash?: string;
  /** Default: 3600. */
  readonly expirySeconds?: number;
  /** Default: 18. */
  readonly minFinalCltv?: number;
  /** Bit numbers, ascending. */
  readonly features: readonly number[];
}

export const DEFAULT_EXPIRY_SECONDS = 3600;
const MAX_FIELD_WORDS = 1023;
const HASH_WORDS = 52;
const CHARSET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** Every tagged field, in the order of the spec's examples. */
export function fieldsToWords(fields: InvoiceFields): number[] {
  const { paymentSecret, description, descriptionHash, expirySeconds, minFinalCltv } = fields;
  return [
    ...(paymentSecret === undefined ? [] : tagged('s', hexToWords(paymentSecret))),
    ...tagged('p', hexToWords(fields.hash)),
    ...(description === undefined
      ? []
      : tagged('d', bytesToWords(Buffer.from(description, 'utf8')))),
    ...(descriptionHash === undefined ? [] : tagged('h', hexToWords(descriptionHash))),
    ...(expirySeconds === undefined ? [] : tagged('x', numberToWords(expirySeconds))),
    ...(minFinalCltv === undefined ? [] : tagged('c', numberToWords(minFinalCltv))),
    ...(fields.features.length === 0 ? [] : tagged('9', bitsToWords(fields.features))),
  ];
}

export interface RouteHints {
  /** Public keys of the nodes in the route hints; absent when there are none. */
  readonly hintNodes?: readonly string[];
}

type TaggedFields = Omit<InvoiceFields, 'network' | 'amountMsat' | 'timestamp'> & RouteHints;

/** Skips fields with unknown tags and known ones with another length, as the spec requires. */
export function wordsToFields(words: Words): TaggedFields {
  const fields = groupByTag(words);
  const hashes = fields.get('p') ?? [];
  const hash = hashes.find(isHash);
  if (hash === undefined || hashes.length > 1) {
    throw new Bolt11Error('the invoice needs exactly one payment hash');
  }
  const [description] = fields.get('d') ?? [];
  const [expiry] = fields.get('x') ?? [];
  const [cltv] = fields.get('c') ?? [];
  const paymentSecret = fields.get('s')?.find(isHash);
  const descriptionHash = fields.get('h')?.find(isHash);
  const hintNodes = (fields.get('r') ?? []).flatMap(nodesOfHint);
  return {
    hash: wordsToHex(hash),
    features: (fields.get('9') ?? []).flatMap(wordsToBits),
    ...(paymentSecret === undefined ? {} : { paymentSecret: wordsToHex(paymentSecret) }),
    ...(description === undefined
      ? {}
      : { description: Buffer.from(wordsToBytes(description)).toString('utf8') }),
    ...(descriptionHash === undefined ? {} : { descriptionHash: wordsToHex(descriptionHash) }),
    ...(hintNodes.length === 0 ? {} : { hintNodes }),
    ...(expiry === undefined ? {} : { expirySeconds: wordsToNumber(expiry) }),
    ...(cltv === undefined ? {} : { minFinalCltv: wordsToNumber(cltv) }),
  };
}

function tagged(tag: string, data: Words): number[] {
  if (data.length > MAX_FIELD_WORDS) throw new Bolt11Error(`the field ${tag} is too long`);
  return [CHARSET.indexOf(tag), ...numberToWords(data.length, 2), ...data];
}

function groupByTag(words: Words): Map<string, Words[]> {
  const fields = new Map<string, Words[]>();
  for (let at = 0; at < words.length;) {
    const tag = CHARSET.charAt(words[at] ?? 0);
    const start = at + 3;
    at = start + wordsToNumber(words.slice(at + 1, start));
    if (start > words.length || at > words.length) throw new Bolt11Error('a field is cut short');
    fields.set(tag, [...(fields.get(tag) ?? []), words.slice(start, at)]);
  }
  return fields;
}

const HOP_BYTES = 51;
const KEY_BYTES = 33;

/** A route hint is a list of hops: public key, channel, fees and CLTV delta. */
function nodesOfHint(words: Words): string[] {
  const bytes = Buffer.from(wordsToBytes(words));
  const hops = Math.floor(bytes.length / HOP_BYTES);
  return Array.from({ length: hops }, (_, hop) =>
    bytes.subarray(hop * HOP_BYTES, hop * HOP_BYTES + KEY_BYTES).toString('hex'),
  );
}

function isHash(words: Words): boolean {
  return words.length === HASH_WORDS;
}

function hexToWords(hex: string): number[] {
  return bytesToWords(Buffer.from(hex, 'hex'));
}

function wordsToHex(words: Words): string {
  return Buffer.from(wordsToBytes(words)).toString('hex');
}
