import type { TestProject } from 'vitest/node';
import { startSharedServers } from './shared-servers.js';

/** The addresses of one set of servers. */
interface Addresses {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly temporalAddress: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: Addresses[];
  }
}

interface Started {
  readonly sets: ReturnType<typeof startSharedServers>[];
  users: number;
}

/** Every suite loads its own copy of this module, so the shared servers are kept on globalThis. */
const registry: typeof globalThis & { quittanceServers?: Started } = globalThis;

/**
 * Each project's tests share one set of servers; those whose files use the same streams and queues have a set for
 * each worker. Sets are started once per run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (registry.quittanceServers ??= { sets: [], users: 0 });
  shared.users += 1;
  const count = project.name === 'servers' ? project.config.maxWorkers : 1;
  // One after the other: what is not built yet is built once.
  const sets = [];
  for (let i = 0; i < count; i++)
    sets.push((await (shared.sets[i] ??= startSharedServers())).servers);
  project.provide(
    'servers',
    sets.map(({ databaseUrl, natsUrl, temporalAddress }) => ({
      databaseUrl,
      natsUrl,
      temporalAddress,
    })),
  );
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    for (const set of shared.sets) await (await set).stop();
  };
}
