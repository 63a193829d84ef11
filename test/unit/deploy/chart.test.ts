import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../db/package-root.js';
import { REFUSED, VALUES } from './chart-values.helper.js';
import { clusterToolsOrReason } from './cluster-tools.helper.js';

const run = promisify(execFile);
const CHART = join(packageRoot(), 'deploy', 'helm', 'quittance');
const SCHEMAS = join(packageRoot(), 'test', 'vectors', 'kubernetes');
/** Of kinds that come with other software; kubeconform has no schema of them here. */
const NOT_VALIDATED = 'ScaledObject,PodMonitor,PrometheusRule';
const MAX_OUTPUT = { maxBuffer: 16 * 1024 * 1024 };

const tools = await clusterToolsOrReason();
const { helm, kubeconform } = typeof tools === 'string' ? { helm: '', kubeconform: '' } : tools;
const title = typeof tools === 'string' ? `the chart (not run: ${tools})` : 'the chart';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-chart-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function rendered(values: object): Promise<string> {
  const file = join(folder, 'values.json');
  await writeFile(file, JSON.stringify(values));
  const flags = ['--kube-version', '1.34.2', '--namespace', 'money', '-f', file];
  const { stdout } = await run(helm, ['template', 'q', CHART, ...flags], MAX_OUTPUT);
  return stdout;
}

describe.skipIf(typeof tools === 'string')(title, () => {
  test('passes helm lint', async () => {
    const { stdout } = await run(helm, ['lint', '--strict', CHART]);
    expect(stdout).toContain('0 chart(s) failed');
  });

  test.each(Object.entries(VALUES))('%s: every object is valid', async (name, values) => {
    const file = join(folder, `${name}.yaml`);
    await writeFile(file, await rendered(values));
    const location = join(SCHEMAS, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
    const flags = ['-strict', '-summary', '-skip', NOT_VALIDATED, '-schema-location', location];
    const { stdout } = await run(kubeconform, [...flags, file], MAX_OUTPUT);
    expect(stdout).toMatch(/Valid: [1-9]\d*, Invalid: 0, Errors: 0/);
  });

  test.each(REFUSED)('refuses %s', async (_, values, says) => {
    await expect(rendered(values)).rejects.toThrow(says);
  });

  test('drains before it is killed, and never runs fewer than two where it scales', async () => {
    const text = await rendered({ ...VALUES['scaling'], shutdownSeconds: 45 });
    expect(text).toContain('terminationGracePeriodSeconds: 55');
    expect(text).toMatch(/name: QUITTANCE_SHUTDOWN_SECONDS\s+value: "45"/);
    expect(text.match(/minReplica(s|Count): \d+/g)).toEqual(
      expect.arrayContaining(['minReplicas: 2', 'minReplicaCount: 2']),
    );
    expect(text).not.toMatch(/minReplica(s|Count): [01]\b/);
  });

  test('gives a process only the secrets that are its own or everybody’s', async () => {
    const text = await rendered(VALUES['production'] ?? {});
    const documents = text.split(/^---$/m);
    const holders = (variable: string): string[] =>
      documents
        .filter((document) => document.includes(`path: ${variable}\n`))
        .map((document) => /component: (\S+)/.exec(document)?.[1] ?? '');
    expect(holders('QUITTANCE_PAYMENTS_SIGNING_KEY')).toEqual(['lightning']);
    expect(holders('QUITTANCE_LND_MACAROON')).toEqual(['relay']);
    expect(holders('QUITTANCE_SECRET')).toContain('api');
    expect(holders('QUITTANCE_SECRET')).not.toContain('codec-server');
    expect(holders('QUITTANCE_TEMPORAL_CODEC_KEYS')).toEqual(['codec-server']);
    expect(holders('DATABASE_URL')).toContain('codec-server');
    const prepare = documents.find((document) => document.includes('kind: Job')) ?? '';
    expect(prepare).toMatch(/name: quittance-owner\s+items:\s+- key: url\s+path: DATABASE_URL/);
    expect(prepare).not.toContain('key: database\n');
  });
});
