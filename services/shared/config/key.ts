import { z } from 'zod';

/** What the documentation and the log at start say about a variable. */
export interface KeyFacts {
  readonly description: string;
  readonly unit?: string;
  /** The default, as written in the environment. */
  readonly default?: string;
  /** Never logged, not even partly. */
  readonly secret?: boolean;
  /** May contain a password: logged without it. */
  readonly url?: boolean;
}

type TextSchema = z.ZodType<unknown, string>;

const factsOfSchema = z.registry<KeyFacts>();

export function factsOf(schema: z.ZodType): KeyFacts {
  const facts = factsOfSchema.get(schema);
  if (facts === undefined)
    throw new Error('a configuration key must be made by required(), optional() or withDefault()');
  return facts;
}

export function required<S extends TextSchema>(schema: S, facts: Omit<KeyFacts, 'default'>): S {
  factsOfSchema.add(schema, facts);
  return schema;
}

export function optional<S extends TextSchema>(
  schema: S,
  facts: Omit<KeyFacts, 'default'>,
): z.ZodOptional<S> {
  const key = schema.optional();
  factsOfSchema.add(key, facts);
  return key;
}

/** The default is parsed like a given value, so that it cannot be out of range. */
export function withDefault<S extends TextSchema>(
  schema: S,
  fallback: z.input<S>,
  facts: Omit<KeyFacts, 'default'>,
): z.ZodPrefault<S> {
  const key = schema.prefault(fallback);
  factsOfSchema.add(key, { ...facts, default: fallback });
  return key;
}
