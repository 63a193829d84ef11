import { type Environment, loadConfigPart } from '../../shared/config.js';
import { freePort } from '../../shared/free-port.js';
import { signingVariables } from './signing-keys.js';

/** The addresses of the three servers, as in the configuration. */
export interface ServerAddresses {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly temporalAddress: string;
  /** Of a Temporal that was started here. */
  readonly temporalUiUrl?: string;
}

export interface ProcessEnvironment {
  readonly apiUrl: string;
  readonly lightningUrl: string;
  readonly storeUrl: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * The environment of the processes: the variables that were given, the servers' addresses, and free
 * ports. A port or URL that was given is used as it is.
 */
export async function processEnvironment(
  given: Environment,
  servers: ServerAddresses,
): Promise<ProcessEnvironment> {
  const config = loadConfigPart(
    [
      ...(['QUITTANCE_API_HOST', 'QUITTANCE_API_PORT', 'QUITTANCE_API_URL'] as const),
      ...(['QUITTANCE_LIGHTNING_URL', 'QUITTANCE_STORE_SIMULATOR_URL'] as const),
    ],
    given,
  );
  const { apiHost } = config;
  const apiPort = isGiven(given, 'QUITTANCE_API_PORT')
    ? config.apiPort
    : await freePort(apiHost, config.apiPort);
  const apiUrl = isGiven(given, 'QUITTANCE_API_URL')
    ? config.apiUrl
    : `http://${apiHost}:${apiPort}`;
  const lightningUrl = isGiven(given, 'QUITTANCE_LIGHTNING_URL')
    ? config.lightningUrl
    : await withFreePort(config.lightningUrl);
  const storeUrl = isGiven(given, 'QUITTANCE_STORE_SIMULATOR_URL')
    ? config.storeSimulatorUrl
    : await withFreePort(config.storeSimulatorUrl);
  const variables = {
    // The simulated stations confirm at once: the default of a minute would only make the demo long.
    QUITTANCE_CONFIRM_TIMEOUT_SECONDS: '4',
    ...(servers.temporalUiUrl === undefined
      ? {}
      : { QUITTANCE_TEMPORAL_UI: servers.temporalUiUrl }),
    ...withoutFiles(withoutUndefined(given)),
    ...signingVariables(given),
    DATABASE_URL: servers.databaseUrl,
    NATS_URL: servers.natsUrl,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    QUITTANCE_API_PORT: String(apiPort),
    QUITTANCE_API_URL: apiUrl,
    QUITTANCE_LIGHTNING_URL: lightningUrl,
    QUITTANCE_STORE_SIMULATOR_URL: storeUrl,
    // Several processes on one machine cannot share a port.
    QUITTANCE_OPS_PORT: '0',
  };
  return { apiUrl, lightningUrl, storeUrl, variables };
}

async function withFreePort(address: string): Promise<string> {
  const url = new URL(address);
  url.port = String(await freePort(url.hostname, Number(url.port)));
  return url.origin;
}

function isGiven(env: Environment, name: string): boolean {
  return (env[name] ?? '').trim() !== '';
}

function withoutUndefined(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** What stands in files gives way to what is set here. */
function withoutFiles(env: Readonly<Record<string, string>>): Record<string, string> {
  const set = [
    'DATABASE_URL_FILE',
    'NATS_URL_FILE',
    'QUITTANCE_API_URL_FILE',
    'QUITTANCE_LIGHTNING_URL_FILE',
  ];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !set.includes(name)));
}
