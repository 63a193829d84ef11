/** A number that was written with a point or an exponent: to the peer another type than an integer. */
export class ExactFloat {
  constructor(readonly text: string) {}

  get value(): number {
    return Number(this.text);
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** No text can begin with it: JSON has no bare control characters, and escapes are kept as they are. */
const MARK = '\\u0000number:';
const MARKED = '\u0000number:';

/**
 * JSON without loss: integers become `bigint` whatever their size, other numbers {@link ExactFloat}. Throws SyntaxError. A text that
 * begins with a NUL cannot be told from a number, and PostgreSQL could not store it: SyntaxError too.
 */
export function parseExactJson(text: string): unknown {
  JSON.parse(text);
  const marked = text.replace(TOKEN, (token) => {
    if (token.startsWith(`"${MARK}`)) throw new SyntaxError('a text begins with NUL');
    return token.startsWith('"') ? token : `"${MARK}${token}"`;
  });
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(MARKED)) return value;
    const number = value.slice(MARKED.length);
    return /^-?\d+$/.test(number) ? BigInt(number) : new ExactFloat(number);
  });
}

/** A float as Python's `str` writes it: 0.000001 is 1e-06, and 1.0 keeps its point. */
export function pythonFloat(value: number): string {
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${BigInt(value)}.0`;
}
