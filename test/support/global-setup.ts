import type { TestProject } from 'vitest/node';
import { startSharedServers } from './shared-servers.js';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseUrl: string;
    natsUrl: string;
    temporalAddress: string;
  }
}

type Shared = ReturnType<typeof startSharedServers>;

/** Every suite loads its own copy of this module, so the shared servers are kept on globalThis. */
const registry: typeof globalThis & { quittanceServers?: { started: Shared; users: number } } =
  globalThis;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (registry.quittanceServers ??= { started: startSharedServers(), users: 0 });
  shared.users += 1;
  const { servers, stop } = await shared.started;
  project.provide('databaseUrl', servers.databaseUrl);
  project.provide('natsUrl', servers.natsUrl);
  project.provide('temporalAddress', servers.temporalAddress);
  return async () => {
    shared.users -= 1;
    if (shared.users === 0) await stop();
  };
}
