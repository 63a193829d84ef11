import { Counter, type Registry } from 'prom-client';
import { connectNats } from '../shared/nats.js';
import { runService, type Service } from '../shared/process.js';
import { Misses } from './misses.js';
import { Station, type StationOptions } from './station.js';
import { stationServer } from './station-server.js';

runService(
  'ground-station',
  async (service) => {
    const { config, logger } = service;
    const misses = new Misses();
    await serve(service, misses);
    logger.info(
      { regions: config.regions, speedup: config.stationSpeedup },
      'these ground stations are simulated: nothing is sent over a satellite',
    );
    const nc = await connectNats(config, logger, 'ground-station');
    service.onStop('NATS', () => nc.close());
    service.addCheck('nats', () => nc.flush());
    const onOutcome = countTransmissions(service.metrics);
    const { apiUrl, stationSpeedup: speedup } = config;
    const js = nc.jetstream();
    const stations = config.regions.map(
      (region) =>
        new Station({
          ...{ nc, js, logger, region, apiUrl, speedup, misses, onOutcome },
          ...(config.confirmationsSigningKey && { signingKey: config.confirmationsSigningKey }),
        }),
    );
    service.onStop('stations', () => Promise.all(stations.map((station) => station.stop())));
    await Promise.all(stations.map((station) => station.start()));
  },
  { opsServer: false, neededInProduction: ['QUITTANCE_CONFIRMATIONS_SIGNING_KEY'] },
);

async function serve(service: Service, misses: Misses): Promise<void> {
  const { opsHost: host, opsPort: port, env } = service.config;
  const { opsRoutes } = service;
  const app = stationServer({ opsRoutes, misses, switches: env !== 'production' });
  service.onStop('HTTP server', () => app.close());
  service.announce(await app.listen({ host, port }));
}

/** Counts outcomes for /metrics. */
function countTransmissions(registry: Registry): StationOptions['onOutcome'] {
  const counter = new Counter({
    name: 'quittance_station_transmissions_total',
    help: 'Simulated transmissions by region and outcome.',
    labelNames: ['region', 'outcome'],
    registers: [registry],
  });
  return (region, outcome) => counter.inc({ region: String(region), outcome });
}
