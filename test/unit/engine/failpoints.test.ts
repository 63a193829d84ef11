import { afterEach, describe, expect, it } from 'vitest';
import {
  armFailpoints,
  type Failpoint,
  failpoint,
  readFailpoint,
} from '../../../engine/failpoint.js';
import { ConfigError, loadConfigPart } from '../../../services/shared/config.js';

afterEach(() => armFailpoints([]));

describe('failpoints', () => {
  it('do nothing where they are not armed', () => {
    expect(failpoint('after-open-commit')).toBeUndefined();
  });

  it('strike every so many times, each for itself', async () => {
    const deaths: Failpoint[] = [];
    armFailpoints(['after-open-commit@3', 'before-message-ack'], async (name) => {
      deaths.push(name);
      return Promise.resolve();
    });
    for (let n = 0; n < 7; n += 1) await failpoint('after-open-commit');
    await failpoint('before-message-ack');
    await failpoint('in-message-transaction');
    expect(deaths).toEqual(['after-open-commit', 'after-open-commit', 'before-message-ack']);
  });

  it('wait instead, where that is asked for', async () => {
    armFailpoints(['in-message-transaction@2~20'], () => Promise.reject(new Error('died')));
    expect(failpoint('in-message-transaction')).toBeUndefined();
    const before = performance.now();
    await failpoint('in-message-transaction');
    expect(performance.now() - before).toBeGreaterThan(15);
  });

  it.each(['nowhere', 'after-open-commit@0', 'after-open-commit@', 'after-open-commit~x', ''])(
    'are not read from %o',
    (text) => expect(readFailpoint(text)).toBeUndefined(),
  );

  it('are refused in production, and when there is no such place', () => {
    const load = (env: Record<string, string>) => () => loadConfigPart(['QUITTANCE_ENV'], env);
    const armed = { QUITTANCE_FAILPOINTS: 'after-open-commit@3,before-message-ack' };
    expect(load(armed)).not.toThrow();
    expect(load({ ...armed, QUITTANCE_ENV: 'production' })).toThrow(ConfigError);
    const wrong = { QUITTANCE_FAILPOINTS: 'nowhere' };
    expect(() => loadConfigPart(['QUITTANCE_FAILPOINTS'], wrong)).toThrow(/name@times/);
  });
});
