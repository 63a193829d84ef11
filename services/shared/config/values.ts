import { z } from 'zod';
import { FAILPOINTS, readFailpoint } from '../../../engine/failpoint.js';
import { parseStoreKeys } from '../../../engine/stored-secrets.js';
import { MAX_MSAT, toMsat } from '../../../domain/money.js';
import { channelsWith } from '../../../domain/transmissions/settings.js';

/** Schemas for the values of variables: text in, checked value out. */

const LONGEST_SECONDS = 366 * 24 * 3600;

export const text = z.string().min(1);

export const port = wholeNumber(0, 65535);

/** Whole seconds, at least one: what BOLT11 can express. */
export const wholeSeconds = wholeNumber(1, LONGEST_SECONDS);

/** Seconds; fractions are accepted, so that tests need not wait. */
export const seconds = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'must be a number of seconds')
  .transform(Number)
  .pipe(z.number().max(LONGEST_SECONDS, `must be at most ${LONGEST_SECONDS}`));

export const millis = wholeNumber(0, LONGEST_SECONDS * 1000);

export const msat = z
  .string()
  .regex(/^\d{1,19}$/, 'must be a whole number of millisatoshi')
  .transform(BigInt)
  .pipe(z.bigint().max(MAX_MSAT).transform(toMsat));

/** An amount per byte, with up to six decimal places: whole millisatoshi and millionths of one. */
export const msatPerByte = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,6})?$/, 'must be a number of millisatoshi, with at most six decimals')
  .transform((given) => {
    const [whole = '0', decimals = ''] = given.split('.');
    return { msat: BigInt(whole), micros: BigInt(decimals.padEnd(6, '0')) };
  });

export const channelSettings = z.string().transform((given, context) => {
  const channels = channelsWith(given);
  if (channels !== undefined) return channels;
  context.addIssue({
    code: 'custom',
    message: 'must be like 1.rate=2000,4.timeout=20,5.size=100000,1.may=get+post',
  });
  return z.NEVER;
});

/** A value, or `none` for null. */
export function orNone<T>(value: z.ZodType<T, string>): z.ZodType<T | null, string> {
  return z.union([z.literal('none').transform(() => null), value]);
}

export const storeKeys = z.string().transform((given, context) => {
  const keys = parseStoreKeys(given);
  if (keys !== undefined) return keys;
  context.addIssue({ code: 'custom', message: 'must be like 1:<64 hex digits>,2:<64 hex digits>' });
  return z.NEVER;
});

/** Secrets by version, the highest version first. */
export const secretKeys = z.string().transform((given, context): readonly string[] => {
  const keys = new Map<number, string>();
  for (const part of given.split(',')) {
    const [, version = '', secret = ''] = /^\s*(\d{1,3}):(\S{32,})\s*$/.exec(part) ?? [];
    if (secret === '' || keys.has(Number(version))) {
      const message = 'must be like 1:<32 or more characters>,2:<32 or more characters>';
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
    keys.set(Number(version), secret);
  }
  return [...keys].sort(([a], [b]) => b - a).map(([, secret]) => secret);
});

export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });

export const smtpUrl = z.url({
  protocol: /^smtps?$/,
  error: 'must be an smtp:// or smtps:// URL',
});

/** An address, or a name with an address in angle brackets. */
export const mailSender = z
  .string()
  .regex(
    /^(?:[^<>\r\n]+ <[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/,
    'must be like Name <name@host>',
  );

export const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be a PostgreSQL URL, like postgres://user:password@host:5432/database',
});

/** One server or several, separated by commas. */
export const natsUrl = z
  .string()
  .regex(
    /^(nats|tls|ws|wss):\/\/[^\s,]+(,(nats|tls|ws|wss):\/\/[^\s,]+)*$/,
    'must be a NATS URL, like nats://127.0.0.1:4222',
  );

export const hostAndPort = z
  .string()
  .regex(/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'must be host:port');

export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().refine((value) => min <= value && value <= max, `must be ${min} to ${max}`));
}

/** Members of a fixed set, separated by commas, each at most once, at least one. */
export function listOf<const T extends string>(members: readonly T[]): z.ZodType<T[], string> {
  return z
    .string()
    .transform((list) => list.split(',').map((member) => member.trim()))
    .pipe(
      z
        .array(z.enum(members))
        .refine((list) => new Set(list).size === list.length, 'names something twice'),
    );
}

export const failpointList = z
  .string()
  .transform((list) => list.split(',').map((one) => one.trim()))
  .pipe(
    z.array(
      z
        .string()
        .refine(
          (one) => readFailpoint(one) !== undefined,
          `must be like name@times~milliseconds, with a name of ${FAILPOINTS.join(', ')}`,
        ),
    ),
  );

/** Origins as browsers send them, separated by commas; `none` for an empty list, `*` for all. */
export const origins = z
  .string()
  .regex(
    /^(none|\*|https?:\/\/[^\s,/]+(,https?:\/\/[^\s,/]+)*)$/,
    'must be origins like https://example.org, separated by commas, or *, or none',
  )
  .transform((list): readonly string[] => (list === 'none' ? [] : list.split(',')));

/** The same without `*`: where a page may read what not everybody may. */
export const namedOrigins = origins.refine(
  (list) => !list.includes('*'),
  'must name its origins: * is refused',
);

/** Of 32 characters or more, separated by commas; `none` for an empty list. */
export const formerSecrets = z
  .string()
  .regex(/^(none|[^,]{32,}(,[^,]{32,})*)$/, 'must be secrets of 32 or more characters, or none')
  .transform((list): readonly string[] => (list === 'none' ? [] : list.split(',')));

/** Names separated by commas; `none` for an empty list. */
export const addresses = z
  .string()
  .regex(/^[^\s,]+(,[^\s,]+)*$/, 'must be names separated by commas, or none')
  .transform((list): readonly string[] => (list === 'none' ? [] : list.split(',')));

/** Names or paths of modules, separated by commas, or `none`. */
export const moduleList = z.string().transform((given, context): readonly string[] => {
  if (given === 'none') return [];
  const modules = given.split(',').map((part) => part.trim());
  if (modules.every((name) => /^[^\s,]+$/.test(name))) return modules;
  context.addIssue({ code: 'custom', message: 'must be none, or modules separated by commas' });
  return z.NEVER;
});

/** 0 to 1. */
export const share = z
  .string()
  .regex(/^(0|1|0?\.\d{1,6}|1\.0{1,6})$/, 'must be a number from 0 to 1')
  .transform(Number);

/** Like `name=value,name=value`. */
export const headerList = z
  .string()
  .regex(/^[\w-]+=[^,]+(,[\w-]+=[^,]+)*$/, 'must be like name=value,name=value')
  .transform((list): Readonly<Record<string, string>> =>
    Object.fromEntries(
      list.split(',').map((part) => {
        const at = part.indexOf('=');
        return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
      }),
    ),
  );
