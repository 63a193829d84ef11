import { Counter, Histogram, type Registry } from 'prom-client';
import { NEEDS } from '../shared/config.js';
import { connectNats } from '../shared/nats.js';
import { runService, type Service } from '../shared/process.js';
import { CHANNELS } from '../../domain/transmissions/channels.js';
import { Misses } from './misses.js';
import { openMulticast } from './multicast.js';
import { Speed } from './speed.js';
import { Station, type StationOptions } from './station.js';
import { stationServer } from './station-server.js';

runService(
  'ground-station',
  async (service) => {
    const { config, logger } = service;
    const misses = new Misses();
    const speed = new Speed(config.stationSpeedup);
    await serve(service, misses, speed);
    logger.info(
      { regions: config.regions, speedup: config.stationSpeedup },
      'these ground stations are simulated: nothing is sent over a satellite',
    );
    const nc = await connectNats(config, logger, 'ground-station');
    service.onStop('NATS', () => nc.close());
    service.addCheck('nats', () => nc.flush());
    const onOutcome = countTransmissions(service.metrics);
    const js = nc.jetstream();
    const common = {
      ...{ nc, js, logger, misses, speed, onOutcome, apiUrl: config.apiUrl },
      ...{ channels: config.channels ?? CHANNELS, confirms: config.stationConfirms },
      ...(config.satelliteToken === undefined ? {} : { token: config.satelliteToken }),
      ...(config.confirmationsSigningKey && { signingKey: config.confirmationsSigningKey }),
      ...(await multicastOf(service)),
    };
    const stations = config.regions.map((region) => new Station({ ...common, region }));
    service.onStop('stations', () => Promise.all(stations.map((station) => station.stop())));
    await Promise.all(stations.map((station) => station.start()));
  },
  { opsServer: false, ...NEEDS['ground-station'] },
);

async function multicastOf({
  config,
  logger,
  onStop,
}: Pick<Service, 'config' | 'logger' | 'onStop'>): Promise<Pick<StationOptions, 'multicast'>> {
  if (config.stationMulticast === undefined) return {};
  const multicast = await openMulticast(config.stationMulticast, logger);
  onStop('multicast', () => multicast.close());
  return { multicast };
}

async function serve(service: Service, misses: Misses, speed: Speed): Promise<void> {
  const { opsHost: host, opsPort: port, env } = service.config;
  const { opsRoutes } = service;
  const app = stationServer({ opsRoutes, misses, speed, switches: env !== 'production' });
  service.onStop('HTTP server', () => app.close());
  service.announce(await app.listen({ host, port }));
}

/** Counts and times outcomes for /metrics. */
function countTransmissions(registry: Registry): StationOptions['onOutcome'] {
  const counter = new Counter({
    name: 'quittance_station_transmissions_total',
    help: 'Simulated transmissions by region and outcome.',
    labelNames: ['region', 'outcome'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'quittance_station_transmission_seconds',
    help: 'How long simulated transmissions took, until their confirmations were published.',
    labelNames: ['region', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 600],
    registers: [registry],
  });
  return (of, outcome, took) => {
    const labels = { region: String(of), outcome };
    counter.inc(labels);
    seconds.observe(labels, took);
  };
}
