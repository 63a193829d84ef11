import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { Gauge, type Registry } from 'prom-client';
import { LightningError, type LightningPort } from '../../adapters/lightning/port.js';
import { lazyGauge } from '../shared/metrics.js';
import type { Logger } from '../shared/logger.js';
import { scrapeReading } from '../shared/scrape-reading.js';

export interface NodeMetricsParts {
  readonly metrics: Registry;
  readonly logger: Logger;
  readonly pool: Pick<Pool, 'query'>;
  readonly node: Pick<LightningPort, 'info' | 'balance'>;
}

/** What operators have to know of the node itself. */
export function registerNodeMetrics({ metrics, logger, pool, node }: NodeMetricsParts): void {
  const balance = scrapeReading(() => node.balance());
  lazyGauge(metrics, logger, {
    name: 'quittance_lightning_liquidity_msat',
    help: 'What the channels of the node can send and receive, in msat.',
    labelNames: ['direction'],
    read: async () => {
      const { sendableMsat, receivableMsat } = (await balance()).value;
      return [
        { labels: { direction: 'send' }, value: Number(sendableMsat) },
        { labels: { direction: 'receive' }, value: Number(receivableMsat) },
      ];
    },
  });
  const blocksLeft = scrapeReading(() => readBlocksLeft(pool, node));
  lazyGauge(metrics, logger, {
    name: 'quittance_lightning_blocks_left',
    help: 'The fewest blocks until an HTLC expires that pays for what is sent to a payee; left out when there is none.',
    labelNames: ['of'],
    read: async () => {
      const { value } = await blocksLeft();
      return value === undefined ? [] : [{ labels: { of: 'held' }, value }];
    },
  });
}

async function readBlocksLeft(
  pool: Pick<Pool, 'query'>,
  node: Pick<LightningPort, 'info'>,
): Promise<number | undefined> {
  const { rows } = await pool.query<{ height: number | null }>(
    `select min(expiry_height) as height from invoices
     where state in ('open', 'held') and bolt11 is not null and wraps is not null`,
  );
  const height = rows[0]?.height ?? undefined;
  return height === undefined ? undefined : height - (await node.info()).blockHeight;
}

/** Since when lnd's registry of invoices has not answered: before lnd 0.21 it could freeze until a restart (lnd#10718). */
export class RegistryProbe {
  #answeredAt = performance.now();

  constructor(
    registry: Registry,
    private readonly node: Pick<LightningPort, 'cancelInvoice'>,
  ) {
    const sinceAnswer = (): number => (performance.now() - this.#answeredAt) / 1000;
    new Gauge({
      name: 'quittance_lightning_registry_seconds',
      help: "For how long the node's registry of invoices, asked every 30 s, has not answered.",
      registers: [registry],
      collect() {
        this.set(sinceAnswer());
      },
    });
  }

  /** Cancels an invoice that does not exist: that takes the registry's lock, and changes nothing. */
  async ask(): Promise<void> {
    try {
      await this.node.cancelInvoice(randomBytes(32).toString('hex'));
    } catch (error) {
      if (!(error instanceof LightningError) || error.kind !== 'refused') throw error;
    }
    this.#answeredAt = performance.now();
  }
}
