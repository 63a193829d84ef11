import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { z } from 'zod';
import { packageRoot } from '../../../db/package-root.js';
import type { ServerHandle } from '../../../services/cli/servers/types.js';

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  /** Versions of Quittance, Node, the Temporal SDK and the servers. */
  readonly versions: Readonly<Record<string, string>>;
}

const manifest = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
});

export async function describeMachine(servers: readonly ServerHandle[]): Promise<Machine> {
  const text = await readFile(join(packageRoot(), 'package.json'), 'utf8');
  const { version, dependencies } = manifest.parse(JSON.parse(text));
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    versions: {
      Quittance: version,
      Node: process.versions.node,
      'Temporal SDK': dependencies['@temporalio/worker'] ?? 'unknown',
      ...Object.fromEntries(
        servers.map((server) => [server.name, `${server.version} (${server.source})`]),
      ),
    },
  };
}

export function machineLines({ cores, cpu, memoryGb, system, versions }: Machine): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cores} cores (${cpu}), ${memoryGb} GB, ${system}\n${list.join(', ')}`;
}
