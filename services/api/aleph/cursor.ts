import { z } from 'zod';
import { isStorable } from '../../../domain/storable.js';
import type { HistoryPlace, SortField } from '../../../engine/credits/history-query.js';
import { usOfIso } from '../../../domain/credits/time.js';
import { storable, Unprocessable } from './query.js';

/** pyaleph's cursors: unpadded base64url of compact JSON with sorted keys. */
function encode(value: Readonly<Record<string, unknown>>): string {
  const sorted = Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return Buffer.from(JSON.stringify(sorted)).toString('base64url');
}

function decode<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    throw new Unprocessable('cursor', 'Invalid cursor');
  }
}

const listCursor = z.object({ a: storable });

export function encodeListCursor(address: string): string {
  return encode({ a: address });
}

export function decodeListCursor(text: string): string {
  return decode(text, listCursor).a;
}

/** Checked here, so that PostgreSQL does not fail on it and cause a 500. */
const time = z.string().refine((text) => usOfIso(text) !== undefined);
const key = { r: storable, i: z.int().min(0).max(0x7fffffff) };
const historyCursor = z.union([
  z.object({ s: z.string(), v: z.union([z.string(), z.int()]).nullable(), o: z.int(), ...key }),
  z.object({ t: time, ...key }).transform(({ t, r, i }) => ({
    ...{ s: 'message_timestamp', v: t, o: -1, r, i },
  })),
]);

interface Sorting {
  readonly sortBy: SortField;
  readonly sortOrder: number;
}

export function encodeHistoryCursor({ sortBy, sortOrder }: Sorting, place: HistoryPlace): string {
  return encode({ s: sortBy, v: place.value, o: sortOrder, r: place.ref, i: place.index });
}

/** A cursor is valid only for the sort order that it was created with. */
export function decodeHistoryCursor(text: string, sorting: Sorting): HistoryPlace {
  const { s, v, o, r, i } = decode(text, historyCursor);
  if (s !== sorting.sortBy || o !== sorting.sortOrder) {
    throw new Unprocessable('cursor', 'The cursor is of another sort order');
  }
  return { value: v === null ? null : checkValue(sorting.sortBy, String(v)), ref: r, index: i };
}

function checkValue(sortBy: SortField, value: string): string {
  const isTime = sortBy === 'message_timestamp' || sortBy === 'expiration_date';
  const fits = isTime
    ? time.safeParse(value).success
    : sortBy !== 'amount' || /^-?\d{1,18}$/.test(value);
  if (!fits || !isStorable(value)) throw new Unprocessable('cursor', 'Invalid cursor');
  return value;
}
