import { isLosslessNumber } from 'lossless-json';
import { z } from 'zod';
import { parseLossless } from '../../../domain/intake/lossless-json.js';
import type { StoreAnswer } from '../port.js';
import { type HttpAnswer, type Unavailable, unavailable } from './http-call.js';

export interface StoreJson {
  /** Numbers are LosslessNumber. */
  readonly json: unknown;
  readonly headers: Headers;
}

/** The store knows no such route: its REST API is off, moved, or needs the other form of address. */
export interface NoRoute {
  readonly kind: 'no_route';
}

export interface Refused {
  readonly kind: 'refused';
  readonly code: string;
  readonly status: number;
  /** Positions in the list of statuses that the store does not know. */
  readonly unknownStatuses: readonly number[];
}

export type JsonAnswer = Exclude<StoreAnswer<StoreJson>, { kind: 'refused' }> | Refused | NoRoute;

const errorBody = z.object({
  code: z.string(),
  data: z
    .object({ params: z.record(z.string(), z.unknown()).optional() })
    .nullish()
    .catch(null),
});

/** Tells what the store says of the object from what says nothing of it. */
export function readAnswer(answer: HttpAnswer | Unavailable): JsonAnswer {
  if (answer.kind === 'unavailable') return answer;
  const { status, headers, text } = answer;
  const json = parseLossless(text);
  if (json === undefined) {
    // A firewall's page, or the theme's page for an address that the site does not know.
    return status === 404 ? { kind: 'no_route' } : unavailable(`status ${status} without JSON`);
  }
  if (status >= 200 && status < 300) return { kind: 'ok', value: { json, headers } };
  const { data: error } = errorBody.safeParse(json);
  if (error === undefined) return unavailable(`status ${status} without an error code`);
  const { code } = error;
  if (code === 'rest_no_route') return { kind: 'no_route' };
  if (status === 404) {
    return code.endsWith('_invalid_id')
      ? { kind: 'not_found' }
      : unavailable(`status 404: ${code.slice(0, 100)}`);
  }
  const unknownStatuses = positions(error.data?.params?.['status']);
  return { kind: 'refused', code: code.slice(0, 100), status, unknownStatuses };
}

/** The sentence is translated; the position in it is not. */
function positions(problem: unknown): number[] {
  if (typeof problem !== 'string') return [];
  return [...problem.matchAll(/status\[(\d{1,4})\]/g)].map(([, position]) => Number(position));
}

/** A number that must survive as it was written. */
export const idNumber = z
  .custom<{ readonly value: string }>(isLosslessNumber)
  .transform(({ value }) => value)
  .pipe(z.string().regex(/^\d{1,19}$/))
  .transform(BigInt);
