import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lightningBinariesOrReason } from '../integration/adapters/lightning/lnd-world.helper.js';
import { temporaryDataFolder } from '../support/shared-servers.js';
import { alive, RunningUp } from '../e2e/running-up.helper.js';

const binaries = await lightningBinariesOrReason();
if (typeof binaries === 'string') process.stdout.write(`up on lnd: not run: ${binaries}\n`);

/** A second start has chain, channels and programs already: under 15 s on two idle cores, several times as long on busy ones. */
const SECOND_START_MS = 60_000;

describe.skipIf(typeof binaries === 'string')('up --lightning lnd', () => {
  let dataDir: string;
  let remove: () => Promise<void>;
  const started: RunningUp[] = [];

  beforeEach(async () => {
    ({ dataDir, remove } = await temporaryDataFolder(() => undefined));
  });
  afterEach(async () => {
    for (const run of started) run.kill('SIGKILL');
    await Promise.all(started.splice(0).map((run) => run.ended()));
    await remove();
  });

  function up(...options: string[]): RunningUp {
    const run = new RunningUp(dataDir, { options: ['--lightning', 'lnd', ...options] });
    started.push(run);
    return run;
  }

  it('runs the demo over real nodes, and starts again in seconds with their chain and channels', async () => {
    const first = up('--once');
    expect(await first.ended(), first.output).toBe(0);
    expect(first.output).toContain('lnd 0.21.2 on regtest');
    expect(first.output).toContain('A zap to a wallet, wrapped');
    expect(first.output.trimEnd().split('\n').at(-1)).toMatch(/^demo: [1-9]\d* passed, 0 failed$/);
    expect(first.processes()).toHaveLength(6);
    expect(await alive(first.processes())).toEqual([]);

    const began = Date.now();
    const second = up();
    await second.prints('operator token');
    const took = Date.now() - began;
    process.stdout.write(`second start on lnd: ${(took / 1000).toFixed(1)} s\n`);
    expect(took).toBeLessThan(SECOND_START_MS);
    const servers = await second.servers();
    expect(servers).toHaveLength(7);
    second.kill('SIGINT');
    await second.ended();
    expect(await alive(servers)).toEqual([]);
  });
});
