/** What PostgreSQL can store and Temporal's SDK can encode: neither NUL nor half of a surrogate pair. */
const NOT_STORABLE = /\0|\p{Surrogate}/u;

export function isStorable(text: string): boolean {
  return !NOT_STORABLE.test(text);
}

/** What is wrong with a JSON value from outside that is to be stored; undefined when nothing is. */
export function storageFaultOf(value: unknown, maxDepth: number): string | undefined {
  if (typeof value === 'string' && !isStorable(value)) {
    return 'a text contains NUL or invalid Unicode';
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number is too large';
  if (typeof value !== 'object' || value === null) return undefined;
  if (maxDepth === 0) return 'the value is nested too deep';
  for (const [name, member] of Object.entries(value)) {
    const fault = storageFaultOf(name, 0) ?? storageFaultOf(member, maxDepth - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const LONGEST_SHOWN = 2_000;

/** A text that may quote what came in, as it may go out: well-formed Unicode of bounded length. */
export function shownText(text: string): string {
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return shown.toWellFormed().replaceAll('\0', '\u{FFFD}');
}
