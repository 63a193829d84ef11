import { type Msat, satsToMsat, toMsat, ZERO_MSAT } from './money.js';

const MEGABYTE = 1024 * 1024;

/** Bytes of one file, and of all that are kept. */
export const MAX_UPLOAD_BYTES = 5 * MEGABYTE;
export const MAX_STORED_BYTES = 10_240 * MEGABYTE;

/** Bytes of an account's last 24 hours that cost nothing. */
const FREE_BYTES = 250 * MEGABYTE;
const FEE = satsToMsat(100n);

/** Bytes of the last 24 hours. */
export interface UploadVolume {
  readonly anonymous: boolean;
  readonly paidBytes: number;
  readonly unpaidBytes: number;
  readonly unpaidFiles: number;
}

/** What files cost that were not paid before: nothing up to 250 MB in 24 hours, else 100 sats each; 100 sats each without an account. */
export function mediaFeeOf(volume: UploadVolume): Msat {
  const { anonymous, paidBytes, unpaidBytes, unpaidFiles } = volume;
  if (!anonymous && paidBytes + unpaidBytes <= FREE_BYTES) return ZERO_MSAT;
  return toMsat(FEE * BigInt(unpaidFiles));
}

/** How each kind of file begins. */
const SIGNATURES: readonly (readonly [type: string, at: number, bytes: readonly number[]])[] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/gif', 0, [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', 8, [0x57, 0x45, 0x42, 0x50]],
  ['video/webm', 0, [0x1a, 0x45, 0xdf, 0xa3]],
  ['video/mp4', 4, [0x66, 0x74, 0x79, 0x70]],
];

/** The kind of a file by its content, since nothing else is believed. Undefined where it is none that is taken. */
export function contentTypeOf(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, at, signature]) =>
    signature.every((byte, index) => bytes[at + index] === byte),
  )?.[0];
}

const LINK =
  /\/v1\/uploads\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-f-])/gi;

/** The ids of uploads that a text shows, each once. */
export function uploadsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(LINK)].flatMap(([, id]) => id?.toLowerCase() ?? []))];
}
