import { pino } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { MetricsPage } from '../../../../services/shared/metrics-page.js';

let warnings: string[];
let page: MetricsPage;

beforeEach(() => {
  warnings = [];
  const registry = new Registry();
  new Gauge({ name: 'ours', help: 'A gauge of ours.', registers: [registry] }).set(1);
  page = new MetricsPage(registry, pino({}, { write: (line) => void warnings.push(line) }));
});

const SILENT = (): Promise<string> => new Promise(() => undefined);

describe('the metrics page', () => {
  test('shows the registry and then other exporters, a line break between each', async () => {
    page.addExporter('first', () => Promise.resolve('first 1'));
    page.addExporter('second', () => Promise.resolve('second 2\n'));
    expect(await page.text()).toMatch(/^ours 1\nfirst 1\nsecond 2\n$/m);
    expect(warnings).toEqual([]);
  });

  test('leaves out an exporter that fails, and logs why', async () => {
    page.addExporter('dead', () => Promise.reject(new Error('connection refused')));
    page.addExporter('alive', () => Promise.resolve('alive 1'));
    const text = await page.text();
    expect(text).toContain('ours 1\n');
    expect(text).toContain('alive 1\n');
    expect(warnings.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { exporter: 'dead', err: { message: 'connection refused' } },
    ]);
  });

  test('leaves out an exporter that never answered', async () => {
    page.addExporter('silent', SILENT);
    expect(await page.text()).toContain('ours 1\n');
    expect(warnings.join()).toContain('no answer within 300 ms');
  });

  test('shows an exporter that has become slow as it was read last', async () => {
    let reads = 0;
    page.addExporter('slow', () => ((reads += 1) === 1 ? Promise.resolve('slow 1') : SILENT()));
    await page.text();
    expect(await page.text()).toContain('slow 1\n');
  });
});
