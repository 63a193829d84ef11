import { z } from 'zod';
import type { ConfirmationKind } from '../../domain/transmissions/confirmation.js';
import { REGION_NUMBERS } from '../../domain/transmissions/regions.js';

/**
 * An order that a simulated station fails to send. `tx`: the region's host does not send, so nothing is
 * received there. `rx`: it is sent, and the receiver does not confirm.
 */
export const missSchema = z
  .strictObject({
    /** Only this order. Default: every order. */
    uuid: z.uuid().optional(),
    /** The same, by sequence number. */
    txSeqNum: z.int32().min(1).optional(),
    region: z.literal([...REGION_NUMBERS]),
    kind: z.enum(['tx', 'rx']),
    /** How many times. */
    times: z.int().min(1).max(1000).default(1),
  })
  .readonly();

export type Miss = z.output<typeof missSchema>;

export interface Sending {
  readonly uuid: string;
  readonly txSeqNum: number;
}

/** The failures that are switched on for the stations of this process. */
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

  /** Whether to fail this time; counts it. */
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
