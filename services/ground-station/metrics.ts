import { Counter, type Registry } from 'prom-client';
import type { StationOptions } from './station.js';

export function countTransmissions(registry: Registry): StationOptions['onOutcome'] {
  const counter = new Counter({
    name: 'quittance_station_transmissions_total',
    help: 'Simulated transmissions by region and how they ended.',
    labelNames: ['region', 'outcome'],
    registers: [registry],
  });
  return (region, outcome) => counter.inc({ region: String(region), outcome });
}
