import { z } from 'zod';
import { commandLineKeys, processKeys, serverKeys } from './keys-servers.js';
import { codecServerKeys } from './keys-codec.js';
import { effectKeys } from './keys-effects.js';
import { safetyKeys } from './keys-safety.js';
import { natsKeys, signatureKeys, temporalKeys } from './keys-trust.js';
import { creditKeys, limitKeys, timingKeys } from './keys-timing.js';
import { pageKeys } from './keys-pages.js';
import { satelliteKeys } from './keys-satellite.js';
import { tracingKeys } from './keys-tracing.js';
import { relayKeys, simulatedNodeKeys, stationKeys, workerKeys } from './keys-workers.js';

/** Groups as docs/configuration.md shows them. A new key goes into one of these, or into a new group. */
export const groups = {
  Servers: serverKeys,
  Processes: processKeys,
  'Signed messages': signatureKeys,
  'Access to NATS': natsKeys,
  'Access to Temporal': temporalKeys,
  'Codec server': codecServerKeys,
  Tracing: tracingKeys,
  'Deadlines and graces': timingKeys,
  Limits: limitKeys,
  Safety: safetyKeys,
  Credits: creditKeys,
  'What people are told': effectKeys,
  Relay: relayKeys,
  Workers: workerKeys,
  Pages: pageKeys,
  'Satellite API': satelliteKeys,
  'Ground stations': stationKeys,
  'Simulated Lightning node': simulatedNodeKeys,
  'Command line': commandLineKeys,
} as const;

/** The schema, by names as in the environment. */
export const schema = z.object({
  ...serverKeys,
  ...processKeys,
  ...signatureKeys,
  ...natsKeys,
  ...temporalKeys,
  ...codecServerKeys,
  ...tracingKeys,
  ...timingKeys,
  ...limitKeys,
  ...safetyKeys,
  ...creditKeys,
  ...effectKeys,
  ...relayKeys,
  ...workerKeys,
  ...pageKeys,
  ...satelliteKeys,
  ...stationKeys,
  ...simulatedNodeKeys,
  ...commandLineKeys,
});

type Variables = z.output<typeof schema>;
export type VariableName = keyof Variables;

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<Camel<Tail>>}`
  : Lowercase<S>;

type PropertyOf<S extends string> = S extends `QUITTANCE_${infer Name}` ? Camel<Name> : Camel<S>;

export type ConfigOf<N extends VariableName> = {
  readonly [K in N as PropertyOf<K>]: Variables[K];
};

/** `QUITTANCE_API_PORT` is read as `config.apiPort`, `DATABASE_URL` as `config.databaseUrl`. */
export type Config = ConfigOf<VariableName>;

export const variableNames = schema.keyof().options;

export function propertyOf(name: VariableName): keyof Config {
  const property = name
    .replace(/^QUITTANCE_/, '')
    .toLowerCase()
    .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  // The compiler cannot follow the replacements; PropertyOf is the same rule for types.
  return property as keyof Config;
}
