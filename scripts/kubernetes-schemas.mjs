// node scripts/kubernetes-schemas.mjs: makes test/vectors/kubernetes/ anew, JSON schemas of the kinds that
// our chart uses, from the API description of Kubernetes and the definitions of KEDA and the Prometheus
// operator (all Apache-2.0) in their Go modules. Strict: unknown fields are refused.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from './paths.mjs';

const VERSION = 'v1.34.2';
/** By the name that kubeconform looks for. */
const KINDS = {
  'configmap-v1': 'io.k8s.api.core.v1.ConfigMap',
  'deployment-apps-v1': 'io.k8s.api.apps.v1.Deployment',
  'horizontalpodautoscaler-autoscaling-v2': 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  'ingress-networking-v1': 'io.k8s.api.networking.v1.Ingress',
  'job-batch-v1': 'io.k8s.api.batch.v1.Job',
  'networkpolicy-networking-v1': 'io.k8s.api.networking.v1.NetworkPolicy',
  'poddisruptionbudget-policy-v1': 'io.k8s.api.policy.v1.PodDisruptionBudget',
  'service-v1': 'io.k8s.api.core.v1.Service',
  'serviceaccount-v1': 'io.k8s.api.core.v1.ServiceAccount',
};

/** Kinds of other software: the module, and the file in it that defines the kind. */
const CUSTOM = {
  'scaledobject-keda-v1alpha1': [
    'github.com/kedacore/keda/v2@v2.21.0',
    'config/crd/bases/keda.sh_scaledobjects.yaml',
  ],
  ...Object.fromEntries(
    ['podmonitor', 'prometheusrule'].map((kind) => [
      `${kind}-monitoring-v1`,
      [
        'github.com/prometheus-operator/prometheus-operator@v0.85.0',
        `example/prometheus-operator-crd/monitoring.coreos.com_${kind}s.yaml`,
      ],
    ]),
  ),
};

const definitions = JSON.parse(
  readFileSync(
    join(module(`k8s.io/kubernetes@${VERSION}`), 'api/openapi-spec/swagger.json'),
    'utf8',
  ),
).definitions;
const needed = new Map();
const refOf = (name) => `definitions.json#/definitions/${name}`;

function strict(schema) {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/definitions/', '');
    need(name);
    return { $ref: refOf(name) };
  }
  if (schema.format === 'int-or-string' || schema['x-kubernetes-int-or-string']) {
    return { type: ['string', 'integer'] };
  }
  const { type, required, properties, items, additionalProperties, format, enum: values } = schema;
  return {
    ...(type && { type: [type, 'null'] }),
    ...(required && { required }),
    ...(values && { enum: values }),
    ...(format && { format }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, strict(property)]),
      ),
      additionalProperties: false,
    }),
    ...(additionalProperties && { additionalProperties: strict(additionalProperties) }),
    ...(items && { items: strict(items) }),
  };
}

function need(name) {
  if (needed.has(name)) return;
  needed.set(name, {});
  const quantity = name === 'io.k8s.apimachinery.pkg.api.resource.Quantity';
  needed.set(name, quantity ? { type: ['string', 'number'] } : strict(definitions[name]));
}

/** The folder of a Go module. */
function module(version) {
  const folder = mkdtempSync(join(tmpdir(), 'kubernetes-schemas-'));
  try {
    writeFileSync(join(folder, 'go.mod'), 'module schemas\n');
    const json = execFileSync('go', ['mod', 'download', '-json', version], {
      cwd: folder,
      encoding: 'utf8',
    });
    return JSON.parse(json).Dir;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const target = join(root, 'test', 'vectors', 'kubernetes');
mkdirSync(target, { recursive: true });
for (const [file, name] of Object.entries(KINDS)) {
  need(name);
  writeFileSync(join(target, `${file}.json`), `${JSON.stringify({ $ref: refOf(name) })}\n`);
}
for (const [file, [version, path]] of Object.entries(CUSTOM)) {
  const { versions } = parse(readFileSync(join(module(version), path), 'utf8')).spec;
  const [{ schema }] = versions.filter(({ name }) => file.endsWith(`-${name}`));
  writeFileSync(
    join(target, `${file}.json`),
    `${JSON.stringify(strict(schema.openAPIV3Schema))}\n`,
  );
}
const sorted = Object.fromEntries([...needed].sort(([a], [b]) => a.localeCompare(b)));
writeFileSync(join(target, 'definitions.json'), `${JSON.stringify({ definitions: sorted })}\n`);
process.stdout.write(`${needed.size} definitions of Kubernetes ${VERSION}\n`);
