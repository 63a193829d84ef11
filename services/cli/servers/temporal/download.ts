import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../run-command.js';
import { checkBinary, type Binary } from '../binary.js';
import { cacheFolder } from '../cache-folder.js';
import { NotHere } from '../resolve-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext } from '../types.js';
import { TEMPORAL } from './kind.js';

const LONGEST_MS = 300_000;

/** Temporal's command line as its SDK downloads it, kept in the cache. Throws {@link NotHere}. */
export async function downloadTemporal(context: LaunchContext): Promise<Binary> {
  const folder = join(cacheFolder(context.env), 'downloaded');
  await mkdir(folder, { recursive: true });
  const before = await findDownloaded(folder);
  if (before !== undefined) return before;
  try {
    await withProgress(context.report, 'Temporal: downloading', () => download(folder));
  } catch (error) {
    throw new NotHere(`the SDK's download failed: ${messageOf(error)}`);
  }
  const after = await findDownloaded(folder);
  if (after === undefined) throw new NotHere(`the SDK's download left nothing in ${folder}`);
  return after;
}

/** The SDK downloads only what it starts: this one is stopped at once, and the file is kept. */
async function download(downloadDir: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing after ${LONGEST_MS / 1000} s`)), LONGEST_MS);
  });
  try {
    await (await Promise.race([environment, late])).teardown();
  } finally {
    clearTimeout(timer);
  }
}

async function findDownloaded(folder: string): Promise<Binary | undefined> {
  for (const name of await readdir(folder)) {
    const binary = await checkBinary(join(folder, name), TEMPORAL).catch(() => undefined);
    if (binary !== undefined) return binary;
  }
  return undefined;
}
