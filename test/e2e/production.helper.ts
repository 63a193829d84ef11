import { randomBytes } from 'node:crypto';
import type { WorkflowClient } from '@temporalio/client';
import { headers, type NatsConnection } from 'nats';
import { pino } from 'pino';
import type { ProcessName } from '../../services/cli/up/processes.js';
import { NATS_USERS } from '../../services/shared/nats-access/permissions.js';
import { passwordVariable } from '../../services/shared/nats-access/server-config.js';
import { connectNats } from '../../services/shared/nats.js';
import { type OwnNats, startOwnNats } from '../support/nats-server.js';
import { System } from './system.helper.js';

const SATELLITE_TOKEN = randomBytes(32).toString('hex');
const CODEC_KEYS = `1:${randomBytes(32).toString('hex')}`;

const passwordOf = (user: string): string => `pw-of-${user}`;

/** What the metrics of each process tell: requests or messages, how long they took, and their results by type. */
export const SERIES = [
  ['api', 'quittance_http_request_seconds_count{method="POST",route="/v1/actions",status="201"}'],
  ['api', 'quittance_http_request_seconds_count{method="POST",route="/order",status="200"}'],
  ['api', 'quittance_http_refusals_total{code="auth.scope_required"}'],
  ['relay', 'quittance_message_seconds_count{stream="PAYMENTS",result="applied"}'],
  ['relay', 'quittance_message_seconds_count{stream="CONFIRMATIONS",result="applied"}'],
  ['relay', 'quittance_node_call_seconds_count{kind="look_up_invoice"}'],
  ['relay', 'quittance_outbox_delivered_total{destination="temporal",kind="start"}'],
  ['lightning', 'quittance_lightning_publish_seconds_count{type="invoice",state="settled"}'],
  [
    'ground-station',
    'quittance_station_transmission_seconds_count{region="0",outcome="confirmed"}',
  ],
  ['worker', 'temporal_workflow_completed_total'],
  ['worker', 'temporal_local_activity_execution_latency_seconds_count'],
] as const;

/** Every process with the settings of production, each with its own user at a NATS that enforces permissions. */
export class Production {
  readonly #connections: NatsConnection[] = [];

  private constructor(
    readonly system: System,
    private readonly nats: OwnNats,
  ) {}

  static async start(): Promise<Production> {
    const passwords = NATS_USERS.map(
      (user) => [passwordVariable(user), passwordOf(user.name)] as const,
    );
    const nats = await startOwnNats('include ./users.conf', Object.fromEntries(passwords));
    try {
      const system = await System.start({
        environment: environment(urlFor(nats, 'cli')),
        environmentOf: (name) => ({ NATS_URL: urlFor(nats, userOf(name)) }),
      });
      return new Production(system, nats);
    } catch (error) {
      await nats.stop();
      throw error;
    }
  }

  /** A connection with the password of a user, or without any. */
  async connect(user?: string): Promise<NatsConnection> {
    const natsUrl = user === undefined ? this.natsUrl : urlFor(this.nats, user);
    const logger = pino({ level: 'silent' });
    const nc = await connectNats({ natsUrl }, logger, user ?? 'nobody', { waitForServer: false });
    this.#connections.push(nc);
    return nc;
  }

  get natsUrl(): string {
    return `nats://127.0.0.1:${this.nats.port}`;
  }

  /** What was published to a subject of PAYMENTS, read by the tester, who is an operator at NATS. */
  async recorded(
    subject: string,
  ): Promise<{ headers: [name: string, values: string[]][]; body: Uint8Array }> {
    const nc = await this.connect('cli');
    const consumer = await nc.jetstream().consumers.get('PAYMENTS', { filterSubjects: subject });
    const message = await consumer.next({ expires: 5_000 });
    if (message === null) throw new Error(`nothing was published to ${subject}`);
    return { headers: [...(message.headers ?? headers())], body: message.data };
  }

  /** Sum of a counter that a process shows, over the samples with these labels. */
  async metric(name: ProcessName, sample: RegExp): Promise<number> {
    const text = await (await fetch(`${this.system.processes[name].url}/metrics`)).text();
    const values = text.split('\n').filter((line) => sample.test(line));
    return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async stop(): Promise<void> {
    for (const nc of this.#connections) await nc.close();
    await this.system.stop();
    await this.nats.stop();
  }
}

function environment(NATS_URL: string): Readonly<Record<string, string>> {
  return {
    NATS_URL,
    QUITTANCE_ENV: 'production',
    QUITTANCE_SIMULATORS: 'allowed',
    QUITTANCE_SECRET: randomBytes(32).toString('hex'),
    QUITTANCE_STORE_KEY: `1:${randomBytes(32).toString('hex')}`,
    QUITTANCE_SATELLITE_TOKEN: SATELLITE_TOKEN,
    QUITTANCE_TEMPORAL_CODEC_KEYS: CODEC_KEYS,
  };
}

function urlFor({ port }: OwnNats, user: string): string {
  return `nats://${user}:${passwordOf(user)}@127.0.0.1:${port}`;
}

/** Simulators and the worker do not connect: they are given a user that does not exist. */
function userOf(name: ProcessName): string {
  return NATS_USERS.some((user) => user.name === name) ? name : 'nobody';
}

export async function isListed(
  client: WorkflowClient,
  query: string,
  wanted: string,
): Promise<boolean> {
  for await (const { workflowId } of client.list({ query })) if (workflowId === wanted) return true;
  return false;
}
