import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bech32 } from '@scure/base';
import { decodeAmount, encodeAmount } from './bolt11/amount.js';
import {
  fieldsToWords,
  wordsToFields,
  type InvoiceFields,
  type RouteHints,
} from './bolt11/fields.js';
import {
  Bolt11Error,
  bytesToWords,
  numberToWords,
  wordsToBytes,
  wordsToNumber,
  wordsToPaddedBytes,
  type Words,
} from './bolt11/words.js';

export { Bolt11Error } from './bolt11/words.js';
export { DEFAULT_EXPIRY_SECONDS, type InvoiceFields } from './bolt11/fields.js';

const TIMESTAMP_WORDS = 7;
const SIGNATURE_WORDS = 104;

/** BOLT11 (https://github.com/lightning/bolts, 11-payment-encoding.md). Throws {@link Bolt11Error}. */
export function encodeInvoice(fields: InvoiceFields, secretKey: Uint8Array): string {
  const amount = fields.amountMsat === undefined ? '' : encodeAmount(fields.amountMsat);
  const prefix = `ln${fields.network}${amount}`;
  const data = [...numberToWords(fields.timestamp, TIMESTAMP_WORDS), ...fieldsToWords(fields)];
  const signed = secp256k1.sign(signedBytes(prefix, data), secretKey, { format: 'recovered' });
  // The curve library has the recovery number first, BOLT11 has it last.
  const signature = Uint8Array.of(...signed.subarray(1), ...signed.subarray(0, 1));
  return bech32.encode(prefix, [...data, ...bytesToWords(signature)], false);
}

export interface SignedInvoice extends InvoiceFields, RouteHints {
  /** The signer's compressed public key, as hex. */
  readonly payee: string;
}

/** Checks the checksum and recovers the signer. Throws {@link Bolt11Error}. */
export function decodeInvoice(text: string): SignedInvoice {
  const { prefix, words } = decodeBech32(text);
  const [, network, amount] = /^ln(bcrt|bc|tbs|tb)(\d.*)?$/.exec(prefix) ?? [];
  if (network === undefined) throw new Bolt11Error(`not a prefix of an invoice: ${prefix}`);
  if (words.length < TIMESTAMP_WORDS + SIGNATURE_WORDS) throw new Bolt11Error('too short');
  const data = words.slice(0, -SIGNATURE_WORDS);
  return {
    network,
    ...(amount === undefined ? {} : { amountMsat: decodeAmount(amount) }),
    timestamp: wordsToNumber(data.slice(0, TIMESTAMP_WORDS)),
    ...wordsToFields(data.slice(TIMESTAMP_WORDS)),
    payee: recoverSigner(signedBytes(prefix, data), words.slice(-SIGNATURE_WORDS)),
  };
}

function decodeBech32(text: string): { readonly prefix: string; readonly words: Words } {
  try {
    return bech32.decode(text as `${string}1${string}`, false);
  } catch (cause) {
    throw new Bolt11Error('not a bech32 string with a valid checksum', { cause });
  }
}

function recoverSigner(message: Uint8Array, signature: Words): string {
  const bytes = wordsToBytes(signature);
  const recovered = Uint8Array.of(...bytes.subarray(64), ...bytes.subarray(0, 64));
  try {
    return Buffer.from(secp256k1.recoverPublicKey(recovered, message)).toString('hex');
  } catch (cause) {
    throw new Bolt11Error('the signature cannot be recovered', { cause });
  }
}

function signedBytes(prefix: string, data: Words): Uint8Array {
  return Uint8Array.of(...Buffer.from(prefix, 'utf8'), ...wordsToPaddedBytes(data));
}
