import type { NatsConnection } from 'nats';
import type { ClientBase, Pool } from 'pg';
import type { SimulatorControl } from '../../../adapters/lightning/simulator-client/simulator-control.js';
import { extensionChecks } from '../../../engine/extensions/registered.js';
import { readMaintenance } from '../../../engine/maintenance-mode.js';
import type { Finding, Settings } from './check.js';
import { DEAD_LETTERS_CHECK, checkDeadLetters } from './checks/dead-letters.js';
import { checkLnd, type RealNode } from './checks/lnd.js';
import { checkNode } from './checks/node.js';
import { checkStreams, STREAMS_CHECK } from './checks/streams.js';
import {
  AT_REST_GRACE_SECONDS,
  CHECKS,
  inSnapshot,
  LIVE_GRACE_SECONDS,
  runChecks,
} from './run-checks.js';

/** The system to check. */
export interface DoctorTarget {
  readonly pool: Pool;
  /** Rejects when NATS cannot be reached. */
  readonly connectNats: () => Promise<NatsConnection>;
  readonly node: SimulatorControl | RealNode;
  readonly outboxKeepHours: number;
  /** All work has stopped: what is still open or unpublished is broken, too. */
  readonly atRest: boolean;
}

/** Runs every check on one snapshot of the data. Changes nothing. */
export async function runDoctor(target: DoctorTarget): Promise<Finding[]> {
  const { pool, outboxKeepHours, atRest, node } = target;
  const graceSeconds = atRest ? AT_REST_GRACE_SECONDS : LIVE_GRACE_SECONDS;
  const settings: Settings = { outboxKeepHours, graceSeconds };
  return inSnapshot(pool, async (tx) => {
    const findings = await runChecks(tx, [...CHECKS, ...extensionChecks()], settings);
    findings.push(await noteMaintenance(tx));
    const isReal = 'channel' in node;
    findings.push(
      ...(isReal ? await checkLnd(tx, node, settings) : await checkNode(tx, node, settings)),
    );
    findings.push(
      ...(await withNats(target, [STREAMS_CHECK, DEAD_LETTERS_CHECK], async (nc) => [
        await checkStreams(tx, nc),
        await checkDeadLetters(pool, nc),
      ])),
    );
    return findings;
  });
}

/** Maintenance mode is no failure: somebody wants it. */
async function noteMaintenance(tx: ClientBase): Promise<Finding> {
  const finding = { check: 'new invoices are asked for', count: 0, ids: [] };
  const mode = await readMaintenance(tx);
  if (mode === undefined) return { ...finding, verdict: 'ok' };
  const note = `maintenance mode is on since ${mode.since.toISOString()}: ${mode.because}`;
  return { ...finding, verdict: 'skipped', note };
}

/** Broken, or not checked. */
export function isFailure({ verdict }: Finding): boolean {
  return verdict === 'BROKEN' || verdict === 'unchecked';
}

async function withNats(
  { connectNats }: DoctorTarget,
  checks: readonly string[],
  work: (nc: NatsConnection) => Promise<Finding[]>,
): Promise<Finding[]> {
  let nc: NatsConnection | undefined;
  try {
    nc = await connectNats();
    return await work(nc);
  } catch (error) {
    const note = `NATS: ${error instanceof Error ? error.message : String(error)}`;
    return checks.map((check) => ({ check, verdict: 'unchecked', count: 0, ids: [], note }));
  } finally {
    await nc?.close();
  }
}
