import type { ServerHandle } from './types.js';

/** A server somebody else runs: it can be used, not be stopped or started. */
export function outsideServer(name: string, version: string, variable: string): ServerHandle {
  const refuse = (verb: string) => (): Promise<void> =>
    Promise.reject(
      new Error(`${name} comes from ${variable}: whoever runs it has to ${verb} it, not we`),
    );
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
