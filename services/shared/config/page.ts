import { infoOf } from './key.js';
import { groups, schema, type VariableName } from './schema.js';

/** The text of docs/configuration.md. */
export function configurationPage(): string {
  return `${INTRODUCTION}\n${Object.entries(groups)
    .map(([title, keys]) => section(title, keys))
    .join('\n')}`;
}

const INTRODUCTION = `# Configuration

This page is generated from the schema in services/shared/config by \`npm run docs\`.

Every process reads its configuration from the environment, once, at its start. All problems are
reported together. A variable that begins with \`QUITTANCE_\` and is not listed here is refused. An
empty variable counts as unset. A secret, or an address that may hold a password, can be read from a
file: its name is in the variable with \`_FILE\` at its end, like \`QUITTANCE_SECRET_FILE\`. The values in use are logged at the start, without secrets.
`;

function section(title: string, keys: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(keys).filter((name): name is VariableName => name in schema.shape);
  const rows = names.map((name) => {
    const { default: fallback, description, unit, secret } = infoOf(schema.shape[name]);
    const isBuiltIn = secret === true && fallback !== undefined && fallback !== 'none';
    const shown = isBuiltIn ? 'built in, not for production' : code(fallback);
    return `| \`${name}\` | ${shown} | ${unit ?? ''} | ${description.replaceAll('|', '\\|')} |`;
  });
  return `## ${title}\n\n| variable | default | unit | what it is |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function code(fallback: string | undefined): string {
  return fallback === undefined ? '(none)' : `\`${fallback}\``;
}
