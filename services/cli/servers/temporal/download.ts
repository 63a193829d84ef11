import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../run-command.js';
import { type Binary, cacheFolder, checkBinary } from '../binary.js';
import { NotAvailable } from '../resolve-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext } from '../types.js';
import { TEMPORAL } from './connect.js';

const TIMEOUT_MS = 300_000;

/** Temporal's command line, downloaded by its SDK and kept in the cache. Throws {@link NotAvailable}. */
export async function downloadTemporal(context: LaunchContext): Promise<Binary> {
  const folder = join(cacheFolder(context.env), 'downloaded');
  await mkdir(folder, { recursive: true });
  const before = await findDownloaded(folder);
  if (before !== undefined) return before;
  try {
    await withProgress(context.report, 'Temporal: downloading', () => download(folder));
  } catch (error) {
    throw new NotAvailable(`the SDK's download failed: ${messageOf(error)}`);
  }
  const after = await findDownloaded(folder);
  if (after === undefined)
    throw new NotAvailable(`the SDK's download left no usable binary in ${folder}`);
  return after;
}

/** The SDK downloads only what it starts: we stop that server at once and keep the file. */
async function download(downloadDir: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir } },
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
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
