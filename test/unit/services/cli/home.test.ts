import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { homeIn, ownSecret, writePrivate } from '../../../../services/cli/up/home.js';
import { keptSigningVariables } from '../../../../services/cli/up/signing-keys.js';
import { DEVELOPMENT_SECRET } from '../../../../services/shared/config.js';

const folder = mkdtempSync(join(tmpdir(), 'quittance-home-'));
const home = homeIn(folder);
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  for (const file of [home.secret, home.env, home.signingKeys]) rmSync(file, { force: true });
});

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

it('what is kept is for its owner alone, also in files that were open before', async () => {
  const umask = process.umask(0);
  try {
    for (const file of [home.env, home.signingKeys]) writeFileSync(file, '{}', { mode: 0o644 });
    await writePrivate(home.env, 'x');
    await keptSigningVariables(home.signingKeys, {});
    await ownSecret(home);
  } finally {
    process.umask(umask);
  }
  const modes = [home.env, home.signingKeys, home.secret].map(modeOf);
  expect(modes).toEqual(['600', '600', '600']);
});

it('each installation has a secret of its own, the same at every start', async () => {
  const secret = await ownSecret(home);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(secret).not.toBe(DEVELOPMENT_SECRET);
  expect(await ownSecret(home)).toBe(secret);
});
