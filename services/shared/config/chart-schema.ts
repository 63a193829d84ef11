import { infoOf } from './key.js';
import { groups, schema, type VariableName, variableNames } from './schema.js';

/** Variables that name a file by its path. */
const PATHS = /_(CA|CERT|CERT_KEY|CREDS|CERTIFICATE|MACAROON)$/;
/** What the chart sets itself, or what no container reads. */
const NOT_IN_VALUES: ReadonlySet<string> = new Set([
  ...['QUITTANCE_OPS_HOST', 'QUITTANCE_OPS_PORT', 'QUITTANCE_API_HOST', 'QUITTANCE_API_PORT'],
  ...['QUITTANCE_CODEC_HOST', 'QUITTANCE_CODEC_PORT'],
  ...['QUITTANCE_SHUTDOWN_SECONDS', 'QUITTANCE_WORKER_QUEUES', 'QUITTANCE_REGIONS'],
  // The worker-controller sets them.
  ...['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'],
  ...Object.keys(groups['Command line']),
]);

/** deploy/helm/quittance/values.schema.json: the chart refuses variables that no process reads. */
export function chartValuesSchema(): string {
  const known = variableNames.filter((name) => !NOT_IN_VALUES.has(name));
  const plain = known.filter((name) => infoOf(schema.shape[name]).secret !== true);
  const fromSecrets = known.filter(mayStandInFile);
  const paths = known.filter((name) => PATHS.test(name));
  const variables = {
    environment: mapOf(plain, { type: 'string' }),
    secrets: mapOf(fromSecrets, KEY_OF_SECRET),
    files: mapOf(paths, KEY_OF_SECRET),
  };
  const process = closed({ ...variables, ...named(OF_A_PROCESS) });
  const worker = {
    ...closed({
      ...variables,
      queues: { type: 'array', minItems: 1, items: { enum: QUEUES } },
      replicas: { type: 'integer', minimum: 1 },
      ...named(['resources', 'autoscaling']),
    }),
    ...{ type: ['object', 'null'], required: ['queues', 'replicas'] },
  };
  const seconds = (minimum: number): object => ({ type: 'integer', minimum, maximum: 600 });
  return `${JSON.stringify(
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      ...closed({
        ...named(OF_THE_CHART),
        ...variables,
        shutdownSeconds: seconds(1),
        goodbyeSeconds: seconds(0),
        workerController: WORKER_CONTROLLER,
        ...Object.fromEntries(PROCESSES.map((name) => [name, process])),
        workers: { type: 'object', additionalProperties: worker },
      }),
    },
    null,
    2,
  )}\n`;
}

const PROCESSES = [
  ...['prepare', 'api', 'worker', 'relay', 'lightning', 'groundStation', 'codecServer'],
];
/** Values whose own parts Kubernetes checks; `global` is helm's. */
const OF_THE_CHART = [
  ...['global', 'image', 'imagePullSecrets', 'keda', 'prometheus', 'networkPolicy'],
  ...['serviceAccount', 'podAnnotations', 'nodeSelector', 'tolerations', 'priorityClassName'],
];
const OF_A_PROCESS = [
  ...['enabled', 'replicas', 'resources', 'autoscaling', 'service', 'ingress'],
  ...['arguments', 'regions'],
];
const WORKER_CONTROLLER = closed({
  enabled: { type: 'boolean' },
  strategy: { enum: ['AllAtOnce', 'Progressive', 'Manual'] },
  ...named(['connection', 'steps', 'scaledownDelay', 'deleteDelay']),
});
const QUEUES = ['actions', 'transmissions', 'intake', 'effects'];
const KEY_OF_SECRET = {
  ...{ type: 'object', required: ['secret', 'key'], additionalProperties: false },
  properties: { secret: { type: 'string' }, key: { type: 'string' } },
};

/** An object with these properties and no other. */
function closed(properties: object): object {
  return { type: 'object', properties, additionalProperties: false };
}

function named(names: readonly string[]): object {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function mapOf(names: readonly VariableName[], value: object): object {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, value])),
    additionalProperties: false,
  };
}

function mayStandInFile(name: VariableName): boolean {
  const { secret, url } = infoOf(schema.shape[name]);
  return secret === true || url === true;
}
