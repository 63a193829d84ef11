import { Client, Connection } from '@temporalio/client';
import { createPool } from '../../../db/pool.js';
import { readUnverified } from '../../../engine/credits/rebuild/generation.js';
import { rebuildLedger } from '../../../engine/credits/rebuild/rebuild.js';
import { migrateAll } from '../../shared/extensions.js';
import { temporalConfigAt, temporalConnection } from '../../shared/temporal/access.js';
import { CommandError, messageOf } from '../run-command.js';
import { refuseWhileRunning } from './offline.js';
import { terminateWorkflows } from './terminate-workflows.js';

export interface Upgrade {
  readonly databaseUrl: string;
  /** Where the workflows of the earlier release are; undefined to leave them alone. */
  readonly temporal: { readonly address: string; readonly namespace: string } | undefined;
  readonly report: (line: string) => void;
}

/**
 * Brings the data of an earlier release to this one. Nothing may run meanwhile. It may be run again after a failure: workflows go
 * first, so that the database is as it was when Temporal does not answer. Throws CommandError, MigrationError.
 */
export async function upgrade({ databaseUrl, temporal, report }: Upgrade): Promise<void> {
  await refuseWhileRunning(databaseUrl);
  if (temporal !== undefined)
    report(`Temporal: ${await terminateIn(temporal)} workflows terminated`);
  const applied = await migrateAll({
    connectionString: databaseUrl,
    onApplied: (label, durationMs) => report(`applied ${label} in ${durationMs} ms`),
  });
  report(applied.length === 0 ? 'nothing to apply' : `${applied.length} applied`);
  await verifyCredits(databaseUrl, report);
}

const CONNECT_MS = 5_000;

async function terminateIn(temporal: NonNullable<Upgrade['temporal']>): Promise<number> {
  const { address, namespace } = temporal;
  let connection: Connection | undefined;
  try {
    const options = temporalConnection(temporalConfigAt(address));
    connection = await Connection.connect({ ...options, connectTimeout: CONNECT_MS });
    return await terminateWorkflows(new Client({ connection, namespace }));
  } catch (error) {
    throw new CommandError(
      `Temporal at ${address}: ${messageOf(error)}`,
      'start Temporal and run quittance upgrade again; where it has lost its data or is to be replaced, add --without-temporal',
      { cause: error },
    );
  } finally {
    await connection?.close();
  }
}

/** Nobody writes yet, and the API is not ready until every ledger is verified. */
export async function verifyCredits(
  connectionString: string,
  report: (line: string) => void,
): Promise<void> {
  const pool = createPool({
    ...{ connectionString, max: 1, applicationName: 'quittance-upgrade' },
    onError: () => undefined,
  });
  try {
    for (const ledger of await readUnverified(pool)) {
      const { addresses, differed } = await rebuildLedger(pool, ledger);
      report(`credits: ${addresses} addresses of ledger ${ledger} verified, ${differed} rebuilt`);
    }
  } finally {
    await pool.end();
  }
}
