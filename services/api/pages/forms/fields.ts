import type { Form } from '../http/form.js';

/** A field of a form, and how its text becomes an argument. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind:
    | 'line'
    | 'text'
    | 'address'
    | 'sats'
    | 'check'
    | 'lines'
    | 'names'
    | 'choice'
    | 'choices'
    | 'hidden'
    | 'version'
    | 'time';
  readonly hint?: string;
  readonly required?: boolean;
  readonly maxLength?: number;
  /** Value and text of each. */
  readonly options?: readonly (readonly [value: string, text: string])[];
  readonly initial?: string;
}

/** The arguments that the fields of a form come to. What was left empty is left out; the type of the action checks the rest. */
export function argsOf(fields: readonly Field[], form: Form): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap((field): [string, unknown][] => {
      const value = valueOf(field, form);
      return value === undefined ? [] : [[field.name, value]];
    }),
  );
}

function valueOf({ name, kind }: Field, form: Form): unknown {
  const text = form.text(name);
  switch (kind) {
    case 'check':
      return form.has(name);
    case 'text':
      return text === '' ? undefined : form.longText(name);
    case 'sats':
    case 'version':
      return text === '' ? undefined : form.whole(name);
    case 'lines':
      return listed(text.split('\n'));
    case 'names':
      return listed(text.split(/[\s,]+/).map((one) => one.replace(/^~/, '')));
    case 'choices':
      return form.all(name);
    case 'time':
      return text === '' ? undefined : utcOf(text);
    default:
      return text === '' ? undefined : text;
  }
}

function listed(all: readonly string[]): string[] | undefined {
  const values = all.map((one) => one.trim()).filter((one) => one !== '');
  return values.length === 0 ? undefined : values;
}

/** What a field for a date and a time sends has no zone: it is UTC here, as the label says. */
function utcOf(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}:00Z` : text;
}
