import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../db/package-root.js';
import { ALERTS } from '../../../deploy/monitoring/alerts.js';
import { dashboardQueries } from '../../../deploy/monitoring/dashboards.js';

/** What a histogram adds to its name. */
const SUFFIX = /_(bucket|count|sum)$/;

test('every metric of ours that an alert or a dashboard asks for is one that a process has', () => {
  const asked = [...ALERTS.map(({ expr }) => expr), ...dashboardQueries()].flatMap(
    (expr) => expr.match(/quittance_\w+/g) ?? [],
  );
  const folder = join(packageRoot(), 'services');
  const sources = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith('.ts'))
    .map((file) => readFileSync(join(file.parentPath, file.name), 'utf8'))
    .join('\n');
  const missing = asked.filter((name) => !sources.includes(`'${name.replace(SUFFIX, '')}'`));
  expect(asked.length).toBeGreaterThan(20);
  expect([...new Set(missing)]).toEqual([]);
});
