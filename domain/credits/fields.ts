import { Refusal } from '../refusal.js';
import { ExactFloat, pythonFloat } from './exact-json.js';
import { MAX_US, type Us, usOfMs } from './time.js';
import { MAX_AMOUNT } from './lot.js';

/** Characters of an address: more than any network's has, and little enough for an index. */
export const MAX_ADDRESS = 200;
/** Characters of another text: what PostgreSQL can keep in an index in any alphabet. */
const MAX_TEXT = 500;
/** Characters of a decimal. */
const MAX_DECIMAL = 100;

/** Fields of a credit message. Each function below checks one as pyaleph's schemas do and throws a Refusal that names it. */
export type Fields = Readonly<Record<string, unknown>>;

export function invalid(path: string, message: string): Refusal {
  return new Refusal('credits.invalid_message', `${path} ${message}`, [{ path, message }]);
}

export function recordAt(value: unknown, path: string): Fields {
  if (!isFields(value)) throw invalid(path, 'must be an object');
  return value;
}

function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof ExactFloat)
  );
}

/** An integer above 0; floats, texts and booleans are refused. */
export function amountAt(value: unknown, path: string): bigint {
  if (typeof value !== 'bigint' || value <= 0n) {
    throw new Refusal('credits.amount_not_positive_int', `${path} must be an integer above 0`);
  }
  if (value > MAX_AMOUNT) throw new Refusal('credits.amount_too_large', `${path} is too large`);
  return value;
}

export function addressAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(path, 'must be a text');
  if (value.trim() === '') throw new Refusal('credits.blank_address', `${path} is blank`);
  if (value.length > MAX_ADDRESS) throw invalid(path, `is longer than ${MAX_ADDRESS} characters`);
  if (/\p{Cc}/u.test(value)) throw invalid(path, 'must be without control characters');
  return value;
}

export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(path, 'must be a text');
  if (value.length > MAX_TEXT) throw invalid(path, `is longer than ${MAX_TEXT} characters`);
  return value;
}

/** Left out, null or empty: null. */
export function optionalTextAt(value: unknown, path: string): string | null {
  if (value === undefined || value === null) return null;
  return textAt(value, path) || null;
}

/** Epoch milliseconds; 0, null or left out: never. */
export function expiryAt(value: unknown, path: string): Us | null {
  const ms = value instanceof ExactFloat ? wholeOf(value) : value;
  if (ms === undefined || ms === null || ms === 0n) return null;
  if (typeof ms !== 'bigint') throw invalid(path, 'must be epoch milliseconds');
  const at = usOfMs(ms);
  if (ms < 0n || at > MAX_US) throw invalid(path, 'is out of range');
  return at;
}

function wholeOf({ value }: ExactFloat): bigint | string {
  return Number.isSafeInteger(value) ? BigInt(value) : 'not whole';
}

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;

/** A number, or a text that is one. Numbers become text as Python writes them. */
export function priceAt(value: unknown, path: string): string {
  const text = numberText(value);
  if (text === undefined || text.length > MAX_DECIMAL || !DECIMAL.test(text))
    throw invalid(path, 'must be a decimal');
  return text;
}

export function optionalPriceAt(value: unknown, path: string): string | null {
  return value === undefined || value === null ? null : priceAt(value, path);
}

function numberText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'bigint') return value.toString();
  return value instanceof ExactFloat ? pythonFloat(value.value) : undefined;
}

export function optionalIntegerAt(value: unknown, path: string): bigint | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'bigint' || value > MAX_AMOUNT || value < -MAX_AMOUNT) {
    throw invalid(path, 'must be an integer');
  }
  return value;
}

export function optionalCountAt(value: unknown, path: string): bigint | null {
  const count = optionalIntegerAt(value, path);
  if (count !== null && count < 0n) throw invalid(path, 'must not be below 0');
  return count;
}

/** A decimal, 0 or above. */
export function optionalSizeAt(value: unknown, path: string): string | null {
  const size = optionalPriceAt(value, path);
  if (size !== null && Number(size) < 0) throw invalid(path, 'must not be below 0');
  return size;
}
