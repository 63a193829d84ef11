import { findOnPath } from '../../../services/cli/servers/binary.js';
import { pathOfBuilt } from '../../../services/cli/servers/go-build.js';
import { NotAvailable } from '../../../services/cli/servers/resolve-server.js';
import { buildContext } from '../../support/build-context.js';

const PACKAGES = {
  helm: 'helm.sh/helm/v3/cmd/helm',
  kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform',
} as const;

export type ClusterTools = Readonly<Record<keyof typeof PACKAGES, string>>;

/** helm and kubeconform: on PATH, or built once from deploy/servers/cluster; or why there are none. */
export async function clusterToolsOrReason({
  build = process.env['CHART_TESTS'] === 'build',
} = {}): Promise<ClusterTools | string> {
  try {
    return { helm: await find('helm', build), kubeconform: await find('kubeconform', build) };
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    if (build) return error.message;
    return 'no helm or kubeconform: CHART_TESTS=build npm test -- unit deploy builds them with Go once';
  }
}

async function find(name: keyof typeof PACKAGES, build: boolean): Promise<string> {
  const [onPath] = await findOnPath(name, process.env);
  if (onPath !== undefined) return onPath;
  return pathOfBuilt({ module: 'cluster', goPackage: PACKAGES[name] }, name, buildContext(build));
}
