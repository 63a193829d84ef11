import { isLosslessNumber, parse, stringify } from 'lossless-json';

/** Nested deeper than this is nothing that a store writes, and PostgreSQL refuses it. */
const MAX_DEPTH = 200;
/** Digits of a number, its exponent written out. PostgreSQL's numeric holds more. */
const MAX_DIGITS = 1_000;

/** Numbers are LosslessNumber: as they were written, whatever their size. Undefined for what is not JSON, or not storable. */
export function parseLossless(text: string): unknown {
  try {
    return storable(parse(text), 0);
  } catch (error) {
    // RangeError: nested so deep that the parser's stack is used up.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

export function formatLossless(value: unknown): string {
  return stringify(value) ?? 'null';
}

/** Without what jsonb cannot store: NUL and lone surrogates become U+FFFD. */
function storable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return storableText(value);
  if (isLosslessNumber(value)) {
    if (plainDecimal(value.value) === undefined) throw new RangeError('a number is out of range');
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) throw new RangeError('nested too deep');
  if (Array.isArray(value)) return value.map((member: unknown) => storable(member, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [storableText(key), storable(member, depth + 1)]),
  );
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,6}))?$/;

/** A number without exponent, all its digits kept: -8.0E-5 is -0.000080. Undefined for what is none, or has too many digits. */
export function plainDecimal(text: string): string | undefined {
  const match = NUMBER.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const power = Number(exponent);
  if (whole.length + fraction.length + Math.abs(power) > MAX_DIGITS) return undefined;
  const digits = whole + fraction;
  const point = whole.length + power;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = point <= 0 ? 1 : point;
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at);
  return `${sign}${left}${right === '' ? '' : `.${right}`}`;
}
