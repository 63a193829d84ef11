import { z } from 'zod';
import { type Schema, schemaSchema, typeOf } from './type-of-schema.js';

const content = z.record(z.string(), z.object({ schema: schemaSchema.optional() }));
const operation = z.object({
  operationId: z.string(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().optional(),
        schema: schemaSchema.optional(),
      }),
    )
    .default([]),
  requestBody: z.object({ required: z.boolean().optional(), content }).optional(),
  responses: z.record(z.string(), z.object({ content: content.optional() })),
});
/** Peers' routes have none. */
const ofOurs = z.object({ 'x-access': z.string() });
type Operation = z.output<typeof operation>;

const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), schemaSchema).default({}) }),
});

const ARGS = /^Args_of_(.+)$/;
const HEADER = `/** Made from the API's OpenAPI document by \`npm run docs\`: do not edit. */\n`;

/** A module of the client: every operation of /v1 with JSON answers, and the arguments of every action type. */
export function operationsModule(openapi: unknown): string {
  const { paths, components } = document.parse(openapi);
  const operations = operationsOf(paths);
  const schemas = Object.entries(components.schemas);
  const members = operations.map(({ of }) => `${of.operationId}: ${requestType(of)};`);
  const args = schemas.flatMap(([name]) => {
    const [, type] = ARGS.exec(name) ?? [];
    return type === undefined ? [] : [`${type}: ${typeName(name)};`];
  });
  const declared = usedTypes(components.schemas, [...members, ...args]);
  return [
    HEADER,
    'export const OPERATIONS = {',
    ...operations.map(({ address, of }) => `${of.operationId}: '${address}',`),
    '} as const;\n',
    'export type OperationName = keyof Operations;\n',
    '/** What each operation takes and answers. */',
    'export interface Operations {',
    ...members,
    '}\n',
    '/** The arguments of each type of action. Those of an extension are added by merging into it. */',
    'export interface ActionArgs {',
    ...args,
    '}\n',
    ...declared,
    '',
  ].join('\n');
}

/** The types that those lines name, directly or not, in the order of the document. */
function usedTypes(
  schemas: Readonly<Record<string, Schema>>,
  lines: readonly string[],
): readonly string[] {
  const texts = new Map(
    Object.entries(schemas).map(([name, schema]) => [typeName(name), typeOf(schema, nameOf)]),
  );
  const used = new Set<string>();
  const look = (text: string): void => {
    for (const [name = ''] of text.matchAll(/\b\w+Json\b/g)) {
      const body = texts.get(name);
      if (body === undefined || used.has(name)) continue;
      used.add(name);
      look(body);
    }
  };
  lines.forEach(look);
  return [...texts].flatMap(([name, text]) => (used.has(name) ? [`type ${name} = ${text};`] : []));
}

interface Listed {
  /** Like `GET /v1/items/{id}`. */
  readonly address: string;
  readonly of: Operation;
}

/** Those of /v1 that answer JSON: streams of events are read otherwise. */
function operationsOf(paths: z.output<typeof document>['paths']): Listed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, described]) => {
      if (!ofOurs.safeParse(described).success || !path.startsWith('/v1/')) return [];
      const of = operation.parse(described);
      if (answerOf(of) === undefined) return [];
      return [{ address: `${method.toUpperCase()} ${path}`, of }];
    }),
  );
}

function answerOf({ responses }: Operation): Schema | undefined {
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const [schema] = good.flatMap(([, { content: of }]) => of?.['application/json']?.schema ?? []);
  return schema;
}

function requestType(of: Operation): string {
  const params = of.parameters.filter(({ in: place }) => place === 'path');
  const query = of.parameters.filter(({ in: place }) => place === 'query');
  const body = of.requestBody?.content['application/json']?.schema;
  const bodyOptional = of.requestBody?.required === true ? '' : '?';
  return [
    '{',
    ...(params.length === 0 ? [] : [`params: { ${params.map(parameter).join(' ')} };`]),
    ...(query.length === 0 ? [] : [`query?: { ${query.map(parameter).join(' ')} };`]),
    ...(body === undefined ? [] : [`body${bodyOptional}: ${typeOf(body, nameOf)};`]),
    `answer: ${typeOf(answerOf(of) ?? {}, nameOf)};`,
    '}',
  ].join(' ');
}

function parameter({
  name,
  in: place,
  required,
  schema = {},
}: Operation['parameters'][number]): string {
  const optional = required === true ? '' : '?';
  const type = typeOf(schema, nameOf);
  // In the address, a number may be given as one.
  const lenient = place === 'query' && /^(string)$/.test(type) ? 'string | number' : type;
  return `${JSON.stringify(name)}${optional}: ${lenient};`;
}

function nameOf(reference: string): string {
  return typeName(reference.split('/').at(-1) ?? '');
}

/** Names in the document may be words that TypeScript has of its own. */
function typeName(name: string): string {
  return `${name.replace(/[^A-Za-z0-9]/g, '')}Json`;
}
