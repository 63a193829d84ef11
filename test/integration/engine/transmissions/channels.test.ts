import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANNELS } from '../../../../domain/transmissions/channels.js';
import { channelsWith } from '../../../../domain/transmissions/settings.js';
import { keepReaders } from '../../../../engine/transmissions/keep-readers.js';
import { type Fixture, orderFixture, rowsOf } from './fixture.helper.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await orderFixture();
});
afterAll(() => fixture.close());

it('the channels of the table are those of the code', async () => {
  const rows = await rowsOf(
    fixture,
    `select number, name, paid, rate_bytes_per_second as rate, confirm_timeout_seconds as "confirmTimeoutSeconds",
       max_message_bytes as "maxMessageBytes", users_read as read from channels order by number`,
  );
  expect(rows).toEqual(
    CHANNELS.map(({ userMay, ...channel }) => ({ ...channel, read: userMay.includes('get') })),
  );
});

it('who may read them is as the installation has it', async () => {
  const readable = async (): Promise<number[]> => {
    const sql = 'select number from channels where users_read order by number';
    return (await rowsOf<{ number: number }>(fixture, sql)).map(({ number }) => number);
  };
  const channels = channelsWith('1.may=post,3.may=get') ?? [];
  await keepReaders(fixture.pool, channels);
  expect(await readable()).toEqual([3, 4, 5]);
  await keepReaders(fixture.pool, CHANNELS);
  expect(await readable()).toEqual([1, 4, 5]);
});
