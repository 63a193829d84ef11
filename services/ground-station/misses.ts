import { z } from 'zod';
import type { ConfirmationKind } from '../../domain/transmissions/confirmation.js';
import { REGION_NUMBERS } from '../../domain/transmissions/regions.js';

/**
 * An order that the simulated stations are to fail at. `tx`: the region's host does not send, so nothing is received there
 * either. `rx`: it is sent, and the receiver stays silent.
 */
export const missSchema = z
  .strictObject({
    /** Of this order only. */
    uuid: z.uuid().optional(),
    /** The same by its sequence number. */
    txSeqNum: z.int32().min(1).optional(),
    region: z.literal([...REGION_NUMBERS]),
    kind: z.enum(['tx', 'rx']),
    /** So many times. */
    times: z.int().min(1).max(1000).default(1),
  })
  .readonly();

export type Miss = z.output<typeof missSchema>;

export interface Sending {
  readonly uuid: string;
  readonly txSeqNum: number;
}

/** What the simulated stations of this process are told to fail at. */
export class Misses {
  #pending: Miss[] = [];

  add(miss: Miss): void {
    this.#pending.push(miss);
  }

  list(): readonly Miss[] {
    return this.#pending;
  }

  clear(): void {
    this.#pending = [];
  }

  /** Whether to fail this time, which then counts. */
  take(region: number, kind: ConfirmationKind, { uuid, txSeqNum }: Sending): boolean {
    const miss = this.#pending.find(
      (one) =>
        one.region === region &&
        one.kind === kind &&
        (one.uuid ?? uuid) === uuid &&
        (one.txSeqNum ?? txSeqNum) === txSeqNum,
    );
    if (miss === undefined) return false;
    this.#pending = this.#pending.flatMap((one) => {
      if (one !== miss) return [one];
      return one.times === 1 ? [] : [{ ...one, times: one.times - 1 }];
    });
    return true;
  }
}
