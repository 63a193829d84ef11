import type { Config } from '../../shared/config.js';
import type { SatelliteSettings } from './settings.js';

type SatelliteConfig = Pick<
  Config,
  | 'env'
  | 'secret'
  | 'formerSecrets'
  | 'orderTokenKeys'
  | 'chargeApiToken'
  | 'forcePayment'
  | 'satelliteToken'
  | 'clientCertificateHeader'
>;

/** What is guarded is open in development, as at the peer, unless there is a token. */
export function satelliteSettings({
  env,
  secret,
  formerSecrets,
  orderTokenKeys = [],
  chargeApiToken,
  forcePayment,
  satelliteToken: token,
  clientCertificateHeader: certificateHeader,
}: SatelliteConfig): SatelliteSettings {
  const development = env !== 'production';
  const own = chargeApiToken ?? secret;
  const [newest = own, ...older] = [...orderTokenKeys, own, secret, ...formerSecrets];
  return {
    secret: own,
    // What was made before there were keys of its own stays valid.
    orderSecrets: [newest, ...older],
    development,
    forcePayment: development && forcePayment !== undefined,
    guard: {
      open: development && token === undefined,
      ...(token === undefined ? {} : { token }),
      ...(certificateHeader === undefined ? {} : { certificateHeader }),
    },
  };
}
