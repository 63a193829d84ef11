import { afterAll, beforeAll, describe, it } from 'vitest';
import { type ChargedSatellite, chargedApi } from './charge.helper.js';
import { RACES } from './race-rounds.helper.js';

/** Twenty are in the soak. */
const ROUNDS = 3;

describe('the Satellite API under concurrent requests', () => {
  let api: ChargedSatellite;
  beforeAll(async () => {
    api = await chargedApi();
  });
  afterAll(() => api.close());

  it.each(Object.entries(RACES))(`%s, ${ROUNDS} rounds`, async (_name, round) => {
    for (let n = 0; n < ROUNDS; n += 1) await round(api);
  });
});
