import { expect, test } from 'vitest';
import { createLogger, type Logger } from '../../../../services/shared/logger.js';
import { sdkLogger } from '../../../../services/shared/temporal-runtime.js';

function capture(): { logger: Logger; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  const logger = createLogger({ logLevel: 'info' }, 'api', destination);
  return {
    logger,
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

test('a line has time, level, service and message', () => {
  const { logger, lines } = capture();
  logger.child({ actionId: '7' }).warn('late');
  logger.debug('not shown');
  expect(lines()).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown,
      service: 'api',
      pid: process.pid,
      actionId: '7',
      msg: 'late',
    },
  ]);
});

test('secrets are not logged, at the top level or nested', () => {
  const { logger, lines } = capture();
  logger.info({
    token: 's1',
    request: { headers: { authorization: 's2', cookie: 's3' }, password: 's4' },
    config: { secret: 's5', databaseUrl: 's6' },
    invoice: { preimage: 's7', hash: 'shown' },
  });
  const text = JSON.stringify(lines());
  expect(text).not.toMatch(/s[1-7]/);
  expect(text).toContain('shown');
});

test("Temporal's log lines have the workflow's id and the action's or order's", () => {
  const { logger, lines } = capture();
  const sdk = sdkLogger(logger);
  sdk.info('begun', { workflowId: 'action/42/1', runId: 'r', namespace: 'default' });
  sdk.log('ERROR', 'failed', { workflowId: 'order/abc', error: new Error('the node is away') });
  sdk.debug('not shown');
  expect(lines()).toMatchObject([
    { level: 'info', msg: 'begun', workflowId: 'action/42/1', runId: 'r', actionId: '42' },
    {
      level: 'error',
      msg: 'failed',
      workflowId: 'order/abc',
      orderId: 'abc',
      error: { message: 'the node is away', stack: expect.any(String) as unknown },
    },
  ]);
});
