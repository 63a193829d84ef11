import type { Pool } from 'pg';
import { readBalance } from '../../../engine/credits/read-balance.js';
import { readAddresses } from '../../../engine/credits/rebuild/addresses.js';
import { rebuildAddress } from '../../../engine/credits/rebuild/rebuild.js';
import type { CreditMessage } from '../../../domain/credits/messages.js';
import { isoOfUs, type Us } from '../../../domain/credits/time.js';
import { Refusal } from '../../../domain/refusal.js';
import type { ScratchSchema } from './scratch-schema.js';
import {
  differenceOf,
  historyDifferences,
  lotDifferences,
  sameButForEmpty,
} from './vector-compare.js';
import type { Step, VectorCase } from './vector-file.js';
import { runRead } from './vector-reads.js';
import * as steps from './vector-steps.js';

export interface CaseResult {
  readonly vector: VectorCase;
  /** Empty: passed. */
  readonly differences: readonly string[];
}

/** Runs cases one after the other on emptied tables. A refused step changes nothing, and its case continues. */
export async function* runVectors(
  scratch: ScratchSchema,
  vectors: readonly VectorCase[],
): AsyncGenerator<CaseResult> {
  for (const vector of vectors) {
    await scratch.empty();
    yield { vector, differences: await runCase(scratch.pool, vector) };
  }
}

/** The results of the steps that have one. */
interface Outcome {
  submit?: string;
  reason?: string;
  schema?: 'valid' | 'invalid';
  parsed?: CreditMessage;
  /** Rows were inserted whose lots were not rebuilt yet. */
  unprojected: boolean;
}

async function runCase(pool: Pool, vector: VectorCase): Promise<readonly string[]> {
  const differences: string[] = [];
  const outcome: Outcome = { unprojected: false };
  for (const [i, step] of vector.steps.entries()) {
    try {
      differences.push(...(await runStep(pool, step, vector.now, outcome)));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        differences.push(`step ${i} (${step.op}): ${String(error)}`);
        continue;
      }
      outcome.reason = error.code.replace('credits.', '');
      if (step.op === 'submit') outcome.submit = 'rejected';
      if (step.op === 'parse') outcome.schema = 'invalid';
    }
  }
  return [
    ...differences,
    ...(await checkState(pool, vector)),
    ...checkOutcome(vector, outcome),
    ...(outcome.unprojected ? [] : await checkInvariants(pool)),
  ];
}

async function runStep(
  pool: Pool,
  step: Step,
  now: Us,
  outcome: Outcome,
): Promise<readonly string[]> {
  switch (step.op) {
    case 'distribute':
    case 'expense':
    case 'transfer':
      await steps.writeStep(pool, step);
      break;
    case 'history_insert':
      outcome.unprojected = true;
      await steps.insertRows(pool, step);
      break;
    case 'rebuild':
      outcome.unprojected = false;
      await steps.rebuild(pool, step);
      break;
    case 'set_history_origin':
      await steps.patchOrigin(pool, step);
      break;
    case 'resource_message':
    case 'resource_cost':
      await steps.addResource(pool, step);
      break;
    case 'affordability_sweep':
      await steps.sweep(pool, now);
      break;
    case 'submit':
      outcome.submit = await steps.submit(pool, step);
      break;
    case 'parse':
      outcome.parsed = steps.parse(step);
      outcome.schema = 'valid';
      break;
    case 'check':
      return checkBalances(pool, step.balances, step.now);
  }
  return [];
}

async function checkBalances(
  pool: Pool,
  balances: Readonly<Record<string, bigint>>,
  now: Us,
): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const [address, expected] of Object.entries(balances)) {
    const found = await readBalance(pool, 'aleph', address, now);
    differences.push(...differenceOf(`balance of ${address} at ${isoOfUs(now)}`, expected, found));
  }
  return differences;
}

async function checkState(pool: Pool, { expect, now, steps: done }: VectorCase): Promise<string[]> {
  const differences = [...(await checkBalances(pool, expect.balances ?? {}, now))];
  for (const later of expect.balances_at) {
    differences.push(...(await checkBalances(pool, later.balances, later.now)));
  }
  if (expect.lots !== undefined) differences.push(...(await lotDifferences(pool, expect.lots)));
  if (expect.history !== undefined) {
    differences.push(...(await historyDifferences(pool, expect.history, lastRef(done))));
  }
  for (const [i, read] of expect.reads.entries()) {
    const found = await runRead(pool, read, now);
    if (await sameButForEmpty(pool, read, found)) continue;
    differences.push(...differenceOf(`read ${i} (${read.fn})`, read.result, found));
  }
  for (const [hash, status] of Object.entries(expect.resource_status ?? {})) {
    const { rows } = await pool.query<{ status: string }>(
      'select status from credit_resources where item_hash = $1',
      [hash],
    );
    differences.push(...differenceOf(`status of ${hash}`, status, rows[0]?.status));
  }
  return differences;
}

/** The reference of the last step that wrote. */
function lastRef(done: readonly Step[]): string | undefined {
  return done
    .flatMap((step) => ('ref' in step && step.op !== 'set_history_origin' ? [step.ref] : []))
    .at(-1);
}

/** Reasons are pyaleph's; only insufficient balances have several names. */
function sameReason(expected: string, found: string | undefined): boolean {
  const word = 'insufficient';
  return expected === found || (expected.includes(word) && found?.includes(word) === true);
}

function checkOutcome({ expect }: VectorCase, outcome: Outcome): readonly string[] {
  const { submit, reason, schema, normalised } = expect;
  const differences: string[] = [];
  if (submit !== undefined) differences.push(...differenceOf('submit', submit, outcome.submit));
  if (schema !== undefined) differences.push(...differenceOf('schema', schema, outcome.schema));
  if (reason !== undefined && !sameReason(reason, outcome.reason)) {
    differences.push(...differenceOf('reason', reason, outcome.reason));
  }
  const entry = new Map<string, unknown>(Object.entries(outcome.parsed?.entries[0] ?? {}));
  for (const [field, value] of Object.entries(normalised ?? {})) {
    differences.push(...differenceOf(`normalised ${field}`, value, entry.get(field)));
  }
  return differences;
}

/** Invariants of every case: the sums balance, and a rebuild would change nothing. */
async function checkInvariants(pool: Pool): Promise<readonly string[]> {
  const differences: string[] = [];
  const { rows } = await pool.query<{ address: string }>(
    `select address from credit_books where lots_difference <> 0 or debits_difference <> 0
     union select address from credit_lot_books where difference <> 0`,
  );
  for (const { address } of rows) differences.push(`the sums of ${address} do not balance`);
  for (const address of await readAddresses(pool, 'aleph', '', 10_000)) {
    const { differed } = await rebuildAddress(pool, 'aleph', address, { dryRun: true });
    if (differed) differences.push(`a rebuild of ${address} would change its lots`);
  }
  return differences;
}
