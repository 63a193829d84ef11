import { messageOf } from '../run-command.js';
import { NotAvailable } from './resolve-server.js';
import type { ServerHandle } from './types.js';

/** A server that is not ours, found at the address in the environment. */
export interface OutsideServer {
  readonly kind: 'outside';
  readonly address: string;
  readonly version: string;
}

export interface OutsideSpec {
  readonly name: string;
  /** Of the environment: has the address. */
  readonly variable: 'DATABASE_URL' | 'NATS_URL' | 'TEMPORAL_ADDRESS';
  readonly env: NodeJS.ProcessEnv;
  /** Gives the version; rejects when the server cannot be used. */
  readonly ask: (address: string) => Promise<string>;
  /** Hides the password in an address. */
  readonly redact: (address: string) => string;
}

/**
 * The server at the address in the environment. Throws {@link NotAvailable} when none is set. One that
 * is set and cannot be used is another error: using another server would hide the mistake.
 */
export async function findOutside(spec: OutsideSpec): Promise<OutsideServer> {
  const { name, variable, env, ask, redact } = spec;
  const address = env[variable];
  if (address === undefined || address.trim() === '') {
    throw new NotAvailable(`${variable} is not set`);
  }
  try {
    return { kind: 'outside', address, version: await ask(address) };
  } catch (error) {
    throw new Error(
      `${variable} is set to ${redact(address)}, but ${name} there cannot be used: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** It can be used, not started or stopped. */
export function outsideHandle(
  { name, variable }: Pick<OutsideSpec, 'name' | 'variable'>,
  { version }: OutsideServer,
): ServerHandle {
  const refuse = (verb: string) => (): Promise<void> =>
    Promise.reject(new Error(`${name} comes from ${variable}: ${verb} it where it was started`));
  return {
    name,
    version,
    source: 'environment',
    stop: refuse('stop'),
    kill: refuse('kill'),
    start: refuse('start'),
    empty: refuse('empty'),
  };
}
