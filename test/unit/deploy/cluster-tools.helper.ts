import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../db/package-root.js';
import { cacheFolder, findOnPath, isExecutable } from '../../../services/cli/servers/binary.js';

const run = promisify(execFile);

const PACKAGES = {
  helm: 'helm.sh/helm/v3/cmd/helm',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform',
} as const;

export type ClusterTools = Readonly<Record<keyof typeof PACKAGES, string>>;

/** helm and kubeconform: on PATH, or built once from deploy/servers/cluster; or why there are none. */
export async function clusterToolsOrReason({
  build = process.env['CHART_TESTS'] === 'build',
} = {}): Promise<ClusterTools | string> {
  const helm = await find('helm', build);
  const kubeconform = await find('kubeconform', build);
  return helm === undefined || kubeconform === undefined
    ? 'no helm or kubeconform: CHART_TESTS=build npm test -- unit deploy builds them with Go once'
    : { helm, kubeconform };
}

async function find(name: keyof typeof PACKAGES, build: boolean): Promise<string | undefined> {
  const [onPath] = await findOnPath(name, process.env);
  if (onPath !== undefined) return onPath;
  const folder = join(cacheFolder(process.env), 'cluster');
  const built = join(folder, name);
  if (await isExecutable(built)) return built;
  if (!build) return undefined;
  const [go] = await findOnPath('go', process.env);
  if (go === undefined) return undefined;
  await mkdir(folder, { recursive: true });
  const cwd = join(packageRoot(), 'deploy', 'servers', 'cluster');
  const flags = ['-mod=readonly', '-trimpath', '-ldflags', '-s -w'];
  await run(go, ['build', ...flags, '-o', built, PACKAGES[name]], {
    cwd,
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
  });
  return built;
}
