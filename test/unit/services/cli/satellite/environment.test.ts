import { describe, expect, it } from 'vitest';
import {
  environmentHelp,
  satelliteEnvironment,
} from '../../../../../services/cli/satellite/environment.js';
import { loadConfigPart } from '../../../../../services/shared/config.js';

describe('the environment of the peer', () => {
  it('is understood by its own names', () => {
    const env = satelliteEnvironment({
      ENV: 'test',
      CHARGE_ROOT: 'http://api-token:x@127.0.0.1:9112',
      CHARGE_API_TOKEN: 'mySecretToken',
      MIN_BID: '5',
      MIN_PER_BYTE_BID: '0.25',
      FORCE_PAYMENT: '0',
      SATELLITE_LISTEN: '127.0.0.1:9999',
    });
    const config = loadConfigPart(
      [
        'QUITTANCE_ENV',
        'QUITTANCE_CHARGE_ROOT',
        'QUITTANCE_CHARGE_API_TOKEN',
        'QUITTANCE_CALLBACK_URI_ROOT',
        'QUITTANCE_MIN_BID_MSAT',
        'QUITTANCE_MIN_PER_BYTE_BID_MSAT',
        'QUITTANCE_FORCE_PAYMENT',
        'QUITTANCE_SATELLITE_LISTEN',
        'QUITTANCE_CONFIRM_TIMEOUT_SECONDS',
      ],
      env,
    );
    expect(config).toEqual({
      env: 'test',
      chargeRoot: 'http://api-token:x@127.0.0.1:9112',
      chargeApiToken: 'mySecretToken',
      callbackUriRoot: 'http://127.0.0.1:9999',
      minBidMsat: 5n,
      minPerByteBidMsat: { msat: 0n, micros: 250_000n },
      forcePayment: '0',
      satelliteListen: '127.0.0.1:9999',
      confirmTimeoutSeconds: undefined,
    });
  });

  it('gives way to our names, and is all in --help', () => {
    const env = satelliteEnvironment({ MIN_BID: '5', QUITTANCE_MIN_BID_MSAT: '7' });
    expect(env['QUITTANCE_MIN_BID_MSAT']).toBe('7');
    for (const name of ['ENV', 'CHARGE_ROOT', 'CHARGE_API_TOKEN', 'CALLBACK_URI_ROOT', 'MIN_BID']) {
      expect(environmentHelp()).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });
});
