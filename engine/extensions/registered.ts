import { declareRefusal, type ExtensionCode } from '../../domain/refusal.js';
import { registerType } from '../actions/types/index.js';
import type { Extension, ExtensionCheck } from './extension.js';

const NAME = /^[a-z][a-z0-9_]{1,30}$/;
const TYPE_NAME = /^[A-Z][A-Z0-9_]{2,62}$/;
const WORD = /^[a-z][a-z0-9_]*$/;

const registered = new Map<string, Extension>();

/** Those of this process, in the order in which they were named. */
export function extensions(): readonly Extension[] {
  return [...registered.values()];
}

export function schemaOf({ name }: Pick<Extension, 'name'>): string {
  return `ext_${name}`;
}

/** What their types may refuse. */
export function extensionCodes(): readonly ExtensionCode[] {
  return extensions().flatMap(codesOf);
}

/** Makes an extension known to this process, once. Throws, with what is wrong with it. */
export function registerExtension(extension: Extension): void {
  const problems = problemsOf(extension);
  if (problems.length > 0) throw new Error(problems.join('; '));
  const { name, refusals = {}, types } = extension;
  for (const type of types) registerType(type);
  for (const [word, [status, title]] of Object.entries(refusals)) {
    declareRefusal(`${name}/${word}`, status, title);
  }
  registered.set(name, extension);
}

function codesOf({ name, refusals = {} }: Extension): ExtensionCode[] {
  return Object.keys(refusals).map((word): ExtensionCode => `${name}/${word}`);
}

function problemsOf(extension: Extension): string[] {
  const { name, types, refusals = {} } = extension;
  const schema = schemaOf(extension);
  const tables = types.flatMap((type) => type.tables);
  return [
    ...(NAME.test(name) ? [] : [`${name} is not a name like tip_jar`]),
    ...(registered.has(name) ? [`there is an extension ${name} already`] : []),
    ...types.flatMap((type) =>
      TYPE_NAME.test(type.name) ? [] : [`${type.name} is not a name like TIP_JAR`],
    ),
    ...tables.flatMap((table) =>
      table.startsWith(`${schema}.`) && WORD.test(table.slice(schema.length + 1))
        ? []
        : [`table ${table} is not in the schema ${schema}`],
    ),
    ...(tables.length > 0 && extension.migrations === undefined
      ? ['it has tables and no migrations']
      : []),
    ...Object.entries(refusals).flatMap(([word, [status]]) =>
      WORD.test(word) && status >= 400 && status < 500
        ? []
        : [`the refusal ${word} (${status}) is not a word and 4xx`],
    ),
  ];
}

/** What the doctor looks at: what holds for any type, and what they bring. */
export function extensionChecks(): readonly ExtensionCheck[] {
  return extensions().flatMap(({ name, types, checks = [] }) => [
    ...types.flatMap((type) =>
      type.tables.map((table) => ({
        name: `rows of ${table} are PAID exactly where their action is`,
        offenders: `
          select t.action_id as id from ${table} t
          where (t.state = 'PAID') <> exists (
            select from attempts a where a.action_id = t.action_id and a.state = 'PAID')`,
      })),
    ),
    ...checks.map((check) => ({ ...check, name: `${name}: ${check.name}` })),
  ]);
}
