import { pino } from 'pino';
import type { Pool } from 'pg';
import { rebuildAddress } from '../../../engine/credits/rebuild/rebuild.js';
import { setDrainPolicy } from '../../../engine/credits/drain-policy.js';
import {
  type Finding,
  linesOf,
  verifyAddress,
  verifyLedger,
} from '../../../engine/credits/rebuild/verify.js';
import type { LedgerName } from '../../../domain/credits/lot.js';
import type { DrainOrder } from '../../../domain/credits/drain-policy.js';
import { usOfIso } from '../../../domain/credits/time.js';
import { loadConfigPart } from '../../shared/config.js';
import { createPool } from '../../shared/pool.js';
import { CommandError } from '../run-command.js';
import { rebuildLedgers } from './rebuild-workflow.js';

type Say = (line: string) => void;

export interface Which {
  /** Both when left out. */
  readonly ledger?: LedgerName;
  /** All when left out. */
  readonly address?: string;
}

const LEDGERS: readonly LedgerName[] = ['actions', 'aleph'];

/** Rebuilds one address in this process, whole ledgers by a workflow, which continues when this command is stopped. */
export async function rebuildCommand(which: Which, dryRun: boolean, say: Say): Promise<void> {
  const { address } = which;
  if (address === undefined) return rebuildLedgers(ledgersOf(which), dryRun, say);
  await withPool(async (pool) => {
    for (const ledger of ledgersOf(which)) {
      const rebuilt = await rebuildAddress(pool, ledger, address, { dryRun });
      for (const line of linesOf(rebuilt.difference)) say(`${ledger} ${address}  ${line}`);
      say(`${ledger} ${address}  ${outcomeOf(rebuilt.differed, dryRun)}`);
    }
  });
}

function outcomeOf(differed: boolean, dryRun: boolean): string {
  if (!differed) return 'agrees with its history';
  return dryRun ? 'differs' : 'rebuilt';
}

/** Sets the exit code to 1 when an address differs. A ledger without a fault is marked as verified. */
export function verifyCommand(which: Which, say: Say): Promise<void> {
  return withPool(async (pool) => {
    let count = 0;
    let faulty = 0;
    const report = ({ ledger, address, faults }: Finding): void => {
      count += 1;
      if (faults.length > 0) faulty += 1;
      for (const fault of faults) say(`${ledger} ${address}  ${fault}`);
    };
    for (const ledger of ledgersOf(which)) {
      if (which.address === undefined) await verifyLedger(pool, ledger, report);
      else report(await verifyAddress(pool, ledger, which.address));
    }
    say(`${count} addresses, ${faulty} differ`);
    if (faulty > 0) process.exitCode = 1;
  });
}

function ledgersOf({ ledger }: Which): readonly LedgerName[] {
  return ledger === undefined ? LEDGERS : [ledger];
}

export function policyCommand(
  ledger: LedgerName,
  order: DrainOrder,
  from: string,
  say: Say,
): Promise<void> {
  const fromUs = usOfIso(from);
  if (fromUs === undefined) {
    throw new CommandError(`${from} is not a time`, 'write it like 2026-12-01T00:00:00Z');
  }
  return withPool(async (pool) => {
    await setDrainPolicy(pool, { ledger, fromUs, order });
    say(`${ledger} drains ${order} first from ${from} on`);
  });
}

async function withPool(work: (pool: Pool) => Promise<void>): Promise<void> {
  const { databaseUrl } = loadConfigPart(['DATABASE_URL']);
  const pool = createPool({ databaseUrl, dbPoolSize: 2 }, pino({ level: 'silent' }));
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}
