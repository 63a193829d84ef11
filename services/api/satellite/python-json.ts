/** These fields are floats in Python, which writes 19 as 19.0. */
const FLOAT_FIELDS: ReadonlySet<string> = new Set(['bid_per_byte']);

/** JSON as Python's json.dumps writes it: `", "` and `": "`, ASCII only. */
export function pythonJson(value: unknown, field = ''): string {
  if (Array.isArray(value)) return `[${value.map((member) => pythonJson(member)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, member]) => `${ascii(JSON.stringify(name))}: ${pythonJson(member, name)}`,
    );
    return `{${members.join(', ')}}`;
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && Number.isInteger(value) && FLOAT_FIELDS.has(field)) {
    return `${value}.0`;
  }
  return ascii(JSON.stringify(value ?? null));
}

function ascii(json: string): string {
  return json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
