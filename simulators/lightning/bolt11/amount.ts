import { MAX_MSAT, toMsat, type Msat } from '../../../domain/money.js';
import { Bolt11Error } from './words.js';

const PICO_PER_MSAT = 10n;

/** Units of BOLT11 in pico-bitcoin, largest first. */
const UNITS = [
  ['', 1_000_000_000_000n],
  ['m', 1_000_000_000n],
  ['u', 1_000_000n],
  ['n', 1_000n],
  ['p', 1n],
] as const;

/** The shortest form: 250,000,000 msat are `2500u`. */
export function encodeAmount(amountMsat: Msat): string {
  if (amountMsat <= 0n) throw new Bolt11Error('the amount must be positive');
  const pico = amountMsat * PICO_PER_MSAT;
  const unit = UNITS.find(([, size]) => pico % size === 0n);
  if (unit === undefined) throw new Bolt11Error(`not an amount: ${amountMsat.toString()} msat`);
  const [letter, size] = unit;
  return `${(pico / size).toString()}${letter}`;
}

export function decodeAmount(text: string): Msat {
  const [, digits, letter] = /^([1-9]\d{0,18})([munp]?)$/.exec(text) ?? [];
  const unit = UNITS.find(([name]) => name === letter);
  if (digits === undefined || unit === undefined) {
    throw new Bolt11Error(`not an amount: ${text}`);
  }
  const pico = BigInt(digits) * unit[1];
  if (pico % PICO_PER_MSAT !== 0n)
    throw new Bolt11Error('the amount is no whole number of millisatoshi');
  const amountMsat = pico / PICO_PER_MSAT;
  if (amountMsat > MAX_MSAT) throw new Bolt11Error('the amount is more than all bitcoin');
  return toMsat(amountMsat);
}
