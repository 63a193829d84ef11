import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../../../db/package-root.js';

const FILE = /^```\w+ (\S+)\n([\s\S]*?)^```$/gm;

/** Writes the package of docs/adding-an-action.md to a folder outside the repository: its module and migrations. */
export async function packageFromDocs(): Promise<{ folder: string; module: string }> {
  const page = await readFile(join(packageRoot(), 'docs', 'adding-an-action.md'), 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'tip-jar-'));
  for (const [, name = '', text = ''] of page.matchAll(FILE)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return { folder, module: join(folder, 'index.mjs') };
}
