import { z } from 'zod';
import { faultsSchema, type Faults } from './faults.js';
import { callNode, type Endpoint } from './http-call.js';
import {
  heightSchema,
  recountSchema,
  releaseSchema,
  settledPageSchema,
} from './wallet-protocol.js';
import type { PaymentHash } from '../port.js';

export type SettledInvoice = z.output<typeof settledPageSchema>['invoices'][number];

/** Fault switches and books of the simulated node. Not served in production. */
export class SimulatorControl {
  constructor(private readonly endpoint: Endpoint) {}

  /** Replaces all earlier faults. */
  setFaults(faults: z.input<typeof faultsSchema>): Promise<Faults> {
    const path = '/control/faults';
    return callNode(this.endpoint, { method: 'PUT', path, body: faults, answer: faultsSchema });
  }

  clearFaults(): Promise<void> {
    return callNode(this.endpoint, {
      method: 'DELETE',
      path: '/control/faults',
      answer: z.void(),
    });
  }

  /** Lets the operations run that a fault has parked. Gives their number, when all have ended. */
  async release(): Promise<number> {
    const path = '/control/release';
    const call = { method: 'POST', path, body: {}, answer: releaseSchema } as const;
    return (await callNode(this.endpoint, call)).released;
  }

  /** Adds blocks to the chain. Gives the new height. */
  async mine(count: number): Promise<number> {
    const path = '/control/blocks';
    const call = { method: 'POST', path, body: { count }, answer: heightSchema } as const;
    return (await callNode(this.endpoint, call)).blockHeight;
  }

  /** Takes an invoice and a payment out of the node's data, as a restored node or a deleting operator does. */
  forget(hash: PaymentHash): Promise<void> {
    const path = '/control/forget';
    return callNode(this.endpoint, { method: 'POST', path, body: { hash }, answer: z.void() });
  }

  /** Recomputes all balances from deposits and payments. */
  recount(): Promise<z.output<typeof recountSchema>> {
    return callNode(this.endpoint, {
      method: 'GET',
      path: '/control/recount',
      answer: recountSchema,
    });
  }

  /** Every settled invoice of the node. */
  async *settled(): AsyncGenerator<SettledInvoice> {
    for (let after: string | undefined = ''; after !== undefined;) {
      const page: z.output<typeof settledPageSchema> = await callNode(this.endpoint, {
        method: 'GET',
        path: `/control/settled?after=${after}`,
        answer: settledPageSchema,
      });
      yield* page.invoices;
      after = page.invoices.at(-1)?.hash;
    }
  }
}
