import { z } from 'zod';

/** What of JSON Schema is in our OpenAPI document. */
export interface Schema {
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly oneOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
  readonly items?: Schema | boolean | undefined;
  readonly prefixItems?: readonly Schema[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly nullable?: boolean | undefined;
}

export const schemaSchema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    anyOf: z.array(schemaSchema).optional(),
    oneOf: z.array(schemaSchema).optional(),
    allOf: z.array(schemaSchema).optional(),
    items: z.union([z.boolean(), schemaSchema]).optional(),
    prefixItems: z.array(schemaSchema).optional(),
    properties: z.record(z.string(), schemaSchema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), schemaSchema]).optional(),
    nullable: z.boolean().optional(),
  }),
);

/** A TypeScript type. References become names of interfaces, by `nameOf`. */
export function typeOf(schema: Schema, nameOf: (reference: string) => string): string {
  const type = plainTypeOf(schema, nameOf);
  return schema.nullable === true ? union([type, 'null']) : type;
}

function plainTypeOf(schema: Schema, nameOf: (reference: string) => string): string {
  const of = (part: Schema): string => typeOf(part, nameOf);
  const { $ref, anyOf, oneOf, allOf } = schema;
  if ($ref !== undefined) return nameOf($ref);
  if ('const' in schema && schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  const some = anyOf ?? oneOf;
  if (some !== undefined) return union(some.map(of));
  if (allOf !== undefined) return allOf.map(of).join(' & ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  return types.length === 0 ? 'unknown' : union(types.map((type) => namedType(type, schema, of)));
}

function namedType(type: string, schema: Schema, of: (part: Schema) => string): string {
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'array') return arrayType(schema, of);
  if (type === 'object') return objectType(schema, of);
  return ['string', 'boolean', 'null'].includes(type) ? type : 'unknown';
}

function arrayType({ items, prefixItems }: Schema, of: (part: Schema) => string): string {
  if (prefixItems !== undefined) return `[${prefixItems.map(of).join(', ')}]`;
  return `(${typeof items === 'object' ? of(items) : 'unknown'})[]`;
}

function objectType(schema: Schema, of: (part: Schema) => string): string {
  const { properties = {}, required = [], additionalProperties: more } = schema;
  const fields = Object.entries(properties).map(([name, field]) => {
    const optional = required.includes(name) ? '' : '?';
    return `${JSON.stringify(name)}${optional}: ${of(field)};`;
  });
  if (fields.length > 0) return `{ ${fields.join(' ')} }`;
  if (typeof more === 'object') return `Record<string, ${of(more)}>`;
  return more === false ? 'Record<string, never>' : 'Record<string, unknown>';
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}
