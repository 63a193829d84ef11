import { z } from 'zod';
import { CHANNELS } from '../../../domain/transmissions/channels.js';
import {
  ALL_REGIONS,
  REGION_NUMBERS,
  regionsToBits,
} from '../../../domain/transmissions/regions.js';
import { SatelliteError } from './errors.js';
import type { Form } from './form.js';

/** An integer as Python's int() reads it, with its limit of 4300 digits. */
export const pythonInt = z
  .string()
  .max(4300, 'Not a valid integer.')
  .regex(/^\s*[+-]?\d+(_\d+)*\s*$/, 'Not a valid integer.')
  .transform((text) => BigInt(text.trim().replaceAll('_', '').replace(/^\+/, '')));

const atLeastZero = z.bigint().min(0n, 'Must be greater than or equal to 0.');

const channelNumbers = CHANNELS.map(({ number }) => number);

export const channelNumber = pythonInt
  .transform(Number)
  .refine((number) => channelNumbers.includes(number), {
    error: `Must be one of: ${channelNumbers.join(', ')}.`,
  });

const UNKNOWN_REGION = `Region number not found. The number should be one of [${REGION_NUMBERS.join(', ')}].`;

/** Reads a JSON array of region numbers into bits. */
export const regionList = z.string().transform((text, context) => {
  const list = z.array(z.unknown()).min(1).safeParse(parseJson(text));
  if (!list.success) return refuse(context, 'Invalid json array.');
  const numbers = z.array(z.literal(REGION_NUMBERS)).safeParse(list.data);
  if (!numbers.success) {
    return refuse(context, UNKNOWN_REGION);
  }
  return regionsToBits(numbers.data);
});

const orderForm = z.strictObject({
  bid: pythonInt.pipe(atLeastZero).default(0n),
  message: z
    .string()
    .refine((text) => Array.from(text).length <= 1024, 'Longer than maximum length 1024.')
    .optional(),
  regions: regionList.default(ALL_REGIONS),
  channel: channelNumber.default(1),
});

export type OrderForm = z.output<typeof orderForm>;

const required = { error: 'Missing data for required field.' };

const requiredInt = z.string(required).pipe(pythonInt);

const bumpForm = z.strictObject({
  uuid: z.string().optional(),
  bid_increase: requiredInt.pipe(atLeastZero),
  auth_token: z.string().optional(),
});

/** Of POST /order/UUID/bump. */
export function parseBumpForm(form: Form): z.output<typeof bumpForm> {
  return parseFields(bumpForm, form.fields);
}

const txForm = z.strictObject({ regions: z.string(required).pipe(regionList) });

/** Of POST /order/tx/SEQ. */
export function parseTxForm(form: Form): z.output<typeof txForm> {
  return parseFields(txForm, form.fields);
}

const rxForm = z.strictObject({
  region: requiredInt.transform(Number).refine((number) => REGION_NUMBERS.includes(number), {
    error: UNKNOWN_REGION,
  }),
});

/** Of POST /order/rx/SEQ. */
export function parseRxForm(form: Form): z.output<typeof rxForm> {
  return parseFields(rxForm, form.fields);
}

export function parseOrderForm(form: Form): OrderForm {
  return parseFields(orderForm, form.fields);
}

/** Throws SatelliteError with what is wrong by field, in the peer's words. */
export function parseFields<S extends z.ZodType>(
  schema: S,
  fields: ReadonlyMap<string, string>,
): z.output<S> {
  const parsed = schema.safeParse(Object.fromEntries(fields));
  if (parsed.success) return parsed.data;
  const texts = new Map<string, string[]>();
  for (const issue of parsed.error.issues) {
    const names =
      issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0] ?? '_schema')];
    const text = issue.code === 'unrecognized_keys' ? 'Unknown field.' : issue.message;
    for (const name of names) texts.set(name, [...(texts.get(name) ?? []), text]);
  }
  throw SatelliteError.fields(Object.fromEntries(texts));
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
