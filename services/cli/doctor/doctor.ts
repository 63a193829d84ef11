import type { NatsConnection } from 'nats';
import type { Pool } from 'pg';
import type { SimulatorControl } from '../../../adapters/lightning/simulator-client/simulator-control.js';
import type { Finding, Settings } from './check.js';
import { DEAD_LETTERS_CHECK, examineDeadLetters } from './checks/dead-letters.js';
import { examineNode } from './checks/node.js';
import { examineStreams, STREAMS_CHECK } from './checks/streams.js';
import {
  AT_REST_GRACE_SECONDS,
  CHECKS,
  examine,
  inSnapshot,
  LIVE_GRACE_SECONDS,
} from './examine.js';

export interface Patient {
  readonly pool: Pool;
  /** Rejects when NATS cannot be reached. */
  readonly connectNats: () => Promise<NatsConnection>;
  readonly node: SimulatorControl;
  readonly outboxKeepHours: number;
  /** Nothing is being done any more: what is still open or unpublished is broken, too. */
  readonly atRest: boolean;
}

/** Every check there is. Changes nothing; what happens meanwhile does not disturb it. */
export async function diagnose(patient: Patient): Promise<Finding[]> {
  const { pool, outboxKeepHours, atRest, node } = patient;
  const graceSeconds = atRest ? AT_REST_GRACE_SECONDS : LIVE_GRACE_SECONDS;
  const settings: Settings = { outboxKeepHours, graceSeconds };
  return inSnapshot(pool, async (tx) => {
    const findings = await examine(tx, CHECKS, settings);
    findings.push(...(await examineNode(tx, node, settings)));
    findings.push(
      ...(await withNats(patient, [STREAMS_CHECK, DEAD_LETTERS_CHECK], async (nc) => [
        await examineStreams(tx, nc),
        await examineDeadLetters(pool, nc),
      ])),
    );
    return findings;
  });
}

/** Broken, or not known to be well. */
export function isIll({ verdict }: Finding): boolean {
  return verdict === 'BROKEN' || verdict === 'unchecked';
}

async function withNats(
  { connectNats }: Patient,
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
