import { expect, it } from 'vitest';
import { refuseScrape } from '../../../../services/shared/ops-server.js';

const REMOTE = '10.0.0.7';
const mayScrape = (token: string): Promise<boolean> => Promise.resolve(token === 'right');
const statusOf = async (
  address: string,
  authorization?: string,
  may = mayScrape,
): Promise<number | undefined> => (await refuseScrape(address, authorization, may))?.status;

it('metrics are shown on this machine, and elsewhere to whoever has a token of their scope', async () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(await statusOf(address)).toBeUndefined();
  }
  expect(await statusOf(REMOTE, 'Bearer right')).toBeUndefined();
  expect(await statusOf(REMOTE)).toBe(401);
  expect(await statusOf(REMOTE, 'Bearer wrong')).toBe(401);
  expect(await statusOf(REMOTE, 'right')).toBe(401);
});

it('while tokens cannot be checked, nobody elsewhere sees them', async () => {
  const away = (): Promise<boolean> => Promise.reject(new Error('PostgreSQL is away'));
  expect(await statusOf(REMOTE, 'Bearer right', away)).toBe(503);
});
