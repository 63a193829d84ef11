import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deathsSince, living } from '../../soak/chaos/deaths.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-deaths-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('tells who has ended, though it runs again, with what it said last', async () => {
  const worker = { pid: 11, spec: { logFile: join(folder, 'worker.log') } };
  const relay = { pid: 12, spec: { logFile: join(folder, 'relay.log') } };
  const lines = [
    '{"pid":11,"msg":"works"}',
    'FATAL ERROR: JavaScript heap out of memory',
    '{"pid":13,"msg":"works again"}',
  ];
  await writeFile(worker.spec.logFile, lines.join('\n'));
  await writeFile(relay.spec.logFile, '{"pid":12,"msg":"works"}');
  const born = living([worker, relay]);
  expect(await deathsSince(born)).toEqual([]);
  worker.pid = 13;
  expect(await deathsSince(born)).toEqual([
    [`${worker.spec.logFile}, process 11:`, ...lines.slice(0, 2)].join('\n'),
  ]);
});
