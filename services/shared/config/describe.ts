import { factsOf } from './key.js';
import { propertyOf, schema, variableNames, type Config } from './schema.js';

const HIDDEN = '***';

/** The configuration by variable name, for the log at start; without secrets and passwords. */
export function describeConfig(config: Config): Record<string, string> {
  return Object.fromEntries(
    variableNames.map((name) => {
      const value = config[propertyOf(name)];
      const facts = factsOf(schema.shape[name]);
      if (value === undefined) return [name, '(not set)'];
      if (facts.secret === true) return [name, HIDDEN];
      const text = Array.isArray(value) ? value.join(',') : String(value);
      return [name, facts.url === true ? redactUrl(text) : text];
    }),
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
