import { pino } from 'pino';
import type { Pool } from 'pg';
import { readAddresses, rebuildAddress } from '../../../activities/credits/rebuild.js';
import { setDrainPolicy } from '../../../activities/credits/policy.js';
import { linesOf, verifyAddress } from '../../../activities/credits/verify.js';
import type { LedgerName } from '../../../domain/credits/lot.js';
import type { DrainOrder } from '../../../domain/credits/order.js';
import { usOfIso } from '../../../domain/credits/time.js';
import { loadConfigPart } from '../../shared/config.js';
import { createPool } from '../../shared/pool.js';
import { CommandError } from '../run-command.js';

type Say = (line: string) => void;

export interface Which {
  /** Both when left out. */
  readonly ledger?: LedgerName;
  /** All when left out. */
  readonly address?: string;
}

const PAGE = 500;

/** Rebuilds address by address, so that it can be stopped and begun again; writes may go on. */
export function rebuildCommand(which: Which, dryRun: boolean, say: Say): Promise<void> {
  return withPool(async (pool) => {
    let differed = 0;
    const count = await eachAddress(pool, which, async (ledger, address) => {
      const rebuilt = await rebuildAddress(pool, ledger, address, { dryRun });
      if (!rebuilt.differed) return;
      differed += 1;
      for (const line of linesOf(rebuilt.difference)) say(`${ledger} ${address}  ${line}`);
    });
    say(`${count} addresses, ${differed} ${dryRun ? 'differ' : 'rebuilt'}`);
  });
}

/** Fails when anything differs. */
export function verifyCommand(which: Which, say: Say): Promise<void> {
  return withPool(async (pool) => {
    let unsound = 0;
    const count = await eachAddress(pool, which, async (ledger, address) => {
      const { faults } = await verifyAddress(pool, ledger, address);
      if (faults.length > 0) unsound += 1;
      for (const fault of faults) say(`${ledger} ${address}  ${fault}`);
    });
    say(`${count} addresses, ${unsound} differ`);
    if (unsound > 0) process.exitCode = 1;
  });
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

async function eachAddress(
  pool: Pool,
  { ledger, address }: Which,
  visit: (ledger: LedgerName, address: string) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (const name of ledger === undefined ? (['actions', 'aleph'] as const) : [ledger]) {
    let page: readonly string[] = address === undefined ? [''] : [address];
    let after = '';
    do {
      page = address === undefined ? await readAddresses(pool, name, after, PAGE) : page;
      for (const each of page) await visit(name, each);
      count += page.length;
      after = page.at(-1) ?? '';
    } while (address === undefined && page.length === PAGE);
  }
  return count;
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
