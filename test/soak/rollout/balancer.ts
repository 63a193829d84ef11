import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { findOnPath } from '../../../services/cli/servers/binary.js';
import { waitUntil } from '../../support/wait-until.js';

/** Debian's place for it, which is not on every PATH. */
const USUAL = '/usr/sbin/haproxy';

/** haproxy, or why it cannot be had. */
export async function haproxyOrReason(): Promise<{ readonly program: string } | string> {
  const [program] = await findOnPath('haproxy', {
    PATH: `${process.env['PATH'] ?? ''}:${USUAL.replace(/\/[^/]+$/, '')}`,
  });
  return program === undefined ? 'no haproxy here' : { program };
}

/**
 * haproxy in front of every port on which an API may listen. It asks /healthz five times a second and lets two seconds pass for an answer, as
 * a cluster does: without that, one slow answer while processes start would take an API away that works. It repeats only what was never
 * sent: a connection that was refused.
 */
export class Balancer {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly socket: string,
  ) {}

  static async start(
    program: string,
    { folder, port, behind }: { folder: string; port: number; behind: readonly number[] },
  ): Promise<Balancer> {
    const socket = join(folder, 'haproxy.sock');
    const file = join(folder, 'haproxy.cfg');
    await writeFile(file, configuration(socket, port, behind));
    const child = spawn(program, ['-f', file, '-db'], { stdio: 'ignore' });
    const balancer = new Balancer(`http://127.0.0.1:${port}`, child, socket);
    await waitUntil('haproxy answers', () =>
      fetch(`${balancer.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    return balancer;
  }

  /** Answers with 5xx that callers got, and connections and answers that failed on the way, since the start. */
  async failures(): Promise<Readonly<Record<'hrsp_5xx' | 'econ' | 'eresp', number>>> {
    const [header = '', ...lines] = (await this.#ask('show stat')).trim().split('\n');
    const names = header.replace(/^# /, '').split(',');
    const row = lines.map((line) => line.split(',')).find(([, name]) => name === 'BACKEND') ?? [];
    const read = (name: string): number => Number(row[names.indexOf(name)] ?? NaN);
    return { hrsp_5xx: read('hrsp_5xx'), econ: read('econ'), eresp: read('eresp') };
  }

  async stop(): Promise<void> {
    const exit = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    await exit;
  }

  #ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      const connection = createConnection(this.socket, () => connection.write(`${command}\n`));
      connection.on('data', (chunk: Buffer) => (text += chunk.toString()));
      connection.on('end', () => resolve(text));
      connection.on('error', reject);
    });
  }
}

function configuration(socket: string, port: number, behind: readonly number[]): string {
  const servers = behind.map(
    (at) => `  server api-${at} 127.0.0.1:${at} check inter 200ms fall 1 rise 1`,
  );
  return `global
  maxconn 1000
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout check 2s
  timeout client 60s
  timeout server 60s
  option redispatch 1
  retries 5
  retry-on conn-failure
frontend in
  bind 127.0.0.1:${port}
  default_backend apis
backend apis
  balance roundrobin
  option httpchk GET /healthz
${servers.join('\n')}
`;
}
