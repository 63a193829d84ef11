import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';
import { Child } from '../../services/cli/up/child.js';

export interface Helper {
  readonly url: string;
  stop(): Promise<void>;
}

/** A process of the bench's own: what it measures must not share the callers' thread. `script` is under test/bench/. */
export async function startHelper(
  script: string,
  env: Readonly<Record<string, string>>,
  logs: string,
): Promise<Helper> {
  const name = script.replaceAll('/', '-').replace(/\.js$/, '');
  const child = new Child({
    name,
    script: join(packageRoot(), 'dist-bench', 'test', 'bench', script),
    env,
    logFile: join(logs, `${name}.log`),
  });
  const died = child.ended.then((how): never => {
    throw new Error(`${script} ended (${how}): see ${logs}`);
  });
  const url = await Promise.race([child.url, died]);
  died.catch(() => undefined);
  return { url, stop: () => child.stop(10_000) };
}
