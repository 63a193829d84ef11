import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endedSince, pidsOf, reportedCrashes } from '../../soak/chaos/crashes.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-crashes-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('finds processes that ended, also if they were restarted, with the last lines of their logs', async () => {
  const worker = { pid: 11, spec: { logFile: join(folder, 'worker.log') } };
  const relay = { pid: 12, spec: { logFile: join(folder, 'relay.log') } };
  const lines = [
    '{"pid":11,"msg":"works"}',
    'FATAL ERROR: JavaScript heap out of memory',
    '{"pid":13,"msg":"works again"}',
  ];
  await writeFile(worker.spec.logFile, lines.join('\n'));
  await writeFile(relay.spec.logFile, '{"pid":12,"msg":"works"}');
  const before = pidsOf([worker, relay]);
  expect(await endedSince(before)).toEqual([]);
  worker.pid = 13;
  expect(await endedSince(before)).toEqual([
    [`${worker.spec.logFile}, process 11:`, ...lines.slice(0, 2)].join('\n'),
  ]);
});

const line = (level: string, time: string): string =>
  JSON.stringify({ level, time, msg: 'nobody caught this' });

it('finds fatal log lines since a given time, and no others', async () => {
  const logFile = join(folder, 'relay-2.log');
  const lines = [
    line('fatal', '2026-01-01T00:00:00.000Z'),
    line('error', '2026-01-01T00:00:02.000Z'),
    'failpoint after-open-commit',
    line('fatal', '2026-01-01T00:00:03.000Z'),
  ];
  await writeFile(logFile, lines.join('\n'));
  const since = (time: string): Promise<string[]> => reportedCrashes([logFile], new Date(time));
  expect(await since('2026-01-01T00:00:01.000Z')).toEqual([`crashed: relay-2.log: ${lines[3]}`]);
  expect(await since('2026-01-01T00:00:00.000Z')).toHaveLength(2);
  expect(await since('2026-01-01T00:00:04.000Z')).toEqual([]);
});
