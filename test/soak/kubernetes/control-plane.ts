import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedServer } from '../../../services/cli/servers/managed-server.js';
import { newPort } from '../../../services/shared/free-port.js';
import { KubeApi } from './kube-api.js';
import type { ControlPlanePrograms } from './programs.js';

const HOST = '127.0.0.1';

/**
 * etcd and a kube-apiserver with nothing behind them: it checks, admits and stores objects, and nobody
 * makes pods of them. The certificate is the server's own, all keys are drawn for this one start.
 */
export class ControlPlane {
  private constructor(
    readonly folder: string,
    readonly kubeconfig: string,
    readonly api: KubeApi,
    private readonly servers: readonly ManagedServer[],
  ) {}

  static async start({ etcd, apiServer }: ControlPlanePrograms): Promise<ControlPlane> {
    const folder = await mkdtemp(join(tmpdir(), 'quittance-kubernetes-'));
    for (const name of ['run', 'logs', 'certificates']) await mkdir(join(folder, name));
    const context = { dataDir: folder, env: process.env, signal: new AbortController().signal };
    const common = { source: 'built', cwd: folder, stopSignal: 'SIGTERM' } as const;
    const erase = (): Promise<void> => Promise.resolve();
    const ports = await threePorts();
    const etcdUrl = `http://${HOST}:${ports.etcd}`;
    const store = new ManagedServer(
      {
        ...{ ...common, erase, id: 'etcd', name: 'etcd', version: etcd.version },
        ...{ command: etcd.path, args: etcdArguments(folder, etcdUrl, ports.peer) },
        ready: () => answers(`${etcdUrl}/health`),
      },
      context,
    );
    const token = randomBytes(24).toString('hex');
    const args = await apiServerArguments(folder, etcdUrl, ports.api, token);
    const ca = join(folder, 'certificates', 'apiserver.crt');
    const api = new KubeApi({ host: HOST, port: ports.api, token, ca: () => readFile(ca) });
    const server = new ManagedServer(
      {
        ...{ ...common, erase, id: 'apiserver', name: 'kube-apiserver' },
        ...{ version: apiServer.version, command: apiServer.path, args },
        ready: () => api.get('/readyz'),
      },
      context,
    );
    const kubeconfig = join(folder, 'kubeconfig.json');
    const plane = new ControlPlane(folder, kubeconfig, api, [server, store]);
    try {
      await writeFile(kubeconfig, kubeconfigOf(`https://${HOST}:${ports.api}`, ca, token));
      await store.start();
      await server.start();
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const server of this.servers) await server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function threePorts(): Promise<Record<'etcd' | 'peer' | 'api', number>> {
  const etcd = await newPort(HOST);
  const peer = await newPort(HOST, new Set([etcd]));
  return { etcd, peer, api: await newPort(HOST, new Set([etcd, peer])) };
}

async function answers(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
}

function etcdArguments(folder: string, url: string, peerPort: number): string[] {
  const peer = `http://${HOST}:${peerPort}`;
  return [
    ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
    ...['--listen-client-urls', url, '--advertise-client-urls', url],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `default=${peer}`],
  ];
}

async function apiServerArguments(
  folder: string,
  etcdUrl: string,
  port: number,
  token: string,
): Promise<string[]> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  return [
    ...['--etcd-servers', etcdUrl, '--secure-port', String(port)],
    ...['--bind-address', HOST, '--advertise-address', HOST],
    // Loopback is no address that a cluster may announce.
    ...['--endpoint-reconciler-type', 'none', '--service-cluster-ip-range', '10.0.0.0/24'],
    ...['--cert-dir', join(folder, 'certificates'), '--authorization-mode', 'RBAC'],
    '--token-auth-file',
    await file('tokens.csv', `${token},test,test,"system:masters"\n`),
    ...['--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', await file('accounts.pub', publicKey)],
    ...['--service-account-signing-key-file', await file('accounts.key', privateKey)],
  ];
}

function kubeconfigOf(server: string, ca: string, token: string): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': ca } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}
