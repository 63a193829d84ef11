import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledSdk } from '../../support/bundled-sdk.js';

const KB = 1000;
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'sdk-bundle-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const sizeOf = (code: string): number => gzipSync(code).length;

describe('in a browser', () => {
  it('the client is under 12 kB, without zod and without anything of Node', async () => {
    const code = await bundledSdk('index.js', folder);
    expect(sizeOf(code)).toBeLessThan(12 * KB);
    expect(code).not.toMatch(/ZodError|_zod/);
    expect(code).not.toMatch(/node:|require\(/);
    process.stdout.write(`sdk: ${sizeOf(code)} bytes gzipped\n`);
  });

  it('the wallet over nostr is loaded apart, and is under 30 kB', async () => {
    const code = await bundledSdk('nwc/index.js', folder);
    expect(sizeOf(code)).toBeLessThan(30 * KB);
    expect(code).not.toMatch(/ZodError|_zod|node:/);
    process.stdout.write(`sdk/nwc: ${sizeOf(code)} bytes gzipped\n`);
  });
});
