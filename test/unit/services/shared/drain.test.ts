import { expect, test } from 'vitest';
import { StopSteps } from '../../../../services/shared/drain.js';
import { createLogger } from '../../../../services/shared/logger.js';

const logger = createLogger({ logLevel: 'silent' }, 'test');

test('steps run in reverse order, one after another', async () => {
  const order: string[] = [];
  const steps = new StopSteps();
  steps.add('pool', () => order.push('pool'));
  steps.add('consumer', async () => {
    order.push('consumer begins');
    await Promise.resolve();
    order.push('consumer ends');
  });
  steps.add('server', () => order.push('server'));
  expect(await steps.runAll(logger)).toBe(true);
  expect(order).toEqual(['server', 'consumer begins', 'consumer ends', 'pool']);
});

test('a step that fails is logged, and the others run', async () => {
  const order: string[] = [];
  const steps = new StopSteps();
  steps.add('pool', () => order.push('pool'));
  steps.add('consumer', () => Promise.reject(new Error('lost')));
  steps.add('server', () => {
    throw new Error('busy');
  });
  expect(await steps.runAll(logger)).toBe(false);
  expect(order).toEqual(['pool']);
});
