/** A float of the peer's, which writes 0 as 0.0. */
export class PythonFloat {
  constructor(readonly value: string) {}
}

const MARK = '\u0000number:';
const MARKED = /"\\u0000number:(-?[\d.]+)"/g;

/** JSON with integers whatever their size. No text of ours can begin with a NUL: PostgreSQL does not store it. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return `${MARK}${member}`;
    return member instanceof PythonFloat ? `${MARK}${member.value}` : member;
  }).replaceAll(MARKED, '$1');
}
