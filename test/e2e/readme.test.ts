import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../db/package-root.js';
import { waitUntil } from '../support/wait-until.js';
import { System } from './system.helper.js';

const run = promisify(execFile);

let system: System;
let folder: string;

beforeAll(async () => {
  system = await System.start();
  folder = await mkdtemp(join(tmpdir(), 'quittance-readme-'));
});
afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The shell commands in a section of a page. */
async function commandsOf(page: string, heading: string): Promise<string> {
  const text = await readFile(join(packageRoot(), page), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading));
  if (section === undefined) throw new Error(`${page} has no section ${heading}`);
  const blocks = [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
  if (blocks.length === 0) throw new Error(`${page}: ${heading} has no commands`);
  return blocks.join('\n');
}

it('the commands of the README do what it says', async () => {
  const commands = [
    await commandsOf('README.md', 'Pay for something'),
    await commandsOf('README.md', 'Send a message by satellite'),
    await commandsOf('README.md', 'Grant and spend credits'),
    await commandsOf('docs/operations.md', 'What is stuck'),
  ].join('\n');
  // With the addresses and the token of this system instead of those of `npm start`.
  const script = commands
    .replace('http://127.0.0.1:8420', system.parts.apiUrl)
    .replace('$(cat .quittance/operator-token)', system.parts.operatorToken)
    .replace('http://127.0.0.1:7421', system.parts.lightningUrl)
    .replace('$ACTION', '$(json .id <post.json)');
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder });
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toBe('PENDING');
  expect(lines.filter((line) => line === 'succeeded')).toHaveLength(2);
  expect(stdout).toContain('\n5000\nPAID\n4000\n');
  expect(stdout).toContain('"processes":[]');
  expect(stdout).toContain('"event":"opened"');

  const post: unknown = JSON.parse(await readFile(join(folder, 'post.json'), 'utf8'));
  const { id } = z.object({ id: z.uuid() }).parse(post);
  await waitUntil(
    'the post is paid',
    async () => (await system.operator.getAction(id)).state === 'PAID',
  );
});
