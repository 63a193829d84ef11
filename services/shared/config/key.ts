import { z } from 'zod';

/** What the documentation and the log at start say about a variable. */
export interface KeyInfo {
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

const infoOfSchema = z.registry<KeyInfo>();

export function infoOf(schema: z.ZodType): KeyInfo {
  const info = infoOfSchema.get(schema);
  if (info === undefined)
    throw new Error('a configuration key must be made by required(), optional() or withDefault()');
  return info;
}

export function required<S extends TextSchema>(schema: S, info: Omit<KeyInfo, 'default'>): S {
  infoOfSchema.add(schema, info);
  return schema;
}

export function optional<S extends TextSchema>(
  schema: S,
  info: Omit<KeyInfo, 'default'>,
): z.ZodOptional<S> {
  const key = schema.optional();
  infoOfSchema.add(key, info);
  return key;
}

/** The default is parsed like a given value, so that it cannot be out of range. */
export function withDefault<S extends TextSchema>(
  schema: S,
  fallback: z.input<S>,
  info: Omit<KeyInfo, 'default'>,
): z.ZodPrefault<S> {
  const key = schema.prefault(fallback);
  infoOfSchema.add(key, { ...info, default: fallback });
  return key;
}
