import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../../db/package-root.js';
import { buildProgram } from '../../../services/cli/program.js';
import { loadConfig } from '../../../services/shared/config.js';

/** The parts of the Compose format that we use; anything else is a mistake. */
const service = z.strictObject({
  image: z.string(),
  restart: z.enum(['unless-stopped', 'on-failure']).optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .default({}),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), retries: z.int() })
    .optional(),
});
const compose = z.strictObject({
  'x-quittance': z.unknown(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

let file: z.output<typeof compose>;
beforeAll(async () => {
  const text = await readFile(join(packageRoot(), 'deploy', 'compose.yaml'), 'utf8');
  file = compose.parse(parse(text, { merge: true }));
});

const ours = (): [string, z.output<typeof service>][] =>
  Object.entries(file.services).filter(([, { image }]) => image === 'quittance');

const isProcess = (name: string): boolean =>
  [join('services', name), join('simulators', name.replace(/-simulator$/, ''))].some((folder) =>
    existsSync(join(packageRoot(), folder, 'main.ts')),
  );

describe('compose.yaml', () => {
  test('runs processes and commands that there are', () => {
    const commands = buildProgram().commands.map((command) => command.name());
    expect(ours().length).toBeGreaterThan(5);
    for (const [name, { command = [] }] of ours()) {
      const [first = ''] = command;
      expect(isProcess(first) || commands.includes(first), `${name}: ${first}`).toBe(true);
    }
  });

  test('gives each of them a configuration that it accepts', () => {
    for (const [name, { environment }] of ours()) {
      const given: Record<string, string> = {};
      for (const [variable, value] of Object.entries(environment)) {
        given[variable] = value.replace(/^\$\{[^}]*\}$/, 'b5e8'.repeat(16));
      }
      expect(() => loadConfig(given), name).not.toThrow();
    }
  });

  test('refers only to services and volumes that it has', () => {
    for (const [name, { depends_on, volumes }] of Object.entries(file.services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(file.services, `${name} → ${other}`).toHaveProperty(other);
        if (condition === 'service_healthy') {
          expect(file.services[other]?.healthcheck, other).toBeDefined();
        }
      }
      for (const volume of volumes) expect(file.volumes).toHaveProperty(volume.split(':')[0] ?? '');
    }
  });

  test('publishes ports on loopback only, and no password of its own', () => {
    const ports = Object.values(file.services).flatMap((one) => one.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    for (const [name, { environment }] of ours()) {
      expect(environment['QUITTANCE_SECRET'], name).toMatch(/^\$\{QUITTANCE_SECRET:\?/);
    }
  });
});
