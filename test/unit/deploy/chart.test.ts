import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../../db/package-root.js';
import { REFUSED, VALUES, VERSIONED } from './chart-values.helper.js';
import { clusterToolsOrReason } from './cluster-tools.helper.js';
import { podsOf, problemsOf } from './pods.helper.js';

const run = promisify(execFile);
const CHART = join(packageRoot(), 'deploy', 'helm', 'quittance');
const SCHEMAS = join(packageRoot(), 'test', 'vectors', 'kubernetes');
/** Of the worker-controller: its definition cannot be had here. */
const NOT_VALIDATED = 'WorkerDeployment';
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

  test.each(Object.entries({ ...VALUES, versioned: VERSIONED }))(
    '%s: every object is valid',
    async (name, values) => {
      const file = join(folder, `${name}.yaml`);
      await writeFile(file, await rendered(values));
      const location = join(SCHEMAS, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
      const flags = ['-strict', '-summary', '-skip', NOT_VALIDATED, '-schema-location', location];
      const { stdout } = await run(kubeconform, [...flags, file], MAX_OUTPUT);
      const skipped = name === 'versioned' ? 4 : 0;
      expect(stdout).toMatch(
        new RegExp(`Valid: [1-9]\\d*, Invalid: 0, Errors: 0, Skipped: ${skipped}$`, 'm'),
      );
    },
  );

  test.each(REFUSED)('refuses %s', async (_, values, says) => {
    await expect(rendered(values)).rejects.toThrow(says);
  });

  test('drains before it is killed, and never runs fewer than two where it scales', async () => {
    const text = await rendered({ ...VALUES['scaling'], shutdownSeconds: 45 });
    const pods = podsOf(text);
    for (const { process, spec } of pods.filter((one) => one.process !== 'prepare')) {
      // Where requests come in, the pod takes them for a while after it was told to go.
      const goodbye = process === 'api' ? 5 : 0;
      expect([process, spec.terminationGracePeriodSeconds]).toEqual([process, 55 + goodbye]);
      const [{ lifecycle } = {}] = spec.containers;
      expect([process, lifecycle?.preStop.sleep.seconds ?? 0]).toEqual([process, goodbye]);
    }
    expect(text).toMatch(/name: QUITTANCE_SHUTDOWN_SECONDS\s+value: "45"/);
    expect(text.match(/minReplica(s|Count): \d+/g)).toEqual(
      expect.arrayContaining(['minReplicas: 2', 'minReplicaCount: 2']),
    );
    expect(text).not.toMatch(/minReplica(s|Count): [01]\b/);
  });

  test.each(['production', 'small', 'scaling', 'stations'])(
    '%s: every process accepts its configuration, in production',
    async (name) => {
      const pods = podsOf(await rendered(VALUES[name] ?? {}));
      expect(pods.map(({ process }) => process)).toEqual(
        expect.arrayContaining(['api', 'relay', 'worker', 'lightning']),
      );
      for (const pod of pods) expect([pod.process, ...problemsOf(pod)]).toEqual([pod.process]);
    },
  );

  test('the values in docs/production.md are what every process accepts', async () => {
    const page = await readFile(join(packageRoot(), 'docs', 'production.md'), 'utf8');
    const [, block = ''] = /```yaml\n(environment:[\s\S]*?)```/.exec(page) ?? [];
    // Keys are written short there.
    const text = block
      .replace('02…', `02${'ab'.repeat(32)}`)
      .replaceAll('1:…', `1:${'ab'.repeat(32)}`);
    const pods = podsOf(await rendered(z.looseObject({}).parse(parse(text))));
    expect(pods.length).toBeGreaterThan(6);
    for (const pod of pods) expect([pod.process, ...problemsOf(pod)]).toEqual([pod.process]);
  });

  test('the codec server is a deployment of its own, behind an ingress, for named origins', async () => {
    const text = await rendered(VALUES['production'] ?? {});
    const [codec] = podsOf(text).filter(({ process }) => process === 'codec-server');
    expect(codec?.env['QUITTANCE_CODEC_ORIGINS']).toBe('https://temporal.example.org');
    expect(codec?.spec.containers[0]?.ports).toContainEqual({ name: 'http', containerPort: 8430 });
    const ingress = text
      .split(/^---$/m)
      .find((one) => one.includes('kind: Ingress') && one.includes('codec.example.org'));
    expect(ingress).toMatch(/service:\s+name: q-codec-server\s+port: \{ name: http \}/);
    expect(ingress).toContain('secretName: codec-tls');
  });

  test('says to pages where Temporal’s UI is, and to all where traces go', async () => {
    for (const { process, env } of podsOf(await rendered(VALUES['production'] ?? {}))) {
      expect([process, env['QUITTANCE_OTLP_ENDPOINT']]).toEqual([
        process,
        'http://collector.monitoring:4318',
      ]);
      expect(env['QUITTANCE_TEMPORAL_UI']).toBe('https://temporal.example.org');
    }
  });

  test('with the worker-controller: no Deployment of a worker, and what the controller sets is left to it', async () => {
    const text = await rendered(VERSIONED);
    expect(text).not.toMatch(/kind: Deployment\nmetadata:\n {2}name: q-worker/);
    expect(text.match(/kind: WorkerDeployment\n/g)).toHaveLength(4);
    const workers = podsOf(text).filter(({ process }) => process === 'worker');
    expect(workers).toHaveLength(4);
    for (const worker of workers) {
      expect(worker.env).not.toHaveProperty('TEMPORAL_ADDRESS');
      const controlled = {
        TEMPORAL_ADDRESS: 'temporal-frontend.temporal:7233',
        TEMPORAL_NAMESPACE: 'default',
        TEMPORAL_DEPLOYMENT_NAME: 'money/q-worker-actions',
        TEMPORAL_WORKER_BUILD_ID: '0.1.0-abcd',
      };
      expect(problemsOf({ ...worker, env: { ...worker.env, ...controlled } })).toEqual([]);
    }
    expect(text).toMatch(/connectionRef: \{ name: "temporal" \}/);
    expect(text).toMatch(
      /strategy: Progressive\s+steps:\s+- pauseDuration: 5m\s+rampPercentage: 10/,
    );
  });

  test('gives a process only the secrets that are its own or everybody’s', async () => {
    const text = await rendered(VALUES['production'] ?? {});
    const documents = text.split(/^---$/m);
    const having = (line: string): string[] =>
      documents
        .filter((document) => document.includes(`${line}\n`))
        .map((document) => /component: (\S+)/.exec(document)?.[1] ?? '');
    const holders = (variable: string): string[] => having(`path: ${variable}`);
    expect(holders('QUITTANCE_PAYMENTS_SIGNING_KEY')).toEqual(['lightning']);
    expect(having('key: sends.macaroon')).toEqual(['relay']);
    expect(having('key: invoices.macaroon')).toContain('api');
    expect(having('key: invoices.macaroon')).not.toContain('relay');
    expect(holders('QUITTANCE_LND_MACAROON')).not.toContain('codec-server');
    expect(holders('QUITTANCE_SECRET')).toContain('api');
    expect(holders('QUITTANCE_SECRET')).not.toContain('codec-server');
    expect(holders('QUITTANCE_TEMPORAL_CODEC_KEYS')).toEqual(
      expect.arrayContaining(['codec-server', 'relay', 'worker-actions']),
    );
    expect(holders('DATABASE_URL')).toContain('codec-server');
    const prepare = documents.find((document) => document.includes('kind: Job')) ?? '';
    expect(prepare).toMatch(/name: quittance-owner\s+items:\s+- key: url\s+path: DATABASE_URL/);
    expect(prepare).not.toContain('key: database\n');
  });
});
