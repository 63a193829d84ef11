import { readFileSync } from 'node:fs';
import type { ClientOptions, ConnectionOptions } from '@temporalio/client';
import { type Config, type Environment, loadConfigPart, type VariableName } from '../config.js';
import { EncryptionCodec } from './payload-codec.js';

/** The variables that access to Temporal is made of. */
export const TEMPORAL_KEYS = [
  'TEMPORAL_ADDRESS',
  'QUITTANCE_TEMPORAL_NAMESPACE',
  'QUITTANCE_TEMPORAL_TLS',
  'QUITTANCE_TEMPORAL_CA',
  'QUITTANCE_TEMPORAL_CERT',
  'QUITTANCE_TEMPORAL_CERT_KEY',
  'QUITTANCE_TEMPORAL_API_KEY',
  'QUITTANCE_TEMPORAL_CODEC_KEYS',
] as const satisfies readonly VariableName[];

export type TemporalConfig = Pick<Config, 'temporalAddress' | 'temporalNamespace'> &
  Partial<
    Pick<
      Config,
      | 'temporalTls'
      | 'temporalCa'
      | 'temporalCert'
      | 'temporalCertKey'
      | 'temporalApiKey'
      | 'temporalCodecKeys'
    >
  >;

/** For the connection of a client or of a worker. Throws where a file cannot be read. */
export function temporalConnection(
  config: TemporalConfig,
): Required<Pick<ConnectionOptions, 'address'>> & { tls?: Tls; apiKey?: string } {
  const { temporalAddress: address, temporalApiKey: apiKey } = config;
  const tls = tlsOf(config);
  return { address, ...(tls && { tls }), ...(apiKey !== undefined && { apiKey }) };
}

/** For a client or a worker: how payloads are encrypted. */
export function temporalPayloads({
  temporalCodecKeys: keys,
}: Pick<TemporalConfig, 'temporalCodecKeys'>): Pick<ClientOptions, 'dataConverter'> {
  return keys === undefined
    ? {}
    : { dataConverter: { payloadCodecs: [new EncryptionCodec(keys)] } };
}

/** The same for the command line: from the environment, at an address that is known already. */
export function temporalConfigAt(address: string, env: Environment = process.env): TemporalConfig {
  return loadConfigPart(TEMPORAL_KEYS, { ...env, TEMPORAL_ADDRESS: address });
}

type Tls = Exclude<ConnectionOptions['tls'], boolean | null | undefined>;

function tlsOf(config: TemporalConfig): Tls | undefined {
  const { temporalTls, temporalCa, temporalCert, temporalCertKey, temporalApiKey } = config;
  const pair =
    temporalCert !== undefined && temporalCertKey !== undefined
      ? { crt: readFileSync(temporalCert), key: readFileSync(temporalCertKey) }
      : undefined;
  const wanted = temporalTls === 'on' || temporalCa !== undefined || temporalApiKey !== undefined;
  if (!wanted && pair === undefined) return undefined;
  return {
    ...(temporalCa !== undefined && { serverRootCACertificate: readFileSync(temporalCa) }),
    ...(pair && { clientCertPair: pair }),
  };
}
