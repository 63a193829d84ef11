import { Speed } from '../../../../services/ground-station/speed.js';
import { describe, expect, it } from 'vitest';
import { Misses } from '../../../../services/ground-station/misses.js';
import { stationServer } from '../../../../services/ground-station/station-server.js';

const opsRoutes = {
  '/healthz': () => Promise.resolve({ status: 200, contentType: 'application/json', body: '{}' }),
};
const server = (switches: boolean) => {
  const misses = new Misses();
  const speed = new Speed(1);
  return { misses, speed, app: stationServer({ opsRoutes, misses, speed, switches }) };
};

describe('the switches of simulated stations', () => {
  it('add misses, list them and remove them', async () => {
    const { app, misses } = server(true);
    const miss = { region: 1, kind: 'tx', txSeqNum: 4, times: 2 };
    const added = await app.inject({ method: 'POST', url: '/simulator/miss', payload: miss });
    expect([added.statusCode, added.json()]).toEqual([200, { pending: [miss] }]);
    expect(misses.take(1, 'tx', { uuid: 'x', txSeqNum: 3 })).toBe(false);
    expect(misses.take(1, 'tx', { uuid: 'x', txSeqNum: 4 })).toBe(true);
    const listed = await app.inject('/simulator/miss');
    expect(listed.json()).toEqual({ pending: [{ ...miss, times: 1 }] });
    const cleared = await app.inject({ method: 'DELETE', url: '/simulator/miss' });
    expect(cleared.json()).toEqual({ pending: [] });
  });

  it.each([
    {},
    { region: 6, kind: 'tx' },
    { region: 1, kind: 'both' },
    { region: 1, kind: 'tx', times: 0 },
    { region: 1, kind: 'tx', uuid: 'nonsense' },
    { region: 1, kind: 'tx', unknown: 1 },
  ])('refuse %j', async (payload) => {
    const { app, misses } = server(true);
    const answer = await app.inject({ method: 'POST', url: '/simulator/miss', payload });
    expect(answer.statusCode).toBe(400);
    expect(misses.list()).toEqual([]);
  });

  it('do not exist in production, but health does', async () => {
    const { app } = server(false);
    const answer = await app.inject({ method: 'POST', url: '/simulator/miss', payload: {} });
    expect(answer.statusCode).toBe(404);
    expect((await app.inject('/healthz')).statusCode).toBe(200);
  });

  it('change the speed of stations that run', async () => {
    const { app, speed } = server(true);
    const post = (payload: object) =>
      app.inject({ method: 'POST', url: '/simulator/speed', payload });
    expect((await post({ speedup: 50 })).statusCode).toBe(200);
    expect(speed.speedup).toBe(50);
    expect((await post({ speedup: 0 })).statusCode).toBe(400);
    expect(speed.speedup).toBe(50);
  });
});
