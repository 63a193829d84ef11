import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { errorOfLnd, REFUSALS, refusing } from '../../../../../adapters/lightning/lnd/errors.js';

const error = (code: status, details: string): object => ({ code, details });

/** Source: lnd v0.21.2-beta, rpcperms/interceptor.go and macaroons/service.go. */
test.each([
  ['waiting to start, RPC services not available', 'starting'],
  [
    'the RPC server is in the process of starting up, but not yet ready to accept calls',
    'starting',
  ],
  ['wallet not created, create one to enable full RPC access', 'locked'],
  ['wallet locked, unlock it to enable full RPC access', 'locked'],
  ['permission denied', 'permission_denied'],
  ['cannot get macaroon: root key with id 0 doesn’t exist', 'permission_denied'],
  ['verification failed: signature mismatch after caveat verification', 'permission_denied'],
])('"%s" is an alarm and no refusal: %s', (details, alarm) => {
  expect(errorOfLnd(error(status.UNKNOWN, details))).toMatchObject({ kind: 'unavailable', alarm });
});

test('only a connection that never stood is unavailable: whatever else may have happened', () => {
  const never = error(status.UNAVAILABLE, 'No connection established. Last error: ECONNREFUSED');
  expect(errorOfLnd(never)).toMatchObject({ kind: 'unavailable' });
  const dropped = error(status.UNAVAILABLE, 'Connection dropped');
  expect(errorOfLnd(dropped)).toMatchObject({ kind: 'unknown' });
  expect(errorOfLnd(error(status.DEADLINE_EXCEEDED, 'Deadline exceeded'))).toMatchObject({
    kind: 'unknown',
  });
  expect(errorOfLnd(new Error('anything'))).toMatchObject({ kind: 'unknown' });
});

test('a text is a refusal only where a handler of lnd says it: the transport may quote it, and the call have had its effect', () => {
  const kindOf = (code: status): unknown => {
    try {
      return refusing(REFUSALS.sendPayment)(
        errorOfLnd(error(code, 'invoice expired. Valid until')),
      );
    } catch (thrown) {
      return (thrown as { kind: string }).kind;
    }
  };
  expect(kindOf(status.UNKNOWN)).toBe('refused');
  for (const code of [status.CANCELLED, status.UNAVAILABLE, status.DEADLINE_EXCEEDED]) {
    expect(kindOf(code)).toBe('unknown');
  }
});
