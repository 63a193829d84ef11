import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { packageRoot } from '../../../db/package-root.js';
import type { System } from '../../e2e/system.helper.js';
import { type Paid, payUntil, postInStorm } from './pay-steadily.js';

export interface CrowdOptions {
  /** Callers without an account that open attempts at the same time, as fast as they can. */
  readonly callers: number;
  /** The networks that they come from. */
  readonly networks: number;
  /** Of each half: before the crowd comes, and while it is there. */
  readonly seconds: number;
  /** An account opens and pays an attempt every so often. */
  readonly payEveryMs: number;
}

export interface CrowdReport {
  readonly quiet: readonly Paid[];
  readonly crowded: readonly Paid[];
  /** How many answers of each kind the crowd got: status, media type, code. */
  readonly answers: Readonly<Record<string, number>>;
}

/** Limits are as they are by default; the crowd's networks are named by a proxy. */
export const CROWD_ENVIRONMENT = { QUITTANCE_TRUSTED_PROXIES: '127.0.0.1' };

/** Somebody with an account pays, first alone, then beside a crowd without accounts. */
export async function runCrowd(system: System, options: CrowdOptions): Promise<CrowdReport> {
  const { seconds, payEveryMs: everyMs } = options;
  const itemId = await postInStorm(system);
  const payer = { client: await system.account('ordinary-payer'), itemId, everyMs };
  const end = performance.now() + seconds * 1000;
  const quiet = await payUntil(system, payer, () => performance.now() >= end);
  let over = false;
  const crowd = gather(system, itemId, options).finally(() => (over = true));
  const crowded = await payUntil(system, payer, () => over);
  return { quiet, crowded, answers: await crowd };
}

async function gather(
  { parts: { apiUrl } }: System,
  itemId: string,
  { callers, networks, seconds }: CrowdOptions,
): Promise<Readonly<Record<string, number>>> {
  const script = join(packageRoot(), 'test/soak/storm/crowd-callers.mjs');
  const args = [script, apiUrl, itemId, ...[callers, networks, seconds].map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return z.record(z.string(), z.int()).parse(JSON.parse(stdout));
}
