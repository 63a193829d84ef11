import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { waitUntil } from '../support/wait-until.js';
import { VALUES } from '../unit/deploy/chart-values.helper.js';
import { clusterToolsOrReason } from '../unit/deploy/cluster-tools.helper.js';
import { ControlPlane } from './kubernetes/control-plane.js';
import { definitionsOrReason } from './kubernetes/definitions.js';
import { CHART, Helm } from './kubernetes/helm.js';
import { kubeObject } from './kubernetes/kube-api.js';
import { controlPlaneOrReason } from './kubernetes/programs.js';

const NAMESPACE = 'money';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/q-api`;

const programs = await controlPlaneOrReason();
const tools = await clusterToolsOrReason({ build: true });
const definitions = await definitionsOrReason();
const missing = [programs, tools, definitions].filter((one) => typeof one === 'string');
const title =
  missing.length === 0
    ? 'the chart on a kube-apiserver'
    : `the chart on a kube-apiserver (not run: ${missing.join('; ')})`;

const installing = ['install', 'q', CHART];
const values = (name: string): object => VALUES[name] ?? {};

describe.skipIf(missing.length > 0)(title, () => {
  let plane: ControlPlane;
  let helm: Helm;

  beforeAll(async () => {
    if (typeof programs === 'string' || typeof tools === 'string') throw new Error('not built');
    plane = await ControlPlane.start(programs);
    const { folder, kubeconfig, api } = plane;
    helm = new Helm({ program: tools.helm, kubeconfig, folder, namespace: NAMESPACE });
    await api.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    process.stdout.write(`kube-apiserver ${programs.apiServer.version} answers\n`);
  });
  afterAll(() => plane.stop());

  test('helm refuses what the server has no kind of', async () => {
    await expect(helm.run([...installing, '--dry-run=server'], values('scaling'))).rejects.toThrow(
      /no matches for kind "ScaledObject"/,
    );
  });

  test('the server takes the definitions of KEDA and of the Prometheus operator', async () => {
    for (const text of typeof definitions === 'string' ? [] : definitions) {
      const { metadata } = kubeObject.parse(
        JSON.parse(await plane.api.createFromYaml(DEFINITIONS, text)),
      );
      await waitUntil(`${metadata.name} is served`, async () =>
        (await plane.api.get(`${DEFINITIONS}/${metadata.name}`)).includes(
          '"type":"Established","status":"True"',
        ),
      );
    }
  });

  test.each(Object.entries(VALUES))('%s: helm install --dry-run=server', async (_, given) => {
    const text = await helm.run([...installing, '--dry-run=server'], given);
    expect(text).toContain('STATUS: pending-install');
  });

  // helm does not send what it would create, so each object is sent, too.
  test.each(Object.entries(VALUES))('%s: the server accepts each object', async (_, given) => {
    const objects = await helm.objects(given);
    expect(objects.length).toBeGreaterThan(10);
    for (const object of objects) await plane.api.tryOut(object, NAMESPACE);
  });

  test.each([
    ['a field that does not exist', 'readinessProbe:', 'readynessProbe:', /unknown field/],
    ['a value that cannot be', 'periodSeconds: 10', 'periodSeconds: -1', /greater than or equal/],
    [
      'selectors that miss their pods',
      'matchLabels:',
      'matchLabels:\n      x: y',
      /does not match template/,
    ],
  ])('the server refuses %s', async (_, right, wrong, says) => {
    const chart = await helm.withMistake('templates/_helpers.tpl', right, wrong);
    const objects = await helm.objects(values('production'), chart);
    const sent = async (): Promise<void> => {
      for (const object of objects) await plane.api.tryOut(object, NAMESPACE);
    };
    await expect(sent()).rejects.toThrow(says);
  });

  test('the server refuses an impossible host of the ingress', async () => {
    const given = {
      ...values('small'),
      api: { ingress: { enabled: true, host: 'pay_example' } },
    };
    await expect(helm.run([...installing, '--no-hooks'], given)).rejects.toThrow(/RFC 1123/);
    await helm.run(['uninstall', 'q', '--no-hooks', '--ignore-not-found']);
  });

  test('is installed, upgraded to other values, rolled back and uninstalled', async () => {
    const replicas = async (): Promise<number> =>
      z
        .object({ spec: z.object({ replicas: z.int() }) })
        .parse(JSON.parse(await plane.api.get(DEPLOYMENT))).spec.replicas;
    // Nobody runs the job that is a hook.
    await helm.run([...installing, '--no-hooks'], values('small'));
    expect(await replicas()).toBe(1);
    await helm.run(['upgrade', 'q', CHART, '--no-hooks'], values('production'));
    expect(await replicas()).toBe(2);
    await helm.run(['upgrade', 'q', CHART, '--no-hooks'], values('scaling'));
    await helm.run(['rollback', 'q', '1', '--no-hooks']);
    expect(await replicas()).toBe(1);
    await helm.run(['uninstall', 'q', '--no-hooks']);
    await expect(plane.api.get(DEPLOYMENT)).rejects.toThrow(/404/);
  });
});
