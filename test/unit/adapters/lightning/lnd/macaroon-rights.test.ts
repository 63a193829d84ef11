import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { onlyReceives, rightsOf } from '../../../../../adapters/lightning/lnd/macaroon-rights.js';

type Op = readonly [entity: string, ...actions: string[]];
type OneRight = readonly [entity: string, action: string];

/** As lnd bakes them: version 2, location lnd, no caveats, a signature that nobody here checks. */
function macaroonOf(...ops: readonly Op[]): Buffer {
  const id = protobuf.Writer.create().uint32(10).bytes(Buffer.alloc(16, 1)).uint32(18).string('0');
  for (const [entity, ...actions] of ops) {
    const op = protobuf.Writer.create().uint32(10).string(entity);
    for (const action of actions) op.uint32(18).string(action);
    id.uint32(26).bytes(op.finish());
  }
  const identifier = Buffer.concat([Buffer.of(3), id.finish()]);
  const fields = protobuf.Writer.create().uint32(1).string('lnd').uint32(2).bytes(identifier);
  const signature = protobuf.Writer.create().uint32(6).bytes(Buffer.alloc(32));
  return Buffer.concat([...[Buffer.of(2), fields.finish(), Buffer.of(0, 0), signature.finish()]]);
}

const isAccepted = (...ops: readonly Op[]): boolean =>
  onlyReceives(rightsOf(macaroonOf(...ops)) ?? []);

describe('a macaroon', () => {
  test('says what it permits', () => {
    expect(rightsOf(macaroonOf(['invoices', 'read', 'write'], ['info', 'read']))).toEqual([
      ...[
        { entity: 'invoices', action: 'read' },
        { entity: 'invoices', action: 'write' },
      ],
      { entity: 'info', action: 'read' },
    ]);
  });

  test('of invoices, as lnd makes one by itself, only receives', () => {
    const invoices: Op[] = [
      ['address', 'read', 'write'],
      ['invoices', 'read', 'write'],
      ['onchain', 'read'],
    ];
    expect(isAccepted(...invoices)).toBe(true);
    expect(isAccepted(['uri', '/lnrpc.Lightning/AddInvoice'])).toBe(true);
  });

  test.each<OneRight>([
    ['offchain', 'write'],
    ['onchain', 'write'],
    ['macaroon', 'generate'],
    ['macaroon', 'write'],
    ['signer', 'generate'],
    ['peers', 'write'],
    ['uri', '/routerrpc.Router/SendPaymentV2'],
    ['uri', '/lnrpc.Lightning/BakeMacaroon'],
  ])('with %s %s is refused, whatever stands beside it', (entity, action) => {
    expect(isAccepted(['invoices', 'read', 'write'], [entity, action])).toBe(false);
  });

  test.each([Buffer.alloc(0), Buffer.from('0201', 'hex'), Buffer.from('no macaroon at all')])(
    'that cannot be read has no rights that are known: %s',
    (bytes) => {
      expect(rightsOf(bytes)).toBeUndefined();
    },
  );
});
