import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { type Reading, scrapeReading } from './scrape-reading.js';

/** Prometheus text that another exporter in this process provides. */
export type ExporterText = () => Promise<string>;

/** What /metrics shows: the process' own registry, followed by the text of other exporters. */
export class MetricsPage {
  readonly #exporters: { readonly name: string; readonly read: () => Promise<Reading<string>> }[] =
    [];

  constructor(
    private readonly registry: Registry,
    private readonly logger: Logger,
  ) {}

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Its metrics must have names of their own. */
  addExporter(name: string, read: ExporterText): void {
    this.#exporters.push({ name, read: scrapeReading(read) });
  }

  /** An exporter that is slow is shown as it was read last; one that fails is left out. */
  async text(): Promise<string> {
    const texts = await Promise.all([
      this.registry.metrics(),
      ...this.#exporters.map(({ name, read }) =>
        read().then(
          ({ value }) => value,
          (err: unknown) => {
            this.logger.warn({ err, exporter: name }, 'an exporter was left out of /metrics');
            return '';
          },
        ),
      ),
    ]);
    return texts.map((text) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)).join('');
  }
}
