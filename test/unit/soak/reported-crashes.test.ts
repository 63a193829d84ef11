import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { crashesTold } from '../../e2e/reported-crashes.helper.js';

let folder: string;
let logFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-logs-'));
  logFile = join(folder, 'relay-2.log');
});
afterEach(() => rm(folder, { recursive: true }));

const line = (level: string, time: string): string =>
  JSON.stringify({ level, time, msg: 'nobody caught this' });

it('tells of fatal lines since a moment, and of nothing else', async () => {
  const lines = [
    line('fatal', '2026-01-01T00:00:00.000Z'),
    line('error', '2026-01-01T00:00:02.000Z'),
    'failpoint after-open-commit',
    line('fatal', '2026-01-01T00:00:03.000Z'),
  ];
  await writeFile(logFile, lines.join('\n'));
  const since = (time: string): Promise<string[]> => crashesTold([logFile], new Date(time));
  expect(await since('2026-01-01T00:00:01.000Z')).toEqual([`crashed: relay-2.log: ${lines[3]}`]);
  expect(await since('2026-01-01T00:00:00.000Z')).toHaveLength(2);
  expect(await since('2026-01-01T00:00:04.000Z')).toEqual([]);
});
