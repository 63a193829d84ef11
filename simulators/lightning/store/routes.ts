import type { ClientBase } from 'pg';
import type { Route } from '../../../adapters/lightning/simulator-client/wallet-protocol.js';
import type { Msat } from '../../../domain/money.js';

/** The routes to a payee that has any of its own. */
export async function routesTo(tx: ClientBase, payee: string): Promise<Route[]> {
  const { rows } = await tx.query<{
    baseMsat: Msat;
    perMillion: bigint;
    cltvDelta: number;
    capacityMsat: Msat | null;
  }>(
    `select base_msat as "baseMsat", per_million as "perMillion", cltv_delta as "cltvDelta",
            capacity_msat as "capacityMsat"
       from lightning_sim.routes where payee = $1 order by n`,
    [payee],
  );
  return rows.map(({ baseMsat, perMillion, cltvDelta, capacityMsat }) => ({
    baseMsat,
    perMillion: Number(perMillion),
    cltvDelta,
    ...(capacityMsat === null ? {} : { capacityMsat }),
  }));
}

export async function replaceRoutes(
  tx: ClientBase,
  payee: string,
  routes: readonly Route[],
): Promise<void> {
  await tx.query('delete from lightning_sim.routes where payee = $1', [payee]);
  for (const [index, { baseMsat, perMillion, cltvDelta, capacityMsat }] of routes.entries()) {
    await tx.query(
      `insert into lightning_sim.routes (payee, n, base_msat, per_million, cltv_delta, capacity_msat)
       values ($1, $2, $3, $4, $5, $6)`,
      [payee, index + 1, baseMsat, perMillion, cltvDelta, capacityMsat],
    );
  }
}
