import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANNELS } from '../../../../domain/transmissions/channels.js';
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
       max_message_bytes as "maxMessageBytes" from channels order by number`,
  );
  expect(rows).toEqual(
    CHANNELS.map(({ number, name, paid, rate, confirmTimeoutSeconds, maxMessageBytes }) => ({
      number,
      name,
      paid,
      rate,
      confirmTimeoutSeconds,
      maxMessageBytes,
    })),
  );
});
