import { type Binary, type ProgramSpec } from '../../../services/cli/servers/binary.js';
import { buildWithGo } from '../../../services/cli/servers/go-build.js';
import { NotAvailable } from '../../../services/cli/servers/resolve-server.js';
import { buildContext } from '../../support/build-context.js';

const ETCD: ProgramSpec = { name: 'etcd', version: /(\d+)\.(\d+)\.(\d+)/, minimum: [3, 7] };
const API_SERVER: ProgramSpec = {
  ...{ name: 'kube-apiserver', version: /v(\d+)\.(\d+)\.(\d+)/, minimum: [1, 37] },
};
const VERSION = 'k8s.io/component-base/version';
/** What Kubernetes' own build says to the linker: charts ask the server for its version. */
const TEXTS = {
  [`${VERSION}.gitVersion`]: 'v1.37.2',
  [`${VERSION}.gitMajor`]: '1',
  [`${VERSION}.gitMinor`]: '37',
};

export interface ControlPlanePrograms {
  readonly etcd: Binary;
  readonly apiServer: Binary;
}

/** Built once by Go, which takes minutes, or why they cannot be. */
export async function controlPlaneOrReason(): Promise<ControlPlanePrograms | string> {
  const context = buildContext();
  const module = { module: 'kubernetes' };
  try {
    const etcd = await buildWithGo(
      { ...module, goPackage: 'go.etcd.io/etcd/server/v3' },
      ETCD,
      context,
    );
    const apiServer = await buildWithGo(
      { ...module, goPackage: 'k8s.io/kubernetes/cmd/kube-apiserver', texts: TEXTS },
      API_SERVER,
      context,
    );
    return { etcd, apiServer };
  } catch (error) {
    if (error instanceof NotAvailable) return error.message;
    throw error;
  }
}
