import { setTimeout as pause } from 'node:timers/promises';
import { LightningError } from '../../../adapters/lightning/port.js';
import type { System } from '../../e2e/system.helper.js';
import type { SeededRandom } from './seeded-random.js';

/** Nodes of others, which are paid. */
export const PAYEES = ['soak-payee-1', 'soak-payee-2'] as const;
export const RECEIVER = 'soak-receiver';
/** Of a payee's wallets the one that is never there. */
export const NO_WALLET = 'soak-no-wallet';

type Outcome = Parameters<System['wallets']['decide']>[2];

/** What payees do with a payment: most take it; others refuse it, or leave it hanging and decide later. Answers are lost by the node. */
const FATES: readonly (readonly [number, Fate])[] = [
  [6, 'succeed'],
  [2, 'fail'],
  [1, 'timeout'],
  [1, 'error'],
  [2, 'late success'],
  [2, 'late failure'],
];
type Fate = Exclude<Outcome, 'hang'> | 'late success' | 'late failure';

const LONGEST_HANG_MS = 8_000;
const AGAIN_MS = 500;

export class Payees {
  readonly #deciding = new Set<Promise<void>>();

  constructor(private readonly system: System) {}

  /** Decides what becomes of payments with that hash, before one is made. Nothing where no payee has such an invoice, or nobody answers. */
  async meet(random: SeededRandom, hash: string): Promise<void> {
    const fate = random.weighted(FATES);
    const afterMs = random.between(100, LONGEST_HANG_MS);
    if (fate === 'succeed') return;
    try {
      const payee = await this.#payeeOf(hash);
      if (payee !== undefined) await this.#decide(payee, hash, fate, afterMs);
    } catch (error) {
      if (!(error instanceof LightningError)) throw error;
    }
  }

  /** Nothing hangs any more. */
  async allDecided(): Promise<void> {
    await Promise.all(this.#deciding);
  }

  async #decide(payee: string, hash: string, fate: Fate, afterMs: number): Promise<void> {
    if (fate !== 'late success' && fate !== 'late failure') {
      return this.system.wallets.decide(payee, hash, fate);
    }
    // Also where the answer to the next call is lost: nothing is to hang for ever.
    const outcome = fate === 'late success' ? 'succeed' : 'fail';
    const deciding: Promise<void> = this.#decideLater(payee, hash, outcome, afterMs).finally(() =>
      this.#deciding.delete(deciding),
    );
    this.#deciding.add(deciding);
    await this.system.wallets.decide(payee, hash, 'hang');
  }

  async #payeeOf(hash: string): Promise<string | undefined> {
    for (const name of [...PAYEES, RECEIVER]) {
      if ((await this.system.wallets.findInvoice(name, hash)) !== undefined) return name;
    }
    return undefined;
  }

  /** The node may be away at that moment: again until it has heard. */
  async #decideLater(
    payee: string,
    hash: string,
    outcome: Outcome,
    afterMs: number,
  ): Promise<void> {
    await pause(afterMs);
    for (;;) {
      try {
        await this.system.wallets.decide(payee, hash, outcome);
        return;
      } catch (error) {
        if (!(error instanceof LightningError)) throw error;
        await pause(AGAIN_MS);
      }
    }
  }
}
