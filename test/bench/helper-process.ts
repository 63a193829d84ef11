import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import { Child } from '../../services/cli/up/child.js';

export interface HelperProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a compiled script of test/bench/ as a process of its own, so that it does not share a thread with the callers. */
export async function startHelperProcess(
  script: string,
  env: Readonly<Record<string, string>>,
  logs: string,
): Promise<HelperProcess> {
  const name = script.replaceAll('/', '-').replace(/\.js$/, '');
  const child = new Child({
    name,
    script: join(packageRoot(), 'dist-bench', 'test', 'bench', script),
    env,
    logFile: join(logs, `${name}.log`),
  });
  const failed = child.ended.then((how): never => {
    throw new Error(`${script} ended (${how}): see ${logs}`);
  });
  const url = await Promise.race([child.url, failed]);
  failed.catch(() => undefined);
  return { url, stop: () => child.stop(10_000) };
}
