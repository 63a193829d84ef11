import { afterAll, beforeAll, describe, it } from 'vitest';
import { type ChargedSatellite, chargedApi } from './charge.helper.js';
import { RACES } from './race-rounds.helper.js';

describe('the Satellite API under concurrent requests', () => {
  let api: ChargedSatellite;
  beforeAll(async () => {
    api = await chargedApi();
  });
  afterAll(() => api.close());

  it.each(Object.entries(RACES))('%s', (_name, round) => round(api));
});
