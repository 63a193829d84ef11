import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runTool } from './run-tool.js';

export interface ContainerOptions {
  /** Of bundles and logs. */
  readonly folder: string;
  /** The root of the image. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

const spec = z.looseObject({
  process: z.looseObject({}),
  mounts: z.array(z.looseObject({ type: z.string() })),
  linux: z.looseObject({ namespaces: z.array(z.looseObject({ type: z.string() })) }),
});

/** One process of the image under runc: uid 10001, no capability, a root that is read only, the host's network. */
export class Container {
  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
    readonly log: string,
  ) {}

  static async start(
    name: string,
    args: readonly string[],
    { folder, root, env }: ContainerOptions,
  ): Promise<Container> {
    const bundle = join(folder, name);
    await mkdir(bundle, { recursive: true });
    await runTool('runc', ['spec'], bundle);
    const file = join(bundle, 'config.json');
    const config = spec.parse(JSON.parse(await readFile(file, 'utf8')));
    const tmp = {
      ...{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
      options: ['nosuid', 'nodev', 'mode=1777'],
    };
    const entry = ['node', '--enable-source-maps', 'dist/services/main.js'];
    const written = {
      ...config,
      process: {
        ...config.process,
        ...{ terminal: false, user: { uid: 10001, gid: 10001 }, cwd: '/app', capabilities: {} },
        args: [...entry, ...args],
        env: Object.entries({ PATH: '/usr/local/bin', NODE_ENV: 'production', ...env }).map(
          ([key, value]) => `${key}=${value}`,
        ),
      },
      root: { path: root, readonly: true },
      mounts: [...config.mounts.filter(({ type }) => type !== 'cgroup'), tmp],
      linux: {
        ...config.linux,
        namespaces: config.linux.namespaces.filter(({ type }) => type !== 'network'),
        resources: {},
      },
    };
    await writeFile(file, JSON.stringify(written));
    const log = join(folder, `${name}.log`);
    const out = await open(log, 'w');
    const child = spawn('runc', ['run', '--bundle', bundle, `quittance-${process.pid}-${name}`], {
      stdio: ['ignore', out.fd, out.fd],
    });
    await out.close();
    return new Container(name, child, log);
  }

  /** Its exit code. */
  async ended(): Promise<number> {
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return this.child.exitCode ?? -1;
  }

  async terminate(): Promise<number> {
    if (this.child.exitCode === null) {
      await runTool('runc', ['kill', `quittance-${process.pid}-${this.name}`, 'TERM']);
    }
    return this.ended();
  }

  text(): Promise<string> {
    return readFile(this.log, 'utf8');
  }
}
