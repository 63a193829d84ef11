import type { Config } from '../../shared/config.js';
import type { SatelliteSettings } from './settings.js';

type SatelliteConfig = Pick<
  Config,
  | 'env'
  | 'secret'
  | 'chargeApiToken'
  | 'forcePayment'
  | 'satelliteToken'
  | 'clientCertificateHeader'
>;

/** What is guarded is open in development, as at the peer, unless there is a token. */
export function satelliteSettings({
  env,
  secret,
  chargeApiToken,
  forcePayment,
  satelliteToken: token,
  clientCertificateHeader: certificateHeader,
}: SatelliteConfig): SatelliteSettings {
  const development = env !== 'production';
  return {
    secret: chargeApiToken ?? secret,
    development,
    forcePayment: development && forcePayment !== undefined,
    guard: {
      open: development && token === undefined,
      ...(token === undefined ? {} : { token }),
      ...(certificateHeader === undefined ? {} : { certificateHeader }),
    },
  };
}
