import { readFileSync } from 'node:fs';
import {
  type Authenticator,
  type ConnectionOptions,
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats';
import type { Config, VariableName } from '../config.js';

/** The variables that a connection to NATS is made of. */
export const NATS_KEYS = [
  'NATS_URL',
  'QUITTANCE_NATS_USER',
  'QUITTANCE_NATS_PASSWORD',
  'QUITTANCE_NATS_TOKEN',
  'QUITTANCE_NATS_NKEY',
  'QUITTANCE_NATS_CREDS',
  'QUITTANCE_NATS_CA',
  'QUITTANCE_NATS_CERT',
  'QUITTANCE_NATS_CERT_KEY',
] as const satisfies readonly VariableName[];

export type NatsConfig = Pick<Config, 'natsUrl'> &
  Partial<
    Pick<
      Config,
      | 'natsUser'
      | 'natsPassword'
      | 'natsToken'
      | 'natsNkey'
      | 'natsCreds'
      | 'natsCa'
      | 'natsCert'
      | 'natsCertKey'
    >
  >;

/** Where NATS is, who we are there, and whether nothing may be sent in clear. Throws where a file cannot be read. */
export function natsOptions(
  config: NatsConfig,
): Pick<ConnectionOptions, 'servers' | 'authenticator' | 'tls'> {
  const urls = config.natsUrl.split(',').map((url) => new URL(url.trim()));
  const authenticator = authenticatorOf(config, urls[0]);
  const tls = tlsOf(config, urls);
  return {
    servers: urls.map(({ host }) => host),
    ...(authenticator && { authenticator }),
    ...(tls && { tls }),
  };
}

/** By the environment first, else by what stands in the URL: a user and a password, or a token. */
function authenticatorOf(config: NatsConfig, url: URL | undefined): Authenticator | undefined {
  const { natsCreds, natsNkey, natsToken, natsUser, natsPassword } = config;
  if (natsCreds !== undefined) return credsAuthenticator(readFileSync(natsCreds));
  if (natsNkey !== undefined) return nkeyAuthenticator(new TextEncoder().encode(natsNkey));
  if (natsToken !== undefined) return tokenAuthenticator(natsToken);
  if (natsUser !== undefined) return usernamePasswordAuthenticator(natsUser, natsPassword);
  const [user, password] = [url?.username, url?.password].map((part) =>
    decodeURIComponent(part ?? ''),
  );
  if (user === undefined || user === '') return undefined;
  return password === undefined || password === ''
    ? tokenAuthenticator(user)
    : usernamePasswordAuthenticator(user, password);
}

/** With these options the client refuses a server that does not offer TLS. */
function tlsOf(config: NatsConfig, urls: readonly URL[]): ConnectionOptions['tls'] {
  const { natsCa: caFile, natsCert: certFile, natsCertKey: keyFile } = config;
  const files = {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
  const wanted = urls.some(({ protocol }) => protocol === 'tls:' || protocol === 'wss:');
  return wanted || Object.keys(files).length > 0 ? files : undefined;
}
