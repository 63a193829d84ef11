import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isFree, newPort } from '../../shared/free-port.js';
import { PORT_NAMES, type PortName, type Ports } from './types.js';

const HOST = '127.0.0.1';

const portNumber = z.int().min(1).max(65535);
const kept = z.partialRecord(z.enum(PORT_NAMES), portNumber);

/**
 * The ports of the last start if they are free, else new ones. Ports in `asked` are used as they are.
 * Throws when one of those is not free.
 */
export async function choosePorts(dataDir: string, asked: Partial<Ports> = {}): Promise<Ports> {
  const file = join(dataDir, 'ports.json');
  const before = await readKept(file);
  const taken = new Set<number>(Object.values(asked));
  const choose = async (name: PortName): Promise<number> => {
    const fixed = asked[name];
    if (fixed !== undefined) return requireFree(fixed, name);
    const old = before[name];
    const port = old !== undefined && (await usable(old, taken)) ? old : await newPort(HOST, taken);
    taken.add(port);
    return port;
  };
  const ports: Ports = {
    postgres: await choose('postgres'),
    nats: await choose('nats'),
    temporal: await choose('temporal'),
    temporalUi: await choose('temporalUi'),
  };
  await writeFile(file, JSON.stringify(ports));
  return ports;
}

async function readKept(file: string): Promise<Partial<Ports>> {
  try {
    return kept.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}

async function requireFree(port: number, name: PortName): Promise<number> {
  if (await isFree(HOST, port)) return port;
  throw new Error(
    `port ${port} for ${name} is used by another program: stop it or choose another port`,
  );
}

async function usable(port: number, taken: ReadonlySet<number>): Promise<boolean> {
  return !taken.has(port) && (await isFree(HOST, port));
}
