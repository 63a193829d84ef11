import { infoOf } from './key.js';
import { propertyOf, schema, variableNames, type Config } from './schema.js';

const HIDDEN = '***';

/** The configuration by variable name, for the log at start; without secrets and passwords. */
export function describeConfig(config: Config): Record<string, string> {
  return Object.fromEntries(
    variableNames.map((name) => {
      const value = config[propertyOf(name)];
      const info = infoOf(schema.shape[name]);
      if (value === undefined) return [name, '(not set)'];
      if (info.secret === true) return [name, HIDDEN];
      const text = textOf(value);
      return [name, info.url === true ? redactUrl(text) : text];
    }),
  );
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  if (value instanceof Map) return `versions ${[...value.keys()].join(',')}`;
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, member: unknown) =>
        typeof member === 'bigint' ? member.toString() : member,
      );
}

/** Hides credentials in a URL or a list of URLs: passwords, NATS tokens, secret parameters. */
export function redactUrl(text: string): string {
  return text
    .replace(/(\w+):\/\/([^/?#,\s]*)@/g, (_, scheme: string, userInfo: string) => {
      const [user = '', password] = userInfo.split(':', 2);
      if (password !== undefined) return `${scheme}://${user}:${HIDDEN}@`;
      return `${scheme}://${/^(postgres|http)/.test(scheme) ? user : HIDDEN}@`;
    })
    .replace(/([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&,\s]*/gi, `$1${HIDDEN}`);
}
