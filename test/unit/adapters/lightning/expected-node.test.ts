import { beforeEach, describe, expect, test } from 'vitest';
import { onlyExpected } from '../../../../adapters/lightning/expected-node.js';
import {
  LightningError,
  type LightningPort,
  type NodeInfo,
} from '../../../../adapters/lightning/port.js';

const INFO: NodeInfo = {
  ...{ publicKey: '02aa', network: 'mainnet', version: '0', blockHeight: 1, synced: true },
};

let info: NodeInfo;
let asked: string[];
let failure: LightningError | undefined;

beforeEach(() => {
  [info, asked, failure] = [INFO, [], undefined];
});

const call = (name: string) => (): Promise<never> => {
  asked.push(name);
  return failure === undefined ? (Promise.resolve(undefined) as never) : Promise.reject(failure);
};

const node: LightningPort = {
  info: () => {
    asked.push('info');
    return Promise.resolve(info);
  },
  ...{ balance: call('balance'), createInvoice: call('createInvoice') },
  ...{ lookupInvoice: call('lookupInvoice'), settleInvoice: call('settleInvoice') },
  ...{ cancelInvoice: call('cancelInvoice'), sendPayment: call('sendPayment') },
  ...{ lookupPayment: call('lookupPayment'), estimateRoute: call('estimateRoute') },
  ...{ decode: call('decode'), journal: call('journal') },
  subscribe: () => {
    throw new Error('not here');
  },
};

const EXPECTED = { network: 'mainnet', publicKey: '02aa' } as const;

describe('only the node that is expected', () => {
  test('is used, and asked who it is once', async () => {
    const guarded = onlyExpected(node, EXPECTED);
    await Promise.all([guarded.cancelInvoice('a'), guarded.settleInvoice('b')]);
    expect(asked).toEqual(['info', 'cancelInvoice', 'settleInvoice']);
  });

  test.each([
    [{ publicKey: '02bb' }, 'wrong_node'],
    [{ network: 'regtest' }, 'wrong_network'],
  ] as const)('%o is unavailable, and not asked for anything', async (other, alarm) => {
    info = { ...INFO, ...other };
    const guarded = onlyExpected(node, EXPECTED);
    const refused = { kind: 'unavailable', alarm };
    await expect(guarded.settleInvoice('b')).rejects.toMatchObject(refused);
    await expect(guarded.lookupInvoice('b')).rejects.toMatchObject(refused);
    expect(asked).toEqual(['info', 'info']);
    expect(await guarded.info()).toEqual(info);
  });

  test('is asked again after a call that did not reach it: another may answer now', async () => {
    const guarded = onlyExpected(node, EXPECTED);
    await guarded.settleInvoice('a');
    failure = LightningError.unavailable('away');
    await expect(guarded.settleInvoice('a')).rejects.toThrow('away');
    [failure, info] = [undefined, { ...INFO, publicKey: '02bb' }];
    await expect(guarded.settleInvoice('a')).rejects.toMatchObject({ alarm: 'wrong_node' });
  });
});
