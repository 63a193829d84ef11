import { join } from 'node:path';
import type { ProcessName } from '../../../services/cli/up/processes.js';
import { Supervised } from '../../../services/cli/up/supervised.js';
import type { System } from '../../e2e/system.helper.js';
import type { Build } from './build.js';

const OPTIONS = { report: () => undefined, readyMs: 60_000, stopMs: 40_000 };

interface Instance {
  readonly build: string;
  readonly process: Supervised;
  readonly port?: number;
}

/** Two instances of each process, which are replaced one by one as a cluster does it: the next is ready before one is told to stop. */
export class Fleet {
  readonly #instances = new Map<ProcessName, Instance[]>();
  #started = 0;

  constructor(
    private readonly system: System,
    /** Where APIs may listen. */
    private readonly ports: readonly number[],
  ) {}

  async start(build: Build, names: readonly ProcessName[], replicas: number): Promise<void> {
    for (const name of names) {
      for (let n = 0; n < replicas; n += 1) await this.#add(build, name);
      // What the system began with makes way for them.
      await this.system.processes[name].stop();
    }
  }

  /** Replaces all instances of that process. */
  async roll(build: Build, name: ProcessName): Promise<void> {
    for (const old of [...this.of(name)]) {
      await this.#add(build, name);
      await this.#end(name, old);
    }
  }

  /** Brings the number of instances to that, all at once, as an autoscaler does. */
  async scale(build: Build, name: ProcessName, replicas: number): Promise<void> {
    const now = this.of(name);
    const missing = Array.from({ length: replicas - now.length }, () => this.#add(build, name));
    const surplus = now.slice(0, Math.max(0, now.length - replicas));
    await Promise.all([...missing, ...surplus.map((instance) => this.#end(name, instance))]);
  }

  of(name: ProcessName): readonly Instance[] {
    return this.#instances.get(name) ?? [];
  }

  builds(name: ProcessName): readonly string[] {
    return this.of(name).map(({ build }) => build);
  }

  /** The text of /metrics of every instance. */
  metrics(name: ProcessName): Promise<readonly string[]> {
    return Promise.all(
      this.of(name).map(async ({ process }) => (await fetch(`${process.url}/metrics`)).text()),
    );
  }

  async stop(): Promise<void> {
    const all = [...this.#instances.values()].flat();
    await Promise.all(all.map(({ process }) => process.stop()));
  }

  async #add(build: Build, name: ProcessName): Promise<void> {
    const port = name === 'api' ? this.#freePort() : undefined;
    this.#started += 1;
    const { spec } = this.system.processes[name];
    const process = new Supervised(
      {
        ...{ name, script: join(build.folder, 'dist', 'services', name, 'main.js') },
        env: { ...spec.env, ...(port === undefined ? {} : { QUITTANCE_API_PORT: String(port) }) },
        logFile: spec.logFile.replace('.log', `-${build.name}-${this.#started}.log`),
      },
      OPTIONS,
    );
    const instance = { build: build.name, process, ...(port === undefined ? {} : { port }) };
    this.#instances.set(name, [...this.of(name), instance]);
    await process.start();
  }

  async #end(name: ProcessName, instance: Instance): Promise<void> {
    await instance.process.stop();
    this.#instances.set(
      name,
      this.of(name).filter((other) => other !== instance),
    );
  }

  #freePort(): number {
    const taken = this.of('api').map(({ port }) => port);
    const free = this.ports.find((port) => !taken.includes(port));
    if (free === undefined) throw new Error('no port is left for another API');
    return free;
  }
}
