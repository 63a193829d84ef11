/** A number written with a point or an exponent. Python, and so pyaleph, treats it as another type than an integer. */
export class ExactFloat {
  constructor(readonly text: string) {}

  get value(): number {
    return Number(this.text);
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Marks a number inside a JSON text. No text of ours begins with NUL: PostgreSQL cannot store it. */
const MARK = '\\u0000number:';
const MARKED = '\u0000number:';
const MARKED_TEXT = /"\\u0000number:([-+.\deE]+)"/g;

/**
 * Parses JSON without loss: integers of any size become `bigint`, other numbers {@link ExactFloat}. Throws SyntaxError, also for a
 * text that begins with the mark, which would look like a number.
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

/** Writes JSON without loss: `bigint` and {@link ExactFloat} become numbers. */
export function formatExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return `${MARKED}${member}`;
    return member instanceof ExactFloat ? `${MARKED}${member.text}` : member;
  }).replaceAll(MARKED_TEXT, '$1');
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
